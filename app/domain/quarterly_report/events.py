"""What can happen to a quarterly report, and what it adds up to."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Final, TypeAlias, assert_never

from pydantic import Field
from typing_extensions import override

from app.domain.decider import Event, Happened, Stream
from app.domain.replacing import replace
from app.domain.values import Code, Department, Reason, Text

Position = Annotated[int, Field(ge=1, strict=True, description="A position of the log.")]


class ReportStatus(StrEnum):
    """How far a quarter's report is (状态)."""

    NOT_ENDED = "NOT_ENDED"
    OPEN = "OPEN"
    CLOSED = "CLOSED"
    ISSUED = "ISSUED"
    ACKNOWLEDGED = "ACKNOWLEDGED"


# --- what can happen ------------------------------------------------------------------------


class ReportFact(Event):
    """What every event says again."""

    clause: ClassVar[str] = "4.6.1"

    report_no: Code = Field(examples=["QR-2025Q1"])
    quarter: Code = Field(examples=["2025Q1"])


class QuarterEnded(ReportFact):
    """The quarter is over: its report is due (R-14)."""

    ended_on: date


class QuarterClosed(ReportFact):
    """The figures of the quarter are frozen as they are known at a position."""

    version: int
    cutoff_position: Position


class QuarterRestated(ReportFact):
    """Late facts have moved figures: the next version is frozen as they are known now."""

    version: int
    cutoff_position: Position
    compared_with_position: Position
    reason: Reason


class ReportIssued(ReportFact):
    """The QA manager stands by a version and sends it to the departments."""

    version: int
    cutoff_position: Position
    suggestions: Text
    departments: tuple[Department, ...]

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`. The first version keeps the limit."""
        return ("T16",)


class ReportAcknowledged(ReportFact):
    """A department knows of a version."""

    version: int
    department: Department


QuarterlyReportEvent: TypeAlias = (
    QuarterEnded | QuarterClosed | QuarterRestated | ReportIssued | ReportAcknowledged
)

# --- what it adds up to ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReportVersion:
    """A version: where it was frozen, who prepared and who issued it, who knows of it."""

    version: int
    cutoff_position: int
    prepared_by: str
    prepared_at: datetime
    reason: str | None = None
    compared_with_position: int | None = None
    suggestions: str | None = None
    departments: tuple[Department, ...] = ()
    issued_by: str | None = None
    issued_at: datetime | None = None
    acknowledged: tuple[Department, ...] = ()

    @property
    def waiting_for(self) -> tuple[Department, ...]:
        """The departments that have not acknowledged it."""
        return tuple(each for each in self.departments if each not in self.acknowledged)


@dataclass(frozen=True, slots=True)
class QuarterlyReport:
    """A quarter's report as it stands."""

    status: ReportStatus = ReportStatus.NOT_ENDED
    report_no: str = ""
    quarter: str = ""
    ended_on: date | None = None
    versions: tuple[ReportVersion, ...] = ()

    @property
    def last(self) -> ReportVersion | None:
        """The newest version, issued or not."""
        return self.versions[-1] if self.versions else None


def _status(report: QuarterlyReport) -> ReportStatus:
    last = report.last
    if last is None:
        return ReportStatus.OPEN
    if last.issued_at is None:
        return ReportStatus.CLOSED
    return ReportStatus.ISSUED if last.waiting_for else ReportStatus.ACKNOWLEDGED


def evolve(report: QuarterlyReport, happened: Happened[QuarterlyReportEvent]) -> QuarterlyReport:
    """Apply one event."""
    changed = _apply(report, happened)
    return replace(changed, status=_status(changed))


def _apply(report: QuarterlyReport, happened: Happened[QuarterlyReportEvent]) -> QuarterlyReport:
    by, at = happened.by.person, happened.at
    match happened.event:
        case QuarterEnded() as event:
            return QuarterlyReport(
                report_no=event.report_no, quarter=event.quarter, ended_on=event.ended_on
            )
        case QuarterClosed() as event:
            version = ReportVersion(event.version, event.cutoff_position, by, at)
            return replace(report, versions=(*report.versions, version))
        case QuarterRestated() as event:
            version = ReportVersion(
                event.version,
                event.cutoff_position,
                by,
                at,
                reason=event.reason,
                compared_with_position=event.compared_with_position,
            )
            return replace(report, versions=(*report.versions, version))
        case ReportIssued() as event:
            return _last(
                report,
                suggestions=event.suggestions,
                departments=event.departments,
                issued_by=by,
                issued_at=at,
            )
        case ReportAcknowledged(department=department):
            known = report.versions[-1].acknowledged
            return _last(report, acknowledged=(*known, department))
        case unknown:
            assert_never(unknown)


def _last(report: QuarterlyReport, **changes: object) -> QuarterlyReport:
    *earlier, last = report.versions
    return replace(report, versions=(*earlier, replace(last, **changes)))  # type: ignore[arg-type]  # fields by name


QUARTERLY_REPORT: Final = Stream(name="quarterly-report", initial=QuarterlyReport(), evolve=evolve)
