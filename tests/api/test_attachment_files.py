"""Files go out as they came in, to whom they may, and never when they were changed."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest

from app.domain.values import Role
from tests.api.desk import Desk
from tests.api.files import PNG, attached, downloaded, parts, uploaded
from tests.api.stories import feedback
from tests.api.test_conventions import problem_of


async def test_a_file_comes_back_as_it_went_in(files: Desk, case: str) -> None:
    done = await attached(files, case, description="唇口缺胶", taken_on="2025-03-02")
    state = done["state"]
    digest = hashlib.sha256(PNG)

    assert re.fullmatch(r"AT-\d{4}-000001", state["attachment_no"])
    assert state["about"] == {"kind": "feedback-case", "id": case.partition("/")[2]}
    assert (state["sha256"], state["size_bytes"]) == (digest.hexdigest(), len(PNG))
    assert (state["file_name"], state["media_type"]) == ("漏油 1.png", "image/png")
    assert (state["added_by"], state["description"]) == ("u.qa1", "唇口缺胶")
    for named in (done["id"], state["attachment_no"]):
        read = await files.get(f"/v1/attachments/{named}")
        assert (read["id"], read["revision"], read["state"]) == (done["id"], 1, state)
        answer = await downloaded(files, named)
        assert (answer.status_code, answer.content) == (200, PNG)
    headers = answer.headers
    disposition = headers["content-disposition"]
    assert disposition.startswith('attachment; filename="__ 1.png"; filename*=UTF-8')
    assert unquote(disposition.rpartition("''")[2]) == "漏油 1.png"
    assert headers["content-type"] == "image/png"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert headers["cache-control"] == "private, no-store"
    assert headers["etag"] == f'"{digest.hexdigest()}"'
    assert headers["repr-digest"] == f"sha-256=:{b64encode(digest.digest()).decode()}:"
    assert headers["content-length"] == str(len(PNG))


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=5-99", slice(5, 100)),
        ("bytes=70000-", slice(70_000, None)),
        ("bytes=-8", slice(-8, None)),
        ("bytes=10-999999999", slice(10, None)),
    ],
)
async def test_a_part_is_sent_when_asked_for(
    files: Desk, case: str, asked: str, part: slice
) -> None:
    done = await attached(files, case)

    answer = await downloaded(files, done["id"], Range=asked)

    assert (answer.status_code, answer.content) == (206, PNG[part])
    start, stop, _ = part.indices(len(PNG))
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(PNG)}"
    assert answer.headers["content-length"] == str(len(answer.content))


async def test_other_ranges_are_the_whole_file_or_no_bytes_at_all(files: Desk, case: str) -> None:
    done = await attached(files, case)
    etag = f'"{done["state"]["sha256"]}"'

    for asked in ("bytes=0-1,4-5", "lines=1-2", "bytes=9-3", "bytes=", "nonsense"):
        assert (await downloaded(files, done["id"], Range=asked)).status_code == 200
    other = await downloaded(files, done["id"], Range="bytes=0-1", If_Range='"other"')
    assert other.status_code == 200
    same = await downloaded(files, done["id"], Range="bytes=0-1", If_Range=etag)
    assert same.status_code == 206
    for asked in (f"bytes={len(PNG)}-", "bytes=-0"):
        beyond = await downloaded(files, done["id"], Range=asked)
        problem_of(beyond, 416, "RANGE_NOT_SATISFIABLE")
        assert beyond.headers["content-range"] == f"bytes */{len(PNG)}"
    for known in (etag, f'"x", W/{etag}', "*"):
        fresh = await downloaded(files, done["id"], If_None_Match=known)
        assert (fresh.status_code, fresh.content) == (304, b"")


def cut(path: Path) -> None:
    """A file that lost its end."""
    path.write_bytes(PNG[:-1])


def turned(path: Path) -> None:
    """A file of the same length with one other bit."""
    path.write_bytes(PNG[:-1] + bytes([PNG[-1] ^ 1]))


def grown(path: Path) -> None:
    """A file with more than there was."""
    path.write_bytes(PNG + b"more")


def gone(path: Path) -> None:
    """No file at all."""
    path.unlink()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (cut, "CONTENT_DAMAGED"),
        (turned, "CONTENT_DAMAGED"),
        (grown, "CONTENT_DAMAGED"),
        (gone, "CONTENT_MISSING"),
    ],
)
async def test_a_file_that_was_changed_is_not_handed_out_until_it_comes_back(
    files: Desk, case: str, tmp_path: Path, change: Callable[[Path], None], code: str
) -> None:
    done = await attached(files, case)
    (stored,) = parts(tmp_path)
    change(stored)

    for answer in (
        await downloaded(files, done["id"]),
        await downloaded(files, done["id"], Range="bytes=0-1"),
    ):
        problem = problem_of(answer, 410, code)
        assert problem["details"]["sha256"] == done["state"]["sha256"]

    await attached(files, case, file_name="again.png")
    assert (await downloaded(files, done["id"])).content == PNG


async def test_a_store_that_is_not_there_is_told_so(files: Desk, case: str, tmp_path: Path) -> None:
    done = await attached(files, case)
    store = tmp_path / "attachments" / "sha256"
    store.rename(tmp_path / "unmounted")

    answer = await downloaded(files, done["id"])
    problem_of(answer, 503, "CONTENT_UNAVAILABLE")
    assert answer.headers["retry-after"]
    problem_of(await uploaded(files, case, key="k-1"), 503, "CONTENT_UNAVAILABLE")
    assert not store.exists()

    (tmp_path / "unmounted").rename(store)
    assert (await downloaded(files, done["id"])).content == PNG
    assert (await uploaded(files, case, key="k-1")).status_code == 201
    (tmp_path / "attachments" / "incoming").rmdir()
    problem_of(await uploaded(files, case), 503, "CONTENT_UNAVAILABLE")


async def test_a_house_without_a_store_takes_no_files(desk: Desk) -> None:
    case = await feedback(desk)
    problem_of(await uploaded(desk, f"feedback-cases/{case}"), 503, "CONTENT_UNAVAILABLE")


async def test_what_was_withdrawn_is_for_auditors_and_the_quality_manager(
    files: Desk, case: str
) -> None:
    done = await attached(files, case)
    at = f"/v1/attachments/{done['id']}"
    reason = {"reason": "附错了单据。"}
    others = await files.post(f"{at}/withdraw", reason, by="u.clerk")
    problem_of(others, 403, "ATTACHMENT_NOT_YOURS")

    withdrawn = await files.does(f"{at}/withdraw", reason, by="u.qa1")

    assert withdrawn["state"]["status"] == "WITHDRAWN"
    for reader in ("u.clerk", "u.qa1", "u.gm", "erp"):
        problem_of(await downloaded(files, done["id"], by=reader), 403, "CONTENT_WITHDRAWN")
    for reader in ("u.aud", "u.qam", await files.hat("u.qa1", Role.QA_ENGINEER, Role.QA_MANAGER)):
        assert (await downloaded(files, done["id"], by=reader)).content == PNG
    (row,) = (await files.get("/v1/ledgers/attachments", status="WITHDRAWN"))["data"]
    assert (row["withdrawn_by"], row["withdrawn_because"]) == ("u.qa1", "附错了单据。")
