"""The writer: one task a process, one turn at the log at a time, many commands a turn.

All that waits shares one transaction, under the lock of the log's head. A failed transaction is
tried again command by command, so that a poisonous one fails alone and one whose commit is
unknown is answered from what its key led to.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self, TypeAlias

import asyncpg
import structlog
from asyncpg import Connection, Record

from app.events.deciding import Answer, Deciding, Pending, Verdict
from app.events.ids import NewId
from app.events.memory import Memory
from app.events.recorded import Recorded
from app.events.store import NOTIFY, Head, Key, Log, SqlCall, outcomes_kept, together
from app.events.turn import Submission, Turn
from app.events.workings import Workings

BATCH_COMMANDS_MAX: Final = 256
CATCH_UP_EVENTS_MAX: Final = 5_000
"""Events of other processes that are folded into memory; beyond, memory starts anew."""

CANNOT_WRITE: Final = (
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresIOError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""A full disk, a broken one, or a standby that was not promoted yet: no command's own fault."""
TOLD_SECONDS: Final = 15.0
"""How long it is told. Who is sent no commands because of it could not learn that it is over."""

Connect: TypeAlias = Callable[[], Awaitable["Connection[Record]"]]

log: Final = structlog.get_logger(__name__)


class WriterBusy(Exception):
    """So much waits that this command was not taken; nothing of it happened."""


class OtherTables(Exception):
    """The read tables are those of another version of the service: it writes, we do not."""


class LogUnavailable(Exception):
    """The log did not answer in time. If it was written, the same key tells so later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may wait, and for how long."""

    queue_commands_max: int = 2_000
    transaction_seconds_max: float = 8.0
    memory_entries_max: int = 200_000


class Writer:
    """Takes commands, answers each when its events are durable."""

    def __init__(  # noqa: PLR0913 - the world, as values
        self,
        *,
        connect: Connect,
        workings: Workings,
        new_id: NewId,
        now: Callable[[], datetime],
        sandbox: bool,
        channel: str,
        limits: Limits,
        is_gone: Callable[[], bool] = lambda: False,
    ) -> None:
        self._connect = connect
        self._workings = workings
        self._new_id = new_id
        self._now = now
        self._sandbox = sandbox
        self._channel = channel
        self._limits = limits
        self._is_gone = is_gone
        self._queue: asyncio.Queue[Pending] = asyncio.Queue(limits.queue_commands_max)
        self._memory = Memory()
        self._connection: Connection[Record] | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._could_not_write: tuple[float, str] | None = None

    @property
    def waiting(self) -> int:
        """Commands in the queue."""
        return self._queue.qsize()

    @property
    def works(self) -> bool:
        """Whether its task runs: one that ended would take commands and never answer."""
        return self._task is not None and not self._task.done()

    @property
    def trouble(self) -> str | None:
        """Why nothing could be written just now; None when nothing is known against it."""
        if self._could_not_write is None:
            return None
        at, why = self._could_not_write
        return why if time.monotonic() - at < TOLD_SECONDS else None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="writer")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Answer what was accepted, then stop."""
        self._stopping = True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._queue.join(), self._limits.transaction_seconds_max)
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._hang_up()

    async def ask(
        self, submission: Submission, key: Key, fingerprint: bytes, seconds: float
    ) -> Answer:
        """Wait for a turn and for the commit.

        Args:
            submission: the command and all about it.
            key: under which it can be sent again without happening again.
            fingerprint: tells whether it is the same command.
            seconds: how long the caller waits.

        Raises:
            WriterBusy: too much waits; it was not taken.
            DomainError: it was refused; nothing happened.
            LogUnavailable: no answer in time; the same key asks what became of it.
        """
        pending = Pending(submission, key, fingerprint, time.monotonic() + seconds)
        self.take(pending)
        done, _ = await asyncio.wait({pending.answer}, timeout=seconds)
        if not done:
            pending.answer.cancel()
            raise LogUnavailable
        return pending.answer.result()

    def take(self, pending: Pending) -> None:
        """Have a command wait for a turn, with those that happen together with it.

        Raises:
            WriterBusy: too much waits; it was not taken.
        """
        if self._stopping:
            raise WriterBusy
        try:
            self._queue.put_nowait(pending)
        except asyncio.QueueFull:
            raise WriterBusy from None

    def cut(self) -> None:
        """The database is gone: do not wait for what it may still say."""
        if self._connection is not None:
            self._connection.terminate()

    # --- the task ---------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            size = len(batch[0].together)
            while size < BATCH_COMMANDS_MAX and not self._queue.empty():
                batch.append(self._queue.get_nowait())
                size += len(batch[-1].together)
            try:
                await self._serve([each for each in batch if self._is_wanted(each)])
            except Exception:
                log.exception("writer.turn_failed", commands=len(batch))
                for each in batch:
                    _fail(each, LogUnavailable())
            finally:
                for _ in batch:
                    self._queue.task_done()

    def _is_wanted(self, pending: Pending) -> bool:
        """Whether somebody still waits for it, and the database is there.

        One that gave up did not happen and will not.
        """
        late = pending.expires < time.monotonic()
        if pending.answer.done() or late or self._is_gone():
            _fail(pending, LogUnavailable())
            return False
        return True

    async def _serve(self, batch: Sequence[Pending]) -> None:
        if not batch or await self._try(batch):
            return
        for each in batch:
            if self._is_wanted(each) and not await self._try([each]):
                _fail(each, LogUnavailable())

    async def _try(self, batch: Sequence[Pending]) -> bool:
        """One transaction, in our own time: asyncpg may not return on a silent network."""
        task = asyncio.create_task(self._transact(batch))
        done, _ = await asyncio.wait({task}, timeout=self._limits.transaction_seconds_max)
        if not done:
            task.add_done_callback(_drop)
            self._abandon()
            task.cancel()
            log.warning("writer.timeout", commands=len(batch))
            return False
        error = task.exception()
        if error is None:
            self._could_not_write = None
            return True
        if isinstance(error, CANNOT_WRITE):
            self._could_not_write = time.monotonic(), type(error).__name__
        self._abandon()
        log.warning("writer.retry", commands=len(batch), error=repr(error))
        return False

    async def _transact(self, batch: Sequence[Pending]) -> None:
        connection = await self._connected()
        log_ = Log(connection, self._workings.codec)
        waiting = [each for first in batch for each in first.together]
        head, known = await log_.take_turn([each.key for each in waiting])
        await self._catch_up(log_, head)
        turn = Turn(self._workings, self._memory, head.recorded_at)
        deciding = Deciding(turn, log_, head, known, self._instant, self._new_id)
        answers = await deciding.all(batch)
        if turn.events:
            sandbox_at = deciding.sandbox_at if self._sandbox else None
            moved = await log_.append(head, turn.events, sandbox_at)
            kept = outcomes_kept(deciding.new, turn.last_recorded_at)
            end = [moved, kept, (NOTIFY, (self._channel, str(turn.position)))]
            await log_.execute(self._rows_of(turn, end, at_once=len(waiting) == 1))
        await log_.commit()
        turn.commit()
        self._memory.trim(self._limits.memory_entries_max)
        for pending, answer in zip(waiting, answers, strict=True):
            _answer(pending, answer)

    def _instant(self, submission: Submission, sandbox_at: datetime | None) -> datetime:
        """When a command happens: as its caller says where that is allowed, else now."""
        if submission.at is not None:
            return submission.at
        return sandbox_at if self._sandbox and sandbox_at is not None else self._now()

    def _rows_of(self, turn: Turn, end: Sequence[SqlCall], *, at_once: bool) -> Iterator[SqlCall]:
        """What writes the rows of read tables, then the end.

        Args:
            turn: whose rows they are.
            end: what is written last.
            at_once: whether all of it goes in one journey: the statements of one command are
                few and come again, those of many commands together hardly ever do.
        """
        by_table: dict[str, dict[str, Any]] = {}
        for (table, key), versions in turn.versions.items():
            by_table.setdefault(table, {})[key] = versions
        by_place: dict[str, list[SqlCall]] = {}
        for name, changes in sorted(by_table.items()):
            folded = self._workings.tables[name]
            by_place.setdefault(folded.kept_in, []).extend(folded.statements(changes))
        if at_once:
            yield together([*itertools.chain(*by_place.values()), *end])
            return
        for calls in (*by_place.values(), end):
            yield together(calls)

    async def _catch_up(self, log_: Log, head: Head) -> None:
        """Fold into memory what other processes appended since our last turn."""
        memory = self._memory
        if memory.switched != head.switched:
            await self._meet_other_tables(log_, head)
        if memory.position == head.position:
            return
        if memory.position < 0 or not 0 < head.position - memory.position <= CATCH_UP_EVENTS_MAX:
            memory.forget()
            memory.position = head.position
            return
        for each in await log_.between(memory.position, head.position, CATCH_UP_EVENTS_MAX):
            self._take_in(each)
        memory.position = head.position

    async def _meet_other_tables(self, log_: Log, head: Head) -> None:
        """Rows of tables that were switched since are worth nothing.

        Raises:
            OtherTables: our folds are not those of the tables; to write would spoil them.
        """
        ours = {name: table.version for name, table in self._workings.tables.items()}
        built = await log_.built()
        if built != ours:
            odd = sorted(name for name, _ in built.items() ^ ours.items())
            raise OtherTables(f"built by another version of the service: {odd}")
        self._memory.forget()
        self._memory.switched = head.switched

    def _take_in(self, recorded: Recorded) -> None:
        """Fold an event of another process into what is in memory; forget what it cannot move."""
        memory = self._memory
        known = memory.streams.get(recorded.stream)
        if known is not None:
            recorded = self._workings.evolved(recorded, known.state)
            by = recorded.happened.by
            memory.streams[recorded.stream] = known.then(recorded.version, recorded.state, by)
        for table in self._workings.tables_of(type(recorded.event)):
            for key in table.keys(recorded):
                at = (table.name, key)
                if known is None:
                    memory.rows.pop(at, None)
                elif at in memory.rows:
                    memory.rows[at] = table.fold(memory.rows[at], recorded, key)

    async def _connected(self) -> "Connection[Record]":
        if self._connection is None or self._connection.is_closed():
            self._memory.forget()
            self._connection = await self._connect()
        return self._connection

    def _abandon(self) -> None:
        """Trust neither the connection nor the memory any more."""
        self._memory.forget()
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _hang_up(self) -> None:
        if self._connection is not None:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await self._connection.close(timeout=1)


def _answer(pending: Pending, answer: Verdict | LogUnavailable) -> None:
    if pending.answer.done():
        return
    if isinstance(answer, Exception):
        pending.answer.set_exception(answer)
    else:
        pending.answer.set_result(answer)


def _fail(pending: Pending, error: LogUnavailable) -> None:
    for each in pending.together:
        _answer(each, error)


def _drop(task: "asyncio.Task[None]") -> None:
    """Nobody waits for an abandoned transaction; take its error, so that it is not reported."""
    if not task.cancelled():
        task.exception()
