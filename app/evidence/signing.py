"""The follower that signs: looks after the log grew, off the write path, once in a few seconds."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import structlog

from app.events.lost import LOST
from app.events.reading import Bell
from app.evidence.checkpoint_store import CheckpointStore, Kept
from app.evidence.growth import Inconsistent
from app.evidence.outside import Directory, DirectoryDamaged
from app.evidence.posting import Poster
from app.evidence.signer import KeyIsAnothers, Signer
from app.evidence.signing_keys import NotASigningKey, SigningKeys

if TYPE_CHECKING:
    from asyncpg import Pool, Record

FAR: Final = 2**62
IDLE_SECONDS: Final = 10.0
"""How often it is looked whether what was signed still stands, though the log did not grow."""

log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningPlan:
    """Who signs, how often, and where copies go."""

    keys: SigningKeys
    directory: Path | None = None
    url: str | None = None
    seconds_min: float = 2.0
    """Between two checkpoints."""


class Signing:
    """Signs what is there to sign, and keeps the copies outside the database up."""

    def __init__(
        self, plan: SigningPlan, pool: "Pool[Record]", bell: Bell, now: Callable[[], datetime]
    ) -> None:
        self._plan = plan
        self._pool = pool
        self._bell = bell
        self._signer = Signer(plan.keys, now)
        self._directory = None if plan.directory is None else Directory(plan.directory)
        self._poster = None if plan.url is None else Poster(plan.url)
        self._stack = AsyncExitStack()
        self._signed = 0
        self._trouble: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        if self._poster is not None:
            await self._stack.enter_async_context(self._poster)
        task = asyncio.create_task(self._run(), name="signing")
        self._stack.push_async_callback(_ended, task)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        if self._directory is not None:
            self._directory.close()

    def health(self) -> dict[str, Any]:
        """For `/readyz`: a log that does not continue what was signed is not ready for anything."""
        ok = self._trouble.keys().isdisjoint({"refused", "copy_refused"})
        found: dict[str, Any] = {"ok": ok, "signed": self._signed}
        found["waiting"] = max(self._bell.position - self._signed, 0)
        if self._directory is not None:
            found["in_directory"] = self._directory.size
        if self._poster is not None:
            found["posted"] = self._poster.posted
            if self._poster.error:
                found["not_posted"] = self._poster.error
        return found | self._trouble

    async def tick(self) -> Kept | None:
        """Sign, and copy; what goes wrong is told and tried again at the next tick."""
        signed = await self._sign()
        async with self._pool.acquire() as connection:
            latest = signed or await CheckpointStore(connection).latest()
            self._signed = latest.size if latest else 0
            if self._directory is not None and "refused" not in self._trouble:
                await self._copy(self._directory, connection)
        if signed is not None and self._poster is not None:
            self._poster.offer(signed)
        return signed

    async def _sign(self) -> Kept | None:
        directory = self._directory
        outside = (lambda _: None) if directory is None else directory.last_of
        try:
            async with self._pool.acquire() as connection:
                signed = await self._signer.sign(connection, outside)  # type: ignore[arg-type]
        except Inconsistent as error:
            self._tell("refused", str(error))
        except (KeyIsAnothers, NotASigningKey, DirectoryDamaged) as error:
            self._tell("not_signing", str(error))
        else:
            self._trouble.pop("refused", None)
            self._trouble.pop("not_signing", None)
            return signed
        return None

    async def _copy(self, directory: Directory, connection: Any) -> None:  # noqa: ANN401 - a pool's
        try:
            await directory.catch_up(connection)
        except Inconsistent as error:
            self._tell("copy_refused", str(error))
        except (OSError, DirectoryDamaged) as error:
            self._tell("directory_error", str(error))
        else:
            self._trouble.pop("copy_refused", None)
            self._trouble.pop("directory_error", None)

    def _tell(self, what: str, why: str) -> None:
        if self._trouble.get(what) != why:
            log.error("checkpoints.trouble", kind=what, why=why)
        self._trouble[what] = why

    async def _run(self) -> None:
        while not self._bell.stopped:
            try:
                await self.tick()
            except LOST as error:
                log.warning("checkpoints.waiting", error=repr(error))
            except Exception:
                log.exception("checkpoints.failed")  # whatever it is, it is tried again
            await self._bell.grown(FAR, self._plan.seconds_min)
            await self._bell.grown(self._signed, IDLE_SECONDS)


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
