"""Files are evidence: in dossiers, in `sanbao verify`, in the audit of audits; in any store."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from obstore.store import MemoryStore
from typing_extensions import override

from app.api import meters
from app.config import Settings
from app.events.reading import Reader
from app.evidence import dossier_files
from app.evidence.contents import (
    ContentDamaged,
    ContentMissing,
    Contents,
    contents_at,
    key_of,
)
from app.evidence.signer import Signer
from app.evidence.signing_keys import SigningKeys
from app.evidence.verify import Finding
from app.evidence.verify_files import check_files
from app.main import Plan
from tests.api.desk import Desk, open_desk
from tests.api.files import PNG, attached, downloaded, uploaded
from tests.api.stories import define_cause, feedback, notice
from tests.api.test_dossiers import checked, read, unpacked
from tests.api.test_tree import signs


async def dossier(desk: Desk, about: str, to: Path) -> Path:
    """A dossier, unpacked."""
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    answer = await desk.http.get(f"/v1/{about}/dossier", headers=bearer)
    assert answer.status_code == 200, answer.text
    again = await desk.http.get(f"/v1/{about}/dossier", headers=bearer)
    assert again.content == answer.content
    return unpacked(answer.content, to)


async def test_a_claims_dossier_brings_the_files_of_its_cases_and_those_that_it_names(
    files: Desk, case: str, plan: Plan, tmp_path: Path
) -> None:
    await define_cause(files)
    other = f"feedback-cases/{await feedback(files)}"
    lent = (await attached(files, other, PNG + b"lent"))["state"]
    of_case = (await attached(files, case, file_name="漏油.PNG"))["state"]
    at = f"/v1/{case}"
    found = {"cause_code": "M01", "occurrence_cause": "The knife was worn.", "method": "TEARDOWN",
             "evidence": [lent["attachment_no"]]}  # fmt: skip
    await files.does(f"{at}/determine-root-cause", found, by="u.qa1")
    told = notice("80.00", cases=(case.partition("/")[2],), failure_on="2026-01-05")
    claim = f"claims/{(await files.does('/v1/claims', told, by='u.clerk'))['id']}"
    of_claim = (await attached(files, claim, PNG + b"claim", kind="CORRESPONDENCE"))["state"]
    gone = await attached(files, claim, PNG + b"wrong")
    await files.does(
        f"/v1/attachments/{gone['id']}/withdraw", {"reason": "误附于本单。"}, by="u.qa1"
    )
    signer = Signer(SigningKeys(tmp_path, "plant.example/sanbao"), lambda: datetime.now(UTC))
    await signs(plan, signer)

    folder = await dossier(files, claim, tmp_path / "dossier")

    listed = {each["attachment_no"]: each for each in read(folder, "attachments.json")}
    brought = {no: each["file"] for no, each in listed.items() if each["file"]}
    assert brought == {
        each["attachment_no"]: f"attachments/{each['attachment_no']}.png"
        for each in (lent, of_case, of_claim)
    }
    for no, file in brought.items():
        digest = hashlib.sha256((folder / file).read_bytes()).hexdigest()
        assert digest == listed[no]["sha256"]
    withdrawn = listed[gone["state"]["attachment_no"]]
    assert (withdrawn["file"], withdrawn["left_out"]["code"]) == (None, "WITHDRAWN")
    code, said = checked(folder)
    assert (code, said.splitlines()[-1]) == (0, "all holds"), said
    assert "left out" in said

    path = folder / brought[of_case["attachment_no"]]
    for change, words in (
        (lambda: path.write_bytes(PNG + b"!"), "is not the file that was attached"),
        (path.unlink, "was taken out"),
        (lambda: path.with_name("x.png").write_bytes(PNG), "was put in"),
    ):
        change()
        code, said = checked(folder)
        assert (code, words in said) == (1, True), said


async def test_what_a_dossier_leaves_out_it_says_and_why(
    files: Desk, case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged, missing, _, large = [
        (await attached(files, case, PNG + bytes([each])))["state"] for each in range(4)
    ]
    store = tmp_path / "attachments"
    (store / key_of(damaged["sha256"])).write_bytes(PNG)
    (store / key_of(missing["sha256"])).unlink()
    monkeypatch.setattr(dossier_files, "FILES_BYTES_MAX", len(PNG) + 1)

    folder = await dossier(files, case, tmp_path / "dossier")

    listed = read(folder, "attachments.json")
    codes = [each["left_out"] and each["left_out"]["code"] for each in listed]
    assert codes == ["DAMAGED", "MISSING", None, "TOO_MUCH"]
    assert listed[-1]["attachment_no"] == large["attachment_no"]


async def found_in(reader: Reader, contents: Contents) -> list[Finding]:
    """What the check of the files finds."""
    return [each async for each in check_files(reader, contents)]


async def test_verify_names_the_first_file_that_does_not_hold(
    files: Desk, case: str, contents: Contents, tmp_path: Path
) -> None:
    reader = files.edge.reader
    assert await found_in(reader, contents) == []
    done = [await attached(files, case, PNG + bytes([each])) for each in range(3)]
    await attached(files, case, PNG + bytes([1]))
    await files.does(
        f"/v1/attachments/{done[1]['id']}/withdraw", {"reason": "误附于本单。"}, by="u.qa1"
    )
    assert await found_in(reader, contents) == []

    store = tmp_path / "attachments"
    (store / key_of(done[1]["state"]["sha256"])).unlink()
    (store / key_of(done[2]["state"]["sha256"])).write_bytes(b"")

    first, second = await found_in(reader, contents)
    assert (first.position, second.position) == (done[1]["position"], done[2]["position"])
    assert done[1]["state"]["attachment_no"] in first.what
    assert "is gone" in first.what
    assert "is not the one that was attached" in second.what


async def test_the_command_line_checks_files_unless_told_not_to(
    files: Desk, case: str, plan: Plan, tmp_path: Path
) -> None:
    done = await attached(files, case)
    (tmp_path / "attachments" / key_of(done["state"]["sha256"])).write_bytes(PNG[::-1])
    settings = {"DATABASE_URL": plan.database.url, "SANBAO_SCHEMA": plan.database.schema}

    def verify(*options: str) -> tuple[int, Any]:
        told: list[str | Path] = [
            Path(sys.executable).with_name("sanbao"),
            "verify",
            "--json",
            *options,
        ]
        ran = subprocess.run(  # noqa: S603 - ours
            [*told, f"--data-dir={tmp_path}"],
            env=settings,
            capture_output=True,
            check=False,
        )
        return ran.returncode, json.loads(ran.stdout)

    code, said = verify()
    assert (code, said["holds"], said["first_bad_position"]) == (1, False, done["position"])
    assert verify("--no-attachments") == (0, said | {
        "holds": True, "first_bad_position": None, "findings": [],
    })  # fmt: skip


async def test_what_an_auditor_downloads_counts(
    files: Desk, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = await attached(files, case)
    monkeypatch.setattr(meters, "ROWS_MAX", 1)

    await downloaded(files, done["id"], by="u.aud")
    await downloaded(files, done["id"], by="u.qam")
    await downloaded(files, done["id"], by="u.aud")

    (row,) = (await files.get("/v1/ledgers/audit-accesses", by="u.qam"))["data"]
    assert (row["what"], row["count"]) == (f"/v1/attachments/{done['id']}/content", 2)


async def test_an_object_store_keeps_files_as_a_folder_does(plan: Plan, tmp_path: Path) -> None:
    """S3 itself is not at hand here: this is obstore's other store, by the way that S3 goes."""
    contents = Contents(MemoryStore(), tmp_path / "incoming")
    async with open_desk(replace(plan, contents=contents)) as desk:
        about = f"feedback-cases/{await feedback(desk)}"
        whole = PNG.ljust(12 * 1024 * 1024, b".")  # three parts

        done = await attached(desk, about, whole)
        await attached(desk, about, whole)

        assert (await downloaded(desk, done["id"])).content == whole
        part = await downloaded(desk, done["id"], Range="bytes=-3")
        assert part.content == b"..."
    assert list((tmp_path / "incoming").iterdir()) == []
    with pytest.raises(ContentMissing):
        contents.check("ab" * 32, 1)
    with pytest.raises(ContentDamaged):
        contents.check(done["state"]["sha256"], 1)


class Empty(BaseHTTPRequestHandler):
    """A bucket with nothing in it."""

    def do_GET(self) -> None:
        """There is no such key."""
        self.send_error(404)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def empty_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    """What the environment names as S3."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Empty) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.usefixtures("empty_bucket")
def test_settings_name_the_store(tmp_path: Path) -> None:
    far = contents_at("s3://plant/attachments", tmp_path, 10)

    with pytest.raises(ContentMissing):
        far.check("ab" * 32, 1)  # it was asked where the environment says
    contents_at(f"file://{tmp_path}/a%20b", tmp_path, 10)
    assert (tmp_path / "a b" / "incoming").is_dir()
    for wrong in ("s3://key:secret@bucket/x", "ftp://x", "file://host/x", "/folder"):
        with pytest.raises(ValueError, match="attachments_url"):
            Settings(attachments_url=wrong)


async def test_a_large_file_is_never_whole_in_memory(plan: Plan, tmp_path: Path) -> None:
    """Of 64 MiB in and out, a few pieces are held at once."""
    size, piece = 64 * 1024 * 1024, b"." * 65_536
    contents = contents_at(None, tmp_path, size)

    async def pieces() -> AsyncIterator[bytes]:
        yield PNG[:65_536]
        for _ in range(size // len(piece) - 1):
            yield piece

    async with open_desk(replace(plan, contents=contents)) as desk:
        about = f"feedback-cases/{await feedback(desk)}"
        held = peak()
        done = await uploaded(desk, about, pieces())
        assert done.status_code == 201, done.text
        bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
        at = f"/v1/attachments/{done.json()['id']}/content"
        told = hashlib.sha256()
        async with desk.http.stream("GET", at, headers=bearer) as answer:
            async for each in answer.aiter_bytes():
                told.update(each)
        assert told.hexdigest() == done.json()["state"]["sha256"]
        assert peak() - held < size // 2


def peak() -> int:
    """The most memory that this process ever held, in bytes; the server runs in it."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    pytest.skip("only Linux tells")


async def test_a_dossier_with_files_is_a_whole_archive(files: Desk, case: str) -> None:
    await attached(files, case)
    bearer = {"Authorization": f"Bearer {files.keys['u.aud']}"}

    answer = await files.http.get(f"/v1/{case}/dossier", headers=bearer)

    assert answer.headers["content-length"] == str(len(answer.content))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as zipped:
        assert zipped.testzip() is None
