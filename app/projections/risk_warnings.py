"""风险警示台账: which stations are warned of what, from when until when. Clause 4.6.1 e."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from pydantic import Field

from app.domain.risk_warning.events import (
    RISK_WARNING,
    RiskWarning,
    WarningMedium,
    WarningStatus,
)
from app.events.recorded import Recorded
from app.projections.ledger import Filter, Ledger, LedgerRow


class RiskWarningRow(LedgerRow):
    """One warning in the ledger of risk warnings."""

    warning_id: str = Field(title="警示ID")
    warning_no: str = Field(title="警示编号")
    status: WarningStatus = Field(title="状态", description="Past its last day it stays ISSUED.")
    medium: WarningMedium = Field(title="警示方式")
    station: str = Field(title="工位")
    cause_code: str = Field(title="原因代码")
    text: str = Field(title="警示内容")
    valid_from: date = Field(title="生效日")
    valid_until: date = Field(title="有效期至", description="As it was issued.")
    valid_to: date = Field(
        title="实际有效至", description="The last day that ended with the warning in force."
    )
    issued_by: str = Field(title="发布人")
    project_id: str | None = Field(title="风险管控项目ID")
    project_no: str | None = Field(title="风险管控项目号")
    withdrawn_on: date | None = Field(title="撤销日")
    withdrawn_by: str | None = Field(title="撤销人")
    withdrawn_because: str | None = Field(title="撤销原因")


def keys_of(recorded: Recorded) -> Iterable[str]:
    """The warning that an event concerns."""
    return (recorded.happened.to,)


def fold(_: RiskWarningRow | None, recorded: Recorded, key: str) -> RiskWarningRow:
    """The row after an event: what the warning says. One that is withdrawn ends the day before."""
    warning: RiskWarning = recorded.state
    ended = warning.withdrawn_on and warning.withdrawn_on - timedelta(days=1)
    return RiskWarningRow(
        warning_id=key,
        warning_no=warning.warning_no,
        status=warning.status,
        medium=warning.medium,
        station=warning.station,
        cause_code=warning.cause_code,
        text=warning.text,
        valid_from=warning.valid_from,
        valid_until=warning.valid_until,
        valid_to=min(warning.valid_until, ended or warning.valid_until),
        issued_by=warning.issued_by,
        project_id=warning.project_id,
        project_no=warning.project_no,
        withdrawn_on=warning.withdrawn_on,
        withdrawn_by=warning.withdrawn_by,
        withdrawn_because=warning.withdrawn_because,
    )


RISK_WARNINGS_LEDGER: Final = Ledger[RiskWarningRow](
    name="risk_warnings",
    version=3,
    title="Ledger of risk warnings",
    title_zh="风险警示台账",
    clauses=("3.3", "4.6.1"),
    row_type=RiskWarningRow,
    event_types=RISK_WARNING.event_types,
    keys_of=keys_of,
    fold_row=fold,
    columns={
        "warning_no": "text",
        "valid_from": "text",
        "valid_to": "text",
        "status": "text",
        "medium": "text",
        "station": "text",
        "cause_code": "text",
        "project_no": "text",
    },
    sorts=("warning_no", "valid_from"),
    filters={
        "warning_no": Filter("warning_no", "=", "警示编号."),
        "status": Filter("status", "=", "状态."),
        "medium": Filter("medium", "=", "警示方式."),
        "station": Filter("station", "=", "工位."),
        "cause_code": Filter("cause_code", "=", "原因代码."),
        "project_no": Filter("project_no", "=", "风险管控项目号."),
        "valid_on": Filter(
            "valid_from", "within", "有效日: valid at the end of this day.", until="valid_to"
        ),
    },
)
