"""What can happen to a risk warning, and what it adds up to."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Final, Literal, TypeAlias, assert_never

from app.domain.decider import Event, Happened, Stream
from app.domain.replacing import replace
from app.domain.values import Code, Id, Reason, Text

WarningMedium = Literal["BOARD", "MANUAL", "PROCESS_CONTROL"]
"""Where it stands: 质量看板、风险手册、过程针对性控制."""


class WarningStatus(StrEnum):
    """Whether it was withdrawn (状态); an issued one is valid until its last day."""

    NOT_ISSUED = "NOT_ISSUED"
    ISSUED = "ISSUED"
    WITHDRAWN = "WITHDRAWN"


class RiskWarningIssued(Event):
    """A station is warned of a cause, until a day."""

    clause: ClassVar[str] = "4.6.1"
    numbered: ClassVar[str | None] = "warning_no"

    warning_no: Code
    medium: WarningMedium
    station: Code
    cause_code: Code
    text: Text
    valid_from: date
    valid_until: date
    project_id: Id | None
    project_no: Code | None


class RiskWarningWithdrawn(Event):
    """It warns nobody any more, from this day on."""

    clause: ClassVar[str] = "4.6.1"

    warning_no: Code
    cause_code: Code
    project_id: Id | None
    withdrawn_on: date
    reason: Reason


RiskWarningEvent: TypeAlias = RiskWarningIssued | RiskWarningWithdrawn


@dataclass(frozen=True, slots=True)
class RiskWarning:
    """A warning as it stands."""

    status: WarningStatus = WarningStatus.NOT_ISSUED
    warning_no: str = ""
    medium: WarningMedium = "BOARD"
    station: str = ""
    cause_code: str = ""
    text: str = ""
    valid_from: date = date.min
    valid_until: date = date.min
    project_id: str | None = None
    project_no: str | None = None
    issued_by: str = ""
    issued_at: datetime | None = None
    withdrawn_on: date | None = None
    withdrawn_by: str | None = None
    withdrawn_because: str | None = None


def evolve(warning: RiskWarning, happened: Happened[RiskWarningEvent]) -> RiskWarning:
    """Apply one event."""
    by = happened.by.person
    match happened.event:
        case RiskWarningIssued() as event:
            return RiskWarning(
                status=WarningStatus.ISSUED,
                issued_by=by,
                issued_at=happened.at,
                **event.said(),
            )
        case RiskWarningWithdrawn() as event:
            return replace(
                warning,
                status=WarningStatus.WITHDRAWN,
                withdrawn_on=event.withdrawn_on,
                withdrawn_by=by,
                withdrawn_because=event.reason,
            )
        case unknown:
            assert_never(unknown)


RISK_WARNING: Final = Stream(name="risk-warning", initial=RiskWarning(), evolve=evolve)
