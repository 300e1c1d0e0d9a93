"""What if a figure of the rule pack had been another: asked of the recorded history.

Nothing is written. Each pack that was in force is taken with the changed figures; what people did
is taken as it was, also what they might have done otherwise. Recurrences (R-08) rest on no figure
but the time to decide, so that no change of a figure moves them.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from asyncpg import Connection, Record
from pydantic import ValidationError

from app.domain.aggregates import AGGREGATES
from app.domain.decider import Event, Happened, JsonObject
from app.domain.rule_pack.first import FIRST_FIGURES
from app.domain.rules import Figures, RulePack
from app.domain.values import Actor, Role
from app.events.codec import Codec
from app.evidence.what_if_answer import LISTED_MAX, Compared, WhatIf, WouldBe, shown
from app.evidence.what_if_limits import LIMIT_EVENTS, Limits, limits_changed
from app.evidence.what_if_world import WANTED, Alternative, Reaction, Told

Progress = Callable[[int, int], Awaitable[None]]
"""Told how much of how much was read; what it raises ends the inquiry."""

PAGE_POSITIONS: Final = 20_000

WITHOUT_REACTION: Final = ("feedback_age_days_max", "silence_days_min")
BASIS: Final = frozenset({"EscalationBasisChanged", "TargetBasisChanged", "AlertBasisChanged"})

SELECT_FACTS: Final = """
    SELECT position, stream, type, schema_version, data::text AS data, person, role, recorded_at,
           event_id::text AS event_id, command_id, causation_id::text AS causation_id
    FROM events
    WHERE position > $1 AND position <= $2 AND (type = ANY($3::text[]) OR ($4 AND data ? 'due'))
    ORDER BY position
"""


class NoSuchFigure(ValueError):
    """The changes do not make a rule pack."""

    def __init__(self, error: ValidationError) -> None:
        super().__init__("; ".join(f"{_path(e['loc'])}: {e['msg']}" for e in error.errors()))
        self.faults = [(_path(e["loc"]), e["type"], e["msg"]) for e in error.errors()]


def _path(loc: Sequence[int | str]) -> str:
    return ".".join(map(str, loc))


def with_changes(figures: Figures, changes: JsonObject) -> Figures:
    """The figures with some of them changed, as JSON has them; time limits by name.

    Raises:
        NoSuchFigure: a name or a value does not fit.
    """
    plain = figures.model_dump(mode="json")
    said = dict(changes)
    limits = said.get("time_limits")
    if isinstance(limits, dict):
        said["time_limits"] = plain["time_limits"] | limits
    try:
        return Figures.model_validate(plain | said)
    except ValidationError as error:
        raise NoSuchFigure(error) from None


@dataclass(frozen=True, slots=True)
class Override:
    """Each pack of the log with the same figures changed."""

    changes: Mapping[str, Any]

    def __call__(self, pack: RulePack) -> RulePack:
        """The pack, its version kept, with the changed figures."""
        return pack.model_copy(update={"figures": with_changes(pack.figures, dict(self.changes))})


class Inquiry:
    """One question, put to the history turn by turn."""

    def __init__(self, changes: JsonObject) -> None:
        with_changes(FIRST_FIGURES, changes)
        self._changes = changes
        self._world = Alternative(Override(changes))
        self._limits = Limits(limits_changed(changes))
        self._looked_at = 0

    @property
    def asks_for_limits(self) -> bool:
        """Whether a time limit is another one, so that whatever starts one must be looked at."""
        return bool(self._limits.asked)

    def turn(self, told: Sequence[Told]) -> None:
        """One command with all that came of it, as far as it is looked at."""
        self._looked_at += len(told)
        self._world.at = told[0].happened.at
        facts = [each for each in told if type(each.happened.event) in WANTED]
        if facts:
            self._world.turn(facts)
        if self._limits.asked:
            self._limits.turn(told, self._world)

    def answer(self, position: int, now: datetime) -> WhatIf:
        """What would differ, up to a position; limits that run are judged at an instant."""
        missed, would_miss = self._limits.missed(now)
        recorded, then = self._world.recorded, self._world.reactions
        compared = Compared([*_shown(recorded), *missed], [*_shown(then), *would_miss])
        lists = (compared.appear, compared.vanish, compared.moved)
        return WhatIf(
            changes=self._changes,
            position=position,
            looked_at=self._looked_at,
            summary=compared.summary(),
            appear=compared.appear[:LISTED_MAX],
            vanish=compared.vanish[:LISTED_MAX],
            moved=compared.moved[:LISTED_MAX],
            truncated=any(len(each) > LISTED_MAX for each in lists),
            basis_changes_recorded=_bases(recorded),
            basis_changes_then=_bases(then),
            refused=self._world.refused,
            limits_not_recomputed=self._limits.not_recomputed,
            not_replayed=[each for each in WITHOUT_REACTION if each in self._changes],
        )


async def what_if(
    connection: "Connection[Record]", changes: JsonObject, told: Progress | None = None
) -> WhatIf:
    """Run the rules over the log under other figures.

    Args:
        connection: to the plant's schema; it only reads.
        changes: figures by name, as a rule pack has them; a time limit by its name below
            `time_limits`.
        told: of the positions that were read.

    Raises:
        NoSuchFigure: the changes do not make a rule pack.
    """
    inquiry = Inquiry(changes)
    row = await connection.fetchrow("SELECT position, recorded_at FROM log_head")
    if row is None:
        raise AssertionError("the log has no head; migrate the database first")
    with_limits = inquiry.asks_for_limits
    async for turn in _turns(connection, row["position"], told, with_limits=with_limits):
        inquiry.turn(turn)
    return inquiry.answer(row["position"], row["recorded_at"])


def _shown(reactions: Sequence[Reaction]) -> Iterator[WouldBe]:
    for each in reactions:
        yield from shown(each)


def _bases(reactions: Sequence[Reaction]) -> int:
    return sum(type(each.happened.event).__name__ in BASIS for each in reactions)


async def _turns(
    connection: "Connection[Record]", head: int, told: Progress | None, *, with_limits: bool
) -> AsyncIterator[list[Told]]:
    """The log turn by turn, as far as it is looked at; one page in memory."""
    codec = Codec(each.stream for each in AGGREGATES)
    wanted = WANTED | LIMIT_EVENTS if with_limits else WANTED
    names = sorted(each.__name__ for each in wanted)
    left: list[Told] = []
    for after in range(0, head, PAGE_POSITIONS):
        up_to = min(head, after + PAGE_POSITIONS)
        rows = await connection.fetch(SELECT_FACTS, after, up_to, names, with_limits)
        page = [*left, *(_told(row, codec) for row in rows)]
        turns = [list(each) for _, each in groupby(page, key=lambda one: one.command_id)]
        left = turns.pop() if turns else []
        for turn in turns:
            yield turn
        if told is not None:
            await told(up_to, head)
    if left:
        yield left


def _told(row: Record, codec: Codec) -> Told:
    kind = codec.stream_of[row["type"]]
    event = _decoded(row, codec)
    return Told(
        Happened(
            event,
            to=row["stream"][len(kind) + 1 :],
            by=Actor(row["person"], Role(row["role"])),
            at=row["recorded_at"],
            event_id=row["event_id"],
            position=row["position"],
            kind=kind,
        ),
        row["command_id"],
        row["causation_id"],
    )


def _decoded(row: Record, codec: Codec) -> Event:
    """Straight from the text, unless an older shape must be lifted first."""
    type_ = codec.event_types.get(row["type"])
    if type_ is not None and row["schema_version"] == type_.schema_version:
        return type_.model_validate_json(row["data"])
    return codec.decode(row["type"], row["schema_version"], json.loads(row["data"]))
