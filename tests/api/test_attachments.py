"""Files come in over HTTP as they are, whole, and nothing of them stays when they are refused."""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import pytest

from app.evidence.contents import key_of
from tests.api.desk import Desk, Json
from tests.api.files import BYTES_MAX, PNG, attached, downloaded, parts, until, untouched, uploaded
from tests.api.stories import S_A, feedback
from tests.api.test_conventions import problem_of

PAGE: Final = b"<html><script>alert(1)</script></html>"
NOBODY: Final = "01946dcc-8eb0-7b7e-8ef3-8e62c7e3b5c3"


async def test_the_files_of_a_record_are_one_query(files: Desk, case: str) -> None:
    other = f"feedback-cases/{await feedback(files)}"
    first = await attached(files, case)
    await attached(files, other, kind="OTHER")
    second = await attached(files, case, PNG + b"2", file_name="b.png")

    ledger = "/v1/ledgers/attachments"
    page = await files.get(ledger, about=case, sort="attachment_no")
    assert [row["attachment_id"] for row in page["data"]] == [first["id"], second["id"]]
    assert {row["stream"] for row in page["data"]} == {case.replace("cases/", "case-")}
    same = await files.get(ledger, sha256=first["state"]["sha256"])
    assert {row["about"] for row in same["data"]} == {case, other}
    assert len((await files.get(ledger, kind="OTHER", added_by="u.qa1"))["data"]) == 1
    timeline = await files.get(f"/v1/{case}/timeline")
    assert [e["what"] for e in timeline["data"]].count("AttachmentAdded") == 2


async def test_a_record_of_any_kind_can_have_files_if_it_is_there(
    files: Desk, case: str, tmp_path: Path
) -> None:
    for about in (
        f"feedback-cases/{NOBODY}", "feedback-cases/x", "nonsense/1", "feedback-cases",
        "work-calendar/main",
        "attachments/" + NOBODY, f"feedback-case/{case.partition('/')[2]}",
    ):  # fmt: skip
        problem = problem_of(await uploaded(files, about), 404, "ATTACHED_TO_NOTHING")
        assert problem["errors"][0]["pointer"] == "query:about"
    await untouched(files, tmp_path)
    lot = {
        "spec_code": S_A,
        "produced_on": "2025-01-20",
        "qty": 5000,
        "workshop": "W1",
        "warehoused_on": "2025-01-21",
    }
    await files.does("/v1/production-lots/L1%2F2/record", lot, by="u.prod")
    done = await attached(files, "production-lots/L1/2")
    assert done["state"]["about"] == {"kind": "production-lot", "id": "L1/2"}


async def test_the_same_key_again_is_the_same_answer(files: Desk, case: str) -> None:
    first = await uploaded(files, case, key="k-1")
    again = await uploaded(files, case, key="k-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    problem_of(await uploaded(files, case, PNG + b"2", key="k-1"), 422, "KEY_REUSED")
    problem_of(await uploaded(files, case, key="k-1", kind="OTHER"), 422, "KEY_REUSED")
    assert len(await files.events("AttachmentAdded")) == 1


async def test_one_content_sent_by_many_at_once_is_stored_once(
    files: Desk, case: str, tmp_path: Path
) -> None:
    answers = await asyncio.gather(*(uploaded(files, case) for _ in range(8)))

    assert {each.status_code for each in answers} == {201}
    assert len({each.json()["state"]["attachment_no"] for each in answers}) == 8
    (stored,) = parts(tmp_path)
    assert stored.relative_to(tmp_path / "attachments") == Path(
        key_of(hashlib.sha256(PNG).hexdigest())
    )
    assert stored.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("headers", "content", "code", "status"),
    [
        ({}, PAGE, "CONTENT_NOT_ITS_TYPE", 422),
        ({"Content-Type": "application/pdf"}, PAGE, "FILE_NAME_DOES_NOT_FIT", 422),
        ({"Content-Type": "text/html"}, PAGE, "ATTACHMENT_TYPE_NOT_TAKEN", 415),
        ({"Content-Type": "image/svg+xml"}, b"<svg/>", "ATTACHMENT_TYPE_NOT_TAKEN", 415),
        ({"Content-Encoding": "gzip"}, PNG, "ATTACHMENT_TYPE_NOT_TAKEN", 415),
        ({}, b"", "EMPTY_FILE", 422),
        ({"Content-Digest": "sha-256=:" + "A" * 43 + "=:"}, PNG, "DIGEST_MISMATCH", 422),
        ({"Content-Digest": "sha-256=:nonsense:"}, PNG, "MALFORMED", 422),
        ({"Content-Digest": "md5=:AAAA:"}, PNG, "MALFORMED", 422),
    ],
)
async def test_a_file_that_is_not_what_it_says_is_refused(  # noqa: PLR0913, PLR0917
    files: Desk,
    case: str,
    tmp_path: Path,
    headers: dict[str, str],
    content: bytes,
    code: str,
    status: int,
) -> None:
    problem_of(await uploaded(files, case, content, headers=headers), status, code)
    await untouched(files, tmp_path)


async def test_a_digest_that_fits_is_taken(files: Desk, case: str) -> None:
    sent = f"sha-512=:AAAA:, sha-256=:{b64encode(hashlib.sha256(PNG).digest()).decode()}:"
    answer = await uploaded(files, case, headers={"Content-Digest": sent})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.png", "..\\a.png", "/a.png", "a\r\nSet-Cookie: x=1.png", "a\0.png",
        "\u202egnp.exe.png", ".png", "a" * 197 + ".png",
    ],
)  # fmt: skip
async def test_names_that_are_paths_or_traps_are_refused(
    files: Desk, case: str, tmp_path: Path, name: str
) -> None:
    problem = problem_of(await uploaded(files, case, file_name=name), 422, "MALFORMED")
    assert [each["pointer"] for each in problem["errors"]] == ["query:file_name"]
    await untouched(files, tmp_path)


async def test_quotes_in_a_name_stay_in_the_name(files: Desk, case: str) -> None:
    name = 'a"; filename="b.exe"; x=%0d%0a é.png'
    done = await attached(files, case, file_name=name)

    disposition = (await downloaded(files, done["id"])).headers["content-disposition"]

    assert disposition.count('"') == 2
    assert unquote(disposition.rpartition("''")[2]) == name


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"kind": "SELFIE"}, "query:kind"),
        ({"colour": "red"}, "query:colour"),
        ({"taken_on": "yesterday"}, "query:taken_on"),
        ({"description": "a\0b"}, "query:description"),
        ({"about": "a\0b/c"}, "query:about"),
    ],
)
async def test_the_address_is_read_strictly(
    files: Desk, case: str, said: Json, pointer: str
) -> None:
    asked: Json = {"about": case} | said
    problem = problem_of(await uploaded(files, asked.pop("about"), **asked), 422, "MALFORMED")
    assert problem["errors"][0]["pointer"] == pointer


async def test_what_was_taken_tomorrow_is_refused_where_it_stands(files: Desk, case: str) -> None:
    problem = problem_of(await uploaded(files, case, taken_on="2999-01-01"), 422, "IN_THE_FUTURE")
    assert problem["errors"][0]["pointer"] == "query:taken_on"


async def test_a_file_up_to_the_limit_is_taken_and_one_byte_more_is_not(
    files: Desk, case: str, tmp_path: Path
) -> None:
    whole = PNG.ljust(BYTES_MAX, b".")

    async def unannounced() -> AsyncIterator[bytes]:
        yield whole
        yield b"!"

    for content in (whole + b"!", unannounced()):
        problem = problem_of(await uploaded(files, case, content), 413, "TOO_LARGE")
        assert problem["details"] == {"bytes_max": BYTES_MAX}
    await untouched(files, tmp_path)
    done = await attached(files, case, whole)
    assert (await downloaded(files, done["id"])).content == whole


async def test_an_upload_that_is_cut_off_leaves_nothing(
    files: Desk, case: str, tmp_path: Path
) -> None:
    spool = tmp_path / "attachments" / "incoming"

    async def broken() -> AsyncIterator[bytes]:
        yield PNG
        await until(lambda: len(list(spool.iterdir())) == 1)
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        await uploaded(files, case, broken(), key="k-1")
    await until(lambda: not list(spool.iterdir()))
    await untouched(files, tmp_path)
    assert (await uploaded(files, case, key="k-1")).status_code == 201


async def test_nobody_says_a_hash_of_his_own(files: Desk, case: str) -> None:
    said = {
        "about": {"kind": "feedback-case", "id": case.partition("/")[2]},
        "kind": "PHOTO",
        "file_name": "a.png",
        "media_type": "image/png",
        "size_bytes": 1,
        "sha256": "ab" * 32,
    }
    answer = await files.post("/v1/attachments", said, by="u.qa1")
    problem_of(answer, 422, "MALFORMED")


async def test_keys_and_roles_are_asked_for_before_a_byte_is_read(
    files: Desk, case: str, tmp_path: Path
) -> None:
    problem_of(await uploaded(files, case, by="u.aud"), 403, "WRONG_ROLE")
    nobody = await uploaded(files, case, headers={"Authorization": "Bearer nonsense"})
    problem_of(nobody, 401, "UNAUTHENTICATED")
    problem_of(await uploaded(files, case, key="a b"), 400, "IDEMPOTENCY_KEY_MISSING")
    unknown = await files.http.get(f"/v1/attachments/{NOBODY}/content")
    problem_of(unknown, 401, "UNAUTHENTICATED")
    for named in (NOBODY, "AT-2025-999999", "nonsense"):
        problem_of(await downloaded(files, named), 404, "NOT_FOUND")
    await untouched(files, tmp_path)
