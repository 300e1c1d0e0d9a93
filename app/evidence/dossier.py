"""Everything of one record as one archive that can be checked without us (证据卷宗).

The archive is the same to the byte for the same position of the log and the same checkpoint.
"""

import json
import zipfile
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

from app.events.reading import Reader
from app.evidence.checkpoint_store import CheckpointStore
from app.evidence.contents import Contents
from app.evidence.dossier_files import pack
from app.evidence.export import export_line
from app.evidence.hash_tree import HashTree
from app.projections.attachments_ledger import AttachmentRow

SCRIPT: Final = Path(__file__).with_name("sanbao_verify_dossier.py")
IN_MEMORY_BYTES: Final = 4 * 1024 * 1024
"""An archive is in memory up to this size, and beyond it on the disk."""
LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""The first instant that a zip file knows: archives do not differ by when they were asked for."""
DOCUMENT_FIELDS: Final = frozenset(
    {"doc_ref", "document_ref", "minutes_ref", "criteria_ref", "agreement_ref", "contract_ref",
     "voucher", "photos", "evidence", "photo_refs", "doc_no", "inspection_report_no",
     "certificate_no", "packing_list_no", "filing_no", "source_ref"}
)  # fmt: skip
"""Fields that name a paper or a photo."""

SELECT_LINES: Final = """
    SELECT position, event_id::text AS event_id, canonical, leaf_hash FROM events
    WHERE stream = ANY($1::text[]) ORDER BY position
"""

ABOUT: Final = """\
# Dossier of {stream} 证据卷宗

{events} events, the last at position {position} of the log.

| file | what it is | 内容 |
| --- | --- | --- |
| timeline.json | who did what, when, why, under which clause | 履历 |
| explanations.json | why each event happened: rule, comparison, evidence | 判定说明 |
| documents.json | papers and photos that the events name | 所引用的文件与照片 |
| attachments.json | files that are attached, with their hashes; why some are left out | 附件清单 |
| attachments/ | the files themselves, by attachment number | 附件 |
| events.jsonl | the events, each in the very bytes that were hashed | 事件原文 |
| proofs.json | for each event, the hashes up to the root of the checkpoint | 包含性证明 |
| checkpoint | the signed root of the log (C2SP signed note) | 已签名的检查点 |
| keys | who signs checkpoints | 验证公钥 |
| {script} | checks all of this with Python's standard library alone | 独立验证脚本 |

Check it 验证: `python {script} .`
Better with a checkpoint that you kept yourself 更好用自存的检查点: `--checkpoint FILE`.
{remark}"""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an archive."""

    name: str
    content: bytes


async def proven(reader: Reader, streams: Sequence[str]) -> tuple[list[Part], int, int]:
    """The events of streams, their proofs, the checkpoint that they lead to, and its keys.

    Returns:
        The files; how many events; how many of them are newer than the checkpoint.
    """
    rows = await reader.fetch(SELECT_LINES, list(streams))
    store, tree = CheckpointStore(reader), HashTree(reader)
    latest = await store.latest()
    size = latest.size if latest else 0
    lines = [export_line(row["leaf_hash"], row["canonical"]) for row in rows]
    proofs = {
        str(row["position"]): [
            b64encode(each).decode() for each in await tree.inclusion(row["position"] - 1, size)
        ]
        for row in rows
        if row["position"] <= size
    }
    keys = "".join(f"{each.verifier}\n" for each in await store.keys())
    parts = [
        Part("events.jsonl", b"".join(lines)),
        Part("proofs.json", as_json({"tree_size": size, "proofs": proofs})),
        Part("checkpoint", (latest.note if latest else "").encode()),
        Part("keys", keys.encode()),
    ]
    return parts, len(rows), len(rows) - len(proofs)


def documents_in(events: Sequence[tuple[str, Mapping[str, Any]]]) -> list[dict[str, str]]:
    """The papers and photos that events name, in their order.

    Args:
        events: the id and the data of each.
    """
    found: list[dict[str, str]] = []

    def look(event_id: str, value: object, field: str) -> None:
        if isinstance(value, Mapping):
            for name, each in value.items():
                look(event_id, each, name)
        elif isinstance(value, list | tuple):
            for each in value:
                look(event_id, each, field)
        elif field in DOCUMENT_FIELDS and isinstance(value, str):
            found.append({"no": value, "field": field, "event_id": event_id})

    for event_id, data in events:
        look(event_id, data, "")
    return found


def about(stream: str, *, events: int, position: int, newer: int) -> Part:
    """The front page."""
    remark = ""
    if newer:
        remark = (
            f"\n{newer} of the events are newer than the checkpoint and not proven yet: ask again "
            "in some seconds. 部分事件尚未被检查点覆盖。\n"
        )
    text = ABOUT.format(
        stream=stream,
        events=events,
        position=position,
        script=SCRIPT.name,
        remark=remark,
    )
    return Part("README.md", text.encode())


def archive(
    folder: str,
    parts: Sequence[Part],
    contents: Contents | None = None,
    attached: Sequence[AttachmentRow] = (),
) -> IO[bytes]:
    """A zip file of all parts, of what is attached, and of the script that checks them.

    It blocks: ask from a thread. The file is gone when it is closed.
    """
    out = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 - handed on

    def entry_of(name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(f"{folder}/{name}", LONG_AGO)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        return entry

    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        files = list(pack(zipped, contents, attached, entry_of))
        listed = Part("attachments.json", as_json(files))
        for part in (*parts, listed, Part(SCRIPT.name, SCRIPT.read_bytes())):
            zipped.writestr(entry_of(part.name), part.content)
    out.seek(0)
    return out


def as_json(value: object) -> bytes:
    """JSON that people can read, too."""
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
