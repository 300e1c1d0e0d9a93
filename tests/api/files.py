"""Files that go in and come out: uploads and downloads, and what they leave on the disk."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from tests.api.desk import Desk, Json

BYTES_MAX: Final = 300_000
PNG: Final = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 300


async def uploaded(  # noqa: PLR0913 - what an upload says
    desk: Desk,
    about: str,
    content: Any = PNG,  # noqa: ANN401 - bytes or what yields them
    *,
    by: str = "u.qa1",
    key: str | None = None,
    headers: dict[str, str] | None = None,
    **said: Any,  # noqa: ANN401 - what the address says
) -> httpx.Response:
    """One upload."""
    sent = {
        "Authorization": f"Bearer {desk.keys[by]}",
        "Idempotency-Key": key or f"file-{next(desk._numbers)}",  # noqa: SLF001 - ours
        "Content-Type": "image/png",
    }
    asked = {"about": about, "kind": "PHOTO", "file_name": "漏油 1.png"} | said
    return await desk.http.post(
        "/v1/attachments", params=asked, headers=sent | (headers or {}), content=content
    )


def opening_of(bearer: str, about: str, *, key: str, size: int = len(PNG)) -> str:
    """The head of an upload, as bytes go over the wire; its body is still to come."""
    asked = urlencode({"about": about, "kind": "PHOTO", "file_name": "漏油 1.png"})
    return (
        f"POST /v1/attachments?{asked} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {bearer}\r\n"
        f"Idempotency-Key: {key}\r\nContent-Type: image/png\r\nContent-Length: {size}\r\n\r\n"
    )


async def attached(desk: Desk, about: str, content: bytes = PNG, **said: Any) -> Json:  # noqa: ANN401
    """One upload that must succeed."""
    answer = await uploaded(desk, about, content, **said)
    assert answer.status_code == 201, answer.text
    done: Json = answer.json()
    return done


async def downloaded(
    desk: Desk, named: str, *, by: str = "u.clerk", **headers: str
) -> httpx.Response:
    """One download."""
    sent = {"Authorization": f"Bearer {desk.keys[by]}"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return await desk.http.get(f"/v1/attachments/{named}/content", headers=sent)


def parts(tmp_path: Path) -> list[Path]:
    """Files in the store and on their way in, whatever they are called."""
    return [each for each in (tmp_path / "attachments").rglob("*") if each.is_file()]


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what another task does."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - a folder sends no word
            await asyncio.sleep(0.01)


async def untouched(desk: Desk, tmp_path: Path) -> None:
    """No event, and nothing on the disk."""
    assert await desk.events("AttachmentAdded") == []
    assert parts(tmp_path) == []
