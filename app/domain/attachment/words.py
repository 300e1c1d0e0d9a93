"""What files are taken, how they are called, and how the first bytes of each kind begin."""

import unicodedata
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from app.domain.values import Code

OOXML: Final = "application/vnd.openxmlformats-officedocument."
XLSX: Final = f"{OOXML}spreadsheetml.sheet"
DOCX: Final = f"{OOXML}wordprocessingml.document"

EXTENSIONS: Final = MappingProxyType(
    {
        "image/jpeg": (".jpg", ".jpeg"),
        "image/png": (".png",),
        "image/webp": (".webp",),
        "image/heic": (".heic", ".heif"),
        "image/tiff": (".tif", ".tiff"),
        "application/pdf": (".pdf",),
        XLSX: (".xlsx",),
        DOCX: (".docx",),
        "text/csv": (".csv",),
        "text/plain": (".txt", ".log"),
        "video/mp4": (".mp4",),
    }
)
"""The media types that are taken, and how the names of their files end: what a machine would run,
or a browser would show as a page, is not among them."""


class AttachmentKind(StrEnum):
    """What a file is (附件类别)."""

    PHOTO = "PHOTO"
    INSPECTION_REPORT = "INSPECTION_REPORT"
    SIGNED_DOCUMENT = "SIGNED_DOCUMENT"
    CORRESPONDENCE = "CORRESPONDENCE"
    OTHER = "OTHER"


class AttachmentStatus(StrEnum):
    """How an attachment stands (状态)."""

    NOT_ADDED = "NOT_ADDED"
    ADDED = "ADDED"
    WITHDRAWN = "WITHDRAWN"


class AttachedTo(BaseModel):
    """The record that a file belongs to (所属记录)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=40)] = Field(
        description="The kind of record, as its stream is called.", examples=["feedback-case"]
    )
    id: Code

    @property
    def stream(self) -> str:
        """Where the record stands in the log."""
        return f"{self.kind}-{self.id}"


def _one_form(name: object) -> object:
    return unicodedata.normalize("NFC", name) if isinstance(name, str) else name


def _plain(name: str) -> str:
    """A name that is no path, and looks like what it is.

    Raises:
        ValueError: it holds a separator, or a character that is not seen or turns the others.
    """
    if any(each in "/\\" for each in name):
        raise ValueError("a name, not a path: no / and no \\")
    if any(unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for each in name):
        raise ValueError("no control characters, line breaks or characters that turn the text")
    if name != name.strip() or name.startswith("."):
        raise ValueError("no blanks at the ends and no dot in front")
    return name


FileName = Annotated[
    str,
    BeforeValidator(_one_form),
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(_plain),
    Field(description="文件名, with the extension of its media type.", examples=["漏油-1.jpg"]),
]
MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z]+/[a-z0-9.+-]+$", max_length=100)]
Sha256 = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    Field(description="SHA-256 of the file, in hex.", examples=["9f86d081" * 8]),
]
Bytes = Annotated[int, Field(ge=1, le=2**40, strict=True, description="Bytes (字节).")]

# --- how files begin ------------------------------------------------------------------------

HEAD_BYTES: Final = 4_096
TAIL_BYTES: Final = 262_144
"""How much of a file's beginning and end is looked at."""
_BEGINNINGS: Final = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/tiff": (b"II*\0", b"MM\0*"),
    "application/pdf": (b"%PDF-",),
}
_BRANDS: Final = {
    "image/heic": (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"),
    "video/mp4": (b"iso", b"mp4", b"avc1", b"M4V", b"dash", b"MSNV", b"3gp"),
}
"""Of files in boxes (ISO/IEC 14496-12): what stands behind `ftyp`."""
_PARTS: Final = {XLSX: b"xl/workbook.xml", DOCX: b"word/document.xml"}
"""Of zipped documents: what their directory, which stands at the end, must name."""
_MACROS: Final = b"vbaProject.bin"
_UNSEEN: Final = frozenset(range(32)) - frozenset(b"\t\n\f\r")


def is_what_it_says(media_type: str, head: bytes, tail: bytes) -> bool:
    """Whether a file begins, and ends, as its media type does. Text holds no control characters.

    Args:
        media_type: as it was declared; one of `EXTENSIONS`.
        head: its first `HEAD_BYTES`.
        tail: its last `TAIL_BYTES`.
    """
    if media_type.startswith("text/"):
        return _UNSEEN.isdisjoint(head)
    if media_type == "image/webp":
        return head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    if media_type in _BRANDS:
        return head[4:8] == b"ftyp" and head[8:12].startswith(_BRANDS[media_type])
    if media_type in _PARTS:
        is_zip = head.startswith(b"PK\x03\x04") and b"PK\x05\x06" in tail
        return is_zip and _PARTS[media_type] in tail and _MACROS not in tail
    return head.startswith(_BEGINNINGS[media_type])
