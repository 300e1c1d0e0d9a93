"""Checkpoints by mail: each new note is posted to an address of somebody else's.

Whoever keeps them there needs no trust in us. Nobody waits for the answer; while the other side
is away, the newest note takes the place of older ones, which say less.
"""

import asyncio
from contextlib import suppress
from typing import Final, Self

import httpx
import structlog

from app.evidence.checkpoint_store import Kept

PAUSE_SECONDS_MIN: Final = 1.0
PAUSE_SECONDS_MAX: Final = 60.0
ANSWER_SECONDS_MAX: Final = 10.0
CONTENT_TYPE: Final = "text/plain; charset=utf-8"

log: Final = structlog.get_logger(__name__)


class Poster:
    """Posts the newest note until it is taken: any 2xx."""

    def __init__(self, url: str, pause_seconds_min: float = PAUSE_SECONDS_MIN) -> None:
        self._url = url
        self._pause_min = pause_seconds_min
        self._waiting: Kept | None = None
        self._offered = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.posted = 0
        """The size of the last checkpoint that was taken, in events."""
        self.error: str | None = None
        """Why the last attempt failed; None while all is well."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="poster")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def offer(self, checkpoint: Kept) -> None:
        """Have it posted some time; never waits."""
        self._waiting = checkpoint
        self._offered.set()

    async def _run(self) -> None:
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS_MAX) as http:
            pause = self._pause_min
            while True:
                await self._offered.wait()
                checkpoint, self._waiting = self._waiting, None
                self._offered.clear()
                if checkpoint is None or await self._post(http, checkpoint):
                    pause = self._pause_min
                    continue
                if self._waiting is None:
                    self.offer(checkpoint)
                await asyncio.sleep(pause)
                pause = min(2 * pause, PAUSE_SECONDS_MAX)

    async def _post(self, http: httpx.AsyncClient, checkpoint: Kept) -> bool:
        try:
            answer = await http.post(
                self._url, content=checkpoint.note.encode(), headers={"Content-Type": CONTENT_TYPE}
            )
            answer.raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            status = getattr(getattr(error, "response", None), "status_code", None)
            # not the error's own words: they repeat the address, which may hold a secret
            self.error = f"{type(error).__name__} {status or ''}".strip()
            log.warning("checkpoints.not_posted", size=checkpoint.size, error=self.error)
            return False
        self.posted, self.error = max(self.posted, checkpoint.size), None
        return True
