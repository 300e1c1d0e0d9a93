"""Many commands of one caller at the writer: portion by portion, or all of them or none.

A portion waits where the requests of one caller might wait, too, and the next one is brought only
when it is answered: however much somebody has to ask, others find as much room in the next turn as
beside a caller who sends his commands one by one (app/api/turnstile.py).
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple, TypeAlias

from app.domain.errors import DomainError
from app.events.deciding import NotAlone, Pending, Verdict
from app.events.store import Key
from app.events.turn import Submission
from app.events.writer import BATCH_COMMANDS_MAX, LogUnavailable, Writer, WriterBusy

PORTION_COMMANDS: Final = 64
TOGETHER_MAX: Final = BATCH_COMMANDS_MAX
"""Commands that happen all or not at all take one turn, and no turn is longer than others' are."""


class Ask(NamedTuple):
    """A command as the writer takes it: see `Writer.ask`."""

    submission: Submission
    key: Key
    fingerprint: bytes


Told: TypeAlias = Verdict | WriterBusy | LogUnavailable
"""What became of a command: see `Writer.ask`; of one that was not to happen alone, that, too."""


async def ask_each(writer: Writer, asks: Sequence[Ask], seconds: float) -> list[Told]:
    """Each for itself, in order; behind one that was not answered nothing more is asked.

    Args:
        writer: who is asked.
        asks: the commands.
        seconds: how long a portion may take.
    """
    verdicts: list[Told] = []
    for begin in range(0, len(asks), PORTION_COMMANDS):
        pending = _pending(asks[begin : begin + PORTION_COMMANDS], seconds)
        taken = _taken(writer, pending)
        verdicts += await _heard(pending[:taken], seconds)
        if taken < len(pending) or isinstance(verdicts[-1], LogUnavailable):
            break
    return verdicts + [WriterBusy()] * (len(asks) - len(verdicts))


async def ask_together(writer: Writer, asks: Sequence[Ask], seconds: float) -> list[Told]:
    """All of them, in one turn, or none."""
    if not asks:
        return []
    first, *then = _pending(asks, seconds)
    pending = [replace(first, then=tuple(then)), *then]
    if not _taken(writer, pending[:1]):
        return [WriterBusy()] * len(asks)
    return await _heard(pending, seconds)


def _pending(asks: Sequence[Ask], seconds: float) -> list[Pending]:
    expires = time.monotonic() + seconds
    return [Pending(*each, expires) for each in asks]


def _taken(writer: Writer, pending: Sequence[Pending]) -> int:
    """How many the writer took: the first of them, up to one that found no room."""
    for number, each in enumerate(pending):
        try:
            writer.take(each)
        except WriterBusy:
            return number
    return len(pending)


async def _heard(pending: Sequence[Pending], seconds: float) -> list[Told]:
    """What each was answered; whoever was not answered in time will not be any more."""
    if not pending:
        return []
    await asyncio.wait({each.answer for each in pending}, timeout=seconds)
    return [_verdict(each) for each in pending]


def _verdict(pending: Pending) -> Told:
    if not pending.answer.done():
        pending.answer.cancel()
        return LogUnavailable()
    try:
        return pending.answer.result()
    except (DomainError, NotAlone, LogUnavailable) as error:
        return error
