"""What can be asked of a quarterly report, why it may say no, and what it answers."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import ClassVar, Final, TypeAlias, assert_never

from pydantic import Field

from app.domain.decider import Asked, Command, Decider, World
from app.domain.due import due, limits_of
from app.domain.errors import AlreadyExists, Forbidden, Invalid, Missing, Refused
from app.domain.quarterly_report.events import (
    QUARTERLY_REPORT,
    QuarterClosed,
    QuarterEnded,
    QuarterlyReport,
    QuarterlyReportEvent,
    QuarterRestated,
    ReportAcknowledged,
    ReportIssued,
    ReportStatus,
    ReportVersion,
)
from app.domain.values import Department, Reason, Role, Text, end_of_day

_QUARTER: Final = re.compile(r"(20\d\d)Q([1-4])")
ROLES_OF: Final = {
    Role.SALES_CLERK: Department.SALES,
    Role.SALES_REP: Department.SALES,
    Role.MARKET_SPECIALIST: Department.SALES,
    Role.FIELD_SERVICE: Department.SALES,
    Role.QA_ENGINEER: Department.QA,
    Role.QA_MANAGER: Department.QA,
    Role.PRODUCTION: Department.PRODUCTION,
    Role.TECH_ENGINEER: Department.TECH,
    Role.TECH_DIRECTOR: Department.TECH,
    Role.WAREHOUSE: Department.LOGISTICS,
    Role.SHIPPER: Department.LOGISTICS,
}
"""For which department a role acknowledges."""

# --- why it may say no ----------------------------------------------------------------------


class NoSuchQuarter(Missing):
    """A quarter is written as 2025Q1.

    「季度应写作 2025Q1。」
    """


class QuarterNotOver(Refused):
    """The quarter is not over yet, or nobody has seen its end.

    「该季度尚未结束。」
    """

    clause = "4.6.1"


class QuarterAlreadyClosed(Refused):
    """The quarter is closed; late facts are restated.

    「该季度已关闭;迟到事实应通过重述处理。」
    """


class QuarterNotIssued(Refused):
    """No version was issued yet.

    「报告尚未发布。」
    """


class VersionWaits(Refused):
    """A version waits to be issued.

    「已有待发布的版本。」
    """


class NoVersionWaits(Refused):
    """No version waits to be issued: close or restate the quarter first.

    「没有待发布的版本。」
    """


class DepartmentTwice(Invalid):
    """A department is named once.

    「部门不能重复。」
    """


class NothingToAcknowledge(Refused):
    """The last version was not sent to this department, or it is acknowledged already.

    「该版本未分发给本部门,或本部门已确认。」
    """


class SodReport(Forbidden):
    """Whoever prepares a report does not issue it.

    「报告的编制人与发布人不能为同一人。」
    """

    clause = "4.6.1"


# --- what can be asked ----------------------------------------------------------------------


class EndQuarter(Command):
    """Say that the quarter is over, and until when its report is due."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    refusals = (NoSuchQuarter, QuarterNotOver, AlreadyExists)


class CloseQuarter(Command):
    """Freeze the figures of a quarter that is over (关闭季度)."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    refusals = (NoSuchQuarter, QuarterNotOver, QuarterAlreadyClosed)


class RestateQuarter(Command):
    """Freeze the figures anew, because late facts have moved them (重述季度)."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    refusals = (NoSuchQuarter, QuarterNotOver, QuarterNotIssued, VersionWaits)

    reason: Reason


class IssueReport(Command):
    """Stand by the frozen version and send it to the departments (发布季度报告)."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    refusals = (NoSuchQuarter, QuarterNotOver, NoVersionWaits, DepartmentTwice, SodReport)

    suggestions: Text = Field(description="改善建议.")
    departments: tuple[Department, ...] = Field(
        default=tuple(Department), min_length=1, max_length=50, description="分发部门."
    )


class AcknowledgeReport(Command):
    """Confirm for one's own department that the last version is known (确认季度报告)."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset(ROLES_OF)
    refusals = (NoSuchQuarter, QuarterNotOver, QuarterNotIssued, NothingToAcknowledge)


QuarterlyReportCommand: TypeAlias = (
    EndQuarter | CloseQuarter | RestateQuarter | IssueReport | AcknowledgeReport
)

# --- what it answers ------------------------------------------------------------------------


def decide(
    asked: Asked[QuarterlyReportCommand], report: QuarterlyReport, world: World
) -> Sequence[QuarterlyReportEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case EndQuarter():
            return end(asked, report, world)
        case CloseQuarter():
            return close(asked, report, world)
        case RestateQuarter() as command:
            return restate(asked, command, report, world)
        case IssueReport() as command:
            return issue(asked, command, report)
        case AcknowledgeReport():
            return acknowledge(asked, report)
        case _:
            assert_never(asked.command)


def last_day_of(quarter: str) -> date:
    """The last day of a quarter.

    Raises:
        NoSuchQuarter: it is written otherwise.
    """
    written = _QUARTER.fullmatch(quarter)
    if written is None:
        raise NoSuchQuarter(quarter=quarter)
    year, number = int(written[1]), int(written[2])
    first_after = date(year + number // 4, number % 4 * 3 + 1, 1)
    return first_after - timedelta(days=1)


def end(
    asked: Asked[QuarterlyReportCommand], report: QuarterlyReport, world: World
) -> list[QuarterlyReportEvent]:
    """Say once that it is over; the report is due some working days after its last day (T16).

    Raises:
        QuarterNotOver: there is still time.
        AlreadyExists: it was said.
    """
    last_day = last_day_of(asked.to)
    over = end_of_day(last_day)
    if asked.at < over:
        raise QuarterNotOver(quarter=asked.to, ends_on=last_day.isoformat())
    if report.status is not ReportStatus.NOT_ENDED:
        raise AlreadyExists(report_no=report.report_no)
    issued_by = due(world, "T16", limits_of(world).quarterly_report, over - timedelta(seconds=1))
    ended = QuarterEnded(
        report_no=f"QR-{asked.to}", quarter=asked.to, ended_on=last_day, due=(issued_by,)
    )
    return [ended]


def close(
    asked: Asked[QuarterlyReportCommand], report: QuarterlyReport, world: World
) -> list[QuarterlyReportEvent]:
    """Freeze the first version; whoever comes before the clock says himself that it is over."""
    if report.status is ReportStatus.NOT_ENDED:
        closed = _heading(asked) | {"version": 1, "cutoff_position": world.position}
        return [*end(asked, report, world), QuarterClosed(**closed)]
    if report.last is not None:
        raise QuarterAlreadyClosed(version=report.last.version, next="RestateQuarter")
    return [QuarterClosed(**_heading(asked), version=1, cutoff_position=world.position)]


def restate(
    asked: Asked[QuarterlyReportCommand],
    command: RestateQuarter,
    report: QuarterlyReport,
    world: World,
) -> list[QuarterlyReportEvent]:
    """Freeze the next version beside those that were issued."""
    last = _last(asked, report)
    if last is None:
        raise QuarterNotIssued(quarter=asked.to, next="CloseQuarter")
    if last.issued_at is None:
        raise VersionWaits(version=last.version, next="IssueReport")
    restated = QuarterRestated(
        **_heading(asked),
        version=last.version + 1,
        cutoff_position=world.position,
        compared_with_position=last.cutoff_position,
        reason=command.reason,
    )
    return [restated]


def issue(
    asked: Asked[QuarterlyReportCommand], command: IssueReport, report: QuarterlyReport
) -> list[QuarterlyReportEvent]:
    """Issue the version that waits; another person prepared it."""
    last = _last(asked, report)
    if last is None or last.issued_at is not None:
        raise NoVersionWaits(quarter=asked.to, next="RestateQuarter" if last else "CloseQuarter")
    if asked.by.person == last.prepared_by:
        raise SodReport(person=asked.by.person)
    if len(set(command.departments)) != len(command.departments):
        raise DepartmentTwice(field="departments")
    issued = ReportIssued(
        **_heading(asked),
        version=last.version,
        cutoff_position=last.cutoff_position,
        suggestions=command.suggestions,
        departments=command.departments,
    )
    return [issued]


def acknowledge(
    asked: Asked[QuarterlyReportCommand], report: QuarterlyReport
) -> list[QuarterlyReportEvent]:
    """Acknowledge for the department of one's role, once a version."""
    last, department = _last(asked, report), ROLES_OF[asked.by.role]
    if last is None or last.issued_at is None:
        raise QuarterNotIssued(quarter=asked.to)
    if department not in last.waiting_for:
        raise NothingToAcknowledge(
            department=department, waiting_for=[str(each) for each in last.waiting_for]
        )
    known = ReportAcknowledged(**_heading(asked), version=last.version, department=department)
    return [known]


def _last(asked: Asked[QuarterlyReportCommand], report: QuarterlyReport) -> ReportVersion | None:
    if report.status is ReportStatus.NOT_ENDED:
        raise QuarterNotOver(quarter=asked.to, ends_on=last_day_of(asked.to).isoformat())
    return report.last


def _heading(asked: Asked[QuarterlyReportCommand]) -> dict[str, str]:
    """The fields of `ReportFact`."""
    return {"report_no": f"QR-{asked.to}", "quarter": asked.to}


quarterly_report: Final[Decider[QuarterlyReportCommand, QuarterlyReport, QuarterlyReportEvent]] = (
    Decider(
        stream=QUARTERLY_REPORT,
        decide=decide,
        collection="quarterly-reports",
        label_zh="售后问题季度分析报告",
        identity="code",
        code_name="quarter",
    )
)
