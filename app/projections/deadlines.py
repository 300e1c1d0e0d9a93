"""The time limits that run, were kept or were missed: the work list of every role.

One row a limit and record. Clauses 4.1 to 4.6: each limit names its own.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from pydantic import Field

from app.domain.decider import Event
from app.domain.limits import LIMITS
from app.domain.registers.deadlines import Running, keys_of
from app.domain.registers.deadlines import fold as fold_running
from app.domain.values import Role, quarter_of, shanghai_day
from app.events.recorded import Recorded
from app.projections.ledger import Filter, Instant, Ledger, LedgerRow

MOMENT: Final = timedelta(microseconds=1)
"""The end of a day is the first moment of the next one."""


class DeadlineStatus(StrEnum):
    """How a limit stands (状态)."""

    OPEN = "OPEN"
    MISSED = "MISSED"
    MET = "MET"
    LATE = "LATE"
    DROPPED = "DROPPED"


class DeadlineRow(LedgerRow):
    """One time limit of one record."""

    deadline_id: str = Field(title="时限ID")
    time_limit: str = Field(title="时限", description="T1-T23.")
    what: str = Field(title="事项(英文)")
    what_zh: str = Field(title="事项")
    limit_clause: str = Field(title="条款")
    roles: tuple[Role, ...] = Field(title="责任角色")
    subject_kind: str = Field(title="对象类别")
    subject_id: str = Field(title="对象ID")
    subject_no: str | None = Field(title="对象编号")
    started_at: Instant = Field(title="起始时间")
    due_at: Instant = Field(title="截止时间")
    due_on: date = Field(title="截止日", description="The day in Shanghai of its last moment.")
    due_quarter: str = Field(title="截止季度")
    calendar: str | None = Field(
        title="工作日历",
        description="What its working days were counted by when it was fixed; none: its time "
        "runs on every day.",
        examples=["CN holidays 0.109; declared N-2026-7"],
    )
    ended_at: Instant | None = Field(title="完成时间")
    missed_at: Instant | None = Field(title="超期记录时间")
    status: DeadlineStatus = Field(
        title="状态",
        description="MISSED: late and still open. LATE: done after its end.",
    )


def keys(recorded: Recorded) -> Iterable[str]:
    """The limits that an event concerns."""
    return keys_of(recorded.happened)


def fold(row: DeadlineRow | None, recorded: Recorded, key: str) -> DeadlineRow | None:
    """The row after an event, by the fold that decisions use."""
    before = None if row is None else _running(row)
    running = fold_running(before, recorded.happened, key)
    if running is None or running == before:
        return row
    return _row(key, running)


def _running(row: DeadlineRow) -> Running:
    ended = row.status in {DeadlineStatus.MET, DeadlineStatus.LATE, DeadlineStatus.DROPPED}
    return Running(
        limit=row.time_limit,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        subject_no=row.subject_no,
        started_at=row.started_at,
        due_at=row.due_at,
        calendar=row.calendar,
        ended_at=row.ended_at,
        ended_as=row.status.value if ended else None,
        missed_at=row.missed_at,
    )


def _row(key: str, running: Running) -> DeadlineRow:
    limit = LIMITS[running.limit]
    still = DeadlineStatus.OPEN if running.missed_at is None else DeadlineStatus.MISSED
    last = shanghai_day(running.due_at - MOMENT)
    return DeadlineRow(
        deadline_id=key,
        time_limit=running.limit,
        what=limit.en,
        what_zh=limit.zh,
        limit_clause=limit.clause,
        roles=limit.roles,
        subject_kind=running.subject_kind,
        subject_id=running.subject_id,
        subject_no=running.subject_no,
        started_at=running.started_at,
        due_at=running.due_at,
        due_on=last,
        due_quarter=quarter_of(last),
        calendar=running.calendar,
        ended_at=running.ended_at,
        missed_at=running.missed_at,
        status=DeadlineStatus(running.ended_as) if running.ended_as else still,
    )


DEADLINES_LEDGER: Final = Ledger[DeadlineRow](
    name="deadlines",
    version=5,
    title="Time limits",
    title_zh="时限台账",
    clauses=("4.2",),
    row_type=DeadlineRow,
    event_types=(Event,),
    keys_of=keys,
    fold_row=fold,
    reads_state=False,
    columns={
        "due_at": "text",
        "started_at": "text",
        "time_limit": "text",
        "status": "text",
        "subject_kind": "text",
        "subject_id": "text",
        "subject_no": "text",
        "due_quarter": "text",
        "calendar": "text",
        "roles": "codes",
    },
    sorts=("due_at", "started_at"),
    filters={
        "time_limit": Filter("time_limit", "=", "时限."),
        "status": Filter("status", "=", "状态."),
        "role": Filter("roles", "any", "责任角色: limits that this role must keep."),
        "subject_kind": Filter("subject_kind", "=", "对象类别."),
        "subject_id": Filter("subject_id", "=", "对象ID."),
        "subject_no": Filter("subject_no", "=", "对象编号."),
        "due_quarter": Filter("due_quarter", "=", "截止季度."),
        "calendar": Filter("calendar", "=", "工作日历: limits that were counted by it."),
        "due_from": Filter("due_at", ">=", "截止时间, from this instant on."),
        "due_to": Filter("due_at", "<=", "截止时间, up to this instant."),
    },
)
