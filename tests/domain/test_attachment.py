"""Attachments: files of few types, called as what they are, withdrawn by whom they belong to."""

from datetime import date
from typing import Any, Final

import pytest
from pydantic import ValidationError

from app.domain.attachment.decisions import (
    AddAttachment,
    AttachmentIsWithdrawn,
    AttachmentNotYours,
    FileNameDoesNotFit,
    WithdrawAttachment,
    attachment,
)
from app.domain.attachment.events import AttachmentAdded, AttachmentWithdrawn
from app.domain.attachment.words import (
    DOCX,
    EXTENSIONS,
    XLSX,
    AttachedTo,
    AttachmentStatus,
    is_what_it_says,
)
from app.domain.errors import AlreadyExists, InTheFuture, NotFound, WrongRole
from app.domain.values import Role
from tests.people import CLERK, ENGINEER, ERP, NOON, ONE, QUALITY_MANAGER, Person
from tests.spec import Spec

NONE_YET: Final = Spec(attachment)
DOC: Final = "application/pdf"


def add(**said: Any) -> AddAttachment:  # noqa: ANN401 - any field of the command
    """A photo of a leak, of the day before."""
    body = {
        "about": {"kind": "feedback-case", "id": ONE},
        "kind": "PHOTO",
        "file_name": "漏油.jpg",
        "media_type": "image/jpeg",
        "size_bytes": 7,
        "sha256": "ab" * 32,
        "taken_on": "2025-03-02",
    }
    return AddAttachment.model_validate(body | said)


def added(**said: Any) -> AttachmentAdded:  # noqa: ANN401 - any field of the event
    """What `add` leads to."""
    return AttachmentAdded(attachment_no="AT-2025-000001", **dict(add(**said)))


WITHDRAW: Final = WithdrawAttachment(reason="It shows another piece.")
WITHDRAWN: Final = AttachmentWithdrawn(
    attachment_no="AT-2025-000001", reason="It shows another piece."
)
ADDED: Final = NONE_YET.given(ENGINEER.did(added()))


@pytest.mark.parametrize("who", [CLERK, ENGINEER, ERP])
def test_whoever_records_facts_attaches_files(who: Person) -> None:
    NONE_YET.when(who.asks(add())).then(added())


def test_an_auditor_attaches_nothing() -> None:
    NONE_YET.when(Person("u.aud", Role.AUDITOR).asks(add())).then_refused(WrongRole)


def test_a_file_is_attached_once_under_one_id() -> None:
    ADDED.when(CLERK.asks(add())).then_refused(AlreadyExists, attachment_no="AT-2025-000001")


def test_nothing_was_photographed_tomorrow() -> None:
    NONE_YET.when(CLERK.asks(add(taken_on="2025-03-03"))).then(added(taken_on="2025-03-03"))
    NONE_YET.when(CLERK.asks(add(taken_on="2025-03-04"))).then_refused(InTheFuture)


def test_a_file_is_called_as_its_type_is() -> None:
    NONE_YET.when(CLERK.asks(add(file_name="A.JPEG"))).then(added(file_name="A.JPEG"))
    for name in ("a.html", "a.jpg.exe", "jpg", "a.png"):
        refused = NONE_YET.when(CLERK.asks(add(file_name=name)))
        refused.then_refused(FileNameDoesNotFit, extensions=[".jpg", ".jpeg"])
    unknown = NONE_YET.when(CLERK.asks(add(file_name="a.html", media_type="text/html")))
    unknown.then_refused(FileNameDoesNotFit, extensions=[])


@pytest.mark.parametrize(
    "name",
    [
        "", "../a.jpg", "a/b.jpg", "a\\b.jpg", ".jpg", "..", " a.jpg", "a.jpg ", "a\r\nb.jpg",
        "a\0.jpg", "a\u202egpj.exe", "a\u200b.jpg", "a\u2028.jpg", "a\ud800.jpg",
        "a" * 197 + ".jpg",
    ],
)  # fmt: skip
def test_a_name_is_no_path_and_looks_like_what_it_is(name: str) -> None:
    with pytest.raises(ValidationError):
        add(file_name=name)


def test_one_spelling_of_a_name_is_kept() -> None:
    assert add(file_name="cafe\u0301.jpg").file_name == "caf\u00e9.jpg"
    assert add(file_name='报告(终)"1"; x=y.jpg').file_name == '报告(终)"1"; x=y.jpg'
    with pytest.raises(ValidationError):
        add(file_name=7)


def test_who_added_it_and_the_quality_manager_withdraw_it() -> None:
    for who in (ENGINEER, ENGINEER.wearing(Role.SALES_CLERK), QUALITY_MANAGER):
        ADDED.when(who.asks(WITHDRAW)).then(WITHDRAWN)
    ADDED.when(CLERK.standing_in_for(ENGINEER).asks(WITHDRAW)).then(WITHDRAWN)
    ADDED.when(CLERK.asks(WITHDRAW)).then_refused(AttachmentNotYours, added_by=ENGINEER.name)
    assert WITHDRAW.hats() == {Role.QA_MANAGER}


def test_nothing_is_withdrawn_twice_or_before_it_was_added() -> None:
    NONE_YET.when(CLERK.asks(WITHDRAW)).then_refused(NotFound)
    withdrawn = ADDED.given(QUALITY_MANAGER.did(WITHDRAWN))
    withdrawn.when(ENGINEER.asks(WITHDRAW)).then_refused(AttachmentIsWithdrawn)


def test_a_withdrawn_attachment_still_says_what_it_was() -> None:
    state = ADDED.given(QUALITY_MANAGER.did(WITHDRAWN)).state()

    assert state.status is AttachmentStatus.WITHDRAWN
    assert (state.sha256, state.added_by, state.taken_on) == ("ab" * 32, "Wang", date(2025, 3, 2))
    assert (state.withdrawn_by, state.withdrawn_at) == ("Xu", NOON)
    assert state.withdrawn_because == "It shows another piece."
    assert state.about == AttachedTo(kind="feedback-case", id=ONE)
    assert state.about.stream == f"feedback-case-{ONE}"


ZIP: Final = b"PK\x03\x04" + b"." * 30
FILES: Final = {
    "image/jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "image/png": b"\x89PNG\r\n\x1a\n IHDR",
    "image/webp": b"RIFF\x10\0\0\0WEBPVP8 ",
    "image/heic": b"\0\0\0\x18ftypheic\0\0\0\0",
    "image/tiff": b"II*\0\x08\0\0\0",
    DOC: b"%PDF-1.7\n",
    XLSX: ZIP + b"xl/workbook.xml" + b"PK\x05\x06" + b"\0" * 18,
    DOCX: ZIP + b"word/document.xml" + b"PK\x05\x06" + b"\0" * 18,
    "text/csv": "件号,数量\r\nA,1\n".encode(),
    "text/plain": "漏油。\tyes\n".encode(),
    "video/mp4": b"\0\0\0\x20ftypisom\0\0\x02\0",
}


def test_every_type_knows_its_own_files_and_no_others() -> None:
    assert FILES.keys() == EXTENSIONS.keys()
    for media_type in EXTENSIONS:
        told = {each for each, file in FILES.items() if is_what_it_says(media_type, file, file)}
        text = {"text/csv", "text/plain"}
        assert told - {DOC} == (text if media_type in text else {media_type}) - {DOC}
        assert not is_what_it_says(media_type, b"MZ\x90\0\x03", b"MZ\x90\0\x03")


def test_office_files_come_whole_and_without_macros() -> None:
    whole = FILES[XLSX]
    assert not is_what_it_says(XLSX, whole, whole[:-22])
    assert not is_what_it_says(XLSX, whole, b"xl/vbaProject.bin" + whole)
    assert not is_what_it_says(XLSX, b"\xd0\xcf\x11\xe0", whole)


def test_a_page_is_not_a_picture() -> None:
    page = b"<html><script>alert(1)</script>"
    assert not is_what_it_says("image/png", page, page)
    assert not is_what_it_says(DOC, b"\n%PDF-1.7" + page, page)
