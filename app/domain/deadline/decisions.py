"""What the clock asks of a deadline."""

from typing import ClassVar, Final

from app.domain.deadline.events import DEADLINE, Deadline, DeadlineMissed
from app.domain.decider import Asked, Command, Decider, World
from app.domain.errors import Refused
from app.domain.limits import LIMITS
from app.domain.registers.deadlines import DEADLINES
from app.domain.values import Role


class DeadlineNotMissed(Refused):
    """The deadline was met, dropped or moved, or is not over.

    「该时限未超期,或已完成。」
    """


class MissDeadline(Command):
    """Say that nobody did it in time."""

    clause: ClassVar[str] = "4.2"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    refusals = (DeadlineNotMissed,)


def decide(asked: Asked[MissDeadline], deadline: Deadline, world: World) -> list[DeadlineMissed]:
    """Miss it once; what was done a moment before is seen, because everybody waits in turn."""
    runs = world.entry_in(DEADLINES, asked.to)
    if runs is None or not runs.is_open or asked.at < runs.due_at or runs.due_at in deadline.missed:
        raise DeadlineNotMissed(deadline_id=asked.to)
    limit = LIMITS[runs.limit]
    missed = DeadlineMissed(
        limit=runs.limit,
        limit_clause=limit.clause,
        rule_id=limit.rule_id,
        subject_kind=runs.subject_kind,
        subject_id=runs.subject_id,
        subject_no=runs.subject_no,
        started_at=runs.started_at,
        due_at=runs.due_at,
        roles=limit.roles,
    )
    return [missed]


deadline: Final[Decider[MissDeadline, Deadline, DeadlineMissed]] = Decider(
    stream=DEADLINE,
    decide=decide,
    collection="deadlines",
    label_zh="时限",
    identity="code",
    code_name="deadline_id",
)
