"""What was corrected of one event, by whom and when. Clause 5.2.

Any fact is corrected by a `FactCorrected` of its own record; facts that figures follow from have a
correction in the same record. Each says what was recorded and what is right; the event stays.
"""

from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from app.api.edge import Edge
from app.domain.claim.facts import ClaimCorrected
from app.domain.correction.events import CORRECTION, FactCorrected
from app.domain.corrections import FieldChange
from app.domain.cost_entry.events import CostCorrected, CostRecorded
from app.domain.feedback_case.facts import FeedbackCorrected
from app.domain.sales_figures.events import SalesFigureCorrected, SalesFigureRecorded
from app.domain.service_visit.events import VisitCostCorrected
from app.domain.values import Role
from app.events.recorded import Recorded, written_at

EVENTS_MAX: Final = 2_000
"""Events of one record that are looked through."""

SELECT_APPROVED: Final = """
    SELECT row_id FROM corrections_ledger
    WHERE event_id = $1 AND status = 'APPROVED' ORDER BY correction_no LIMIT $2
"""


class CorrectionLinks(BaseModel):
    """Where to read on."""

    model_config = ConfigDict(extra="forbid")

    event: str = Field(
        title="更正事件", examples=["/v1/events/0194f3a2-7c1e-7b53-9d0a-3f6c2e8b1a47"]
    )
    record: str = Field(
        title="更正所在记录", examples=["/v1/corrections/0194f3a2-7c1e-7b53-9d0a-3f6c2e8b1a48"]
    )


class EventCorrection(BaseModel):
    """A correction that two people stand by (更正)."""

    model_config = ConfigDict(extra="forbid")

    event_id: str = Field(title="更正事件号", description="The event that corrects.")
    type: str = Field(title="更正事件", examples=["FactCorrected"])
    at: str = Field(title="更正时间", description="UTC.", examples=["2025-03-03T04:00:00.000000Z"])
    proposed_by: str | None = Field(
        title="提出人", description="None: whoever recorded the fact is the first person."
    )
    approved_by: str = Field(title="批准人", description="Who stands by it as the second person.")
    role: Role = Field(title="批准人角色")
    on_behalf_of: str | None = Field(title="被代表人")
    reason: str | None = Field(title="更正原因")
    changes: list[FieldChange] = Field(
        title="更正内容", description="As the events have it: money in whole fen."
    )
    links: CorrectionLinks = Field(title="链接")


async def corrections_of(edge: Edge, corrected: Recorded) -> list[EventCorrection]:
    """The corrections that were made to an event, oldest first; those that wait are none."""
    id_ = corrected.happened.event_id
    rows = await edge.reader.fetch(SELECT_APPROVED, id_, EVENTS_MAX)
    records = [f"{CORRECTION.name}-{row['row_id']}" for row in rows]
    events = await edge.reader.streams([corrected.stream, *records], EVENTS_MAX)
    return [_told(edge, each) for each in events if _corrects(each, corrected)]


def _corrects(other: Recorded, corrected: Recorded) -> bool:
    id_, fact = corrected.happened.event_id, corrected.event
    match other.event:
        case FactCorrected(event_id=event_id):
            return event_id == id_
        case FeedbackCorrected() | ClaimCorrected() | VisitCostCorrected() as event:
            return event.corrects_event_id == id_
        case CostCorrected():
            return isinstance(fact, CostRecorded)
        case SalesFigureCorrected(month=month):
            return isinstance(fact, SalesFigureRecorded) and fact.month == month
        case _:
            return False


def _told(edge: Edge, recorded: Recorded) -> EventCorrection:
    happened = recorded.happened
    decider = edge.workings.deciders[happened.kind]
    return EventCorrection(
        event_id=happened.event_id,
        type=recorded.type,
        at=written_at(happened.at),
        proposed_by=recorded.data.get("proposed_by"),
        approved_by=happened.by.person,
        role=happened.by.role,
        on_behalf_of=happened.by.on_behalf_of,
        reason=recorded.reason,
        changes=list(_changes(recorded.data)),
        links=CorrectionLinks(
            event=f"/v1/events/{happened.event_id}",
            record=f"/v1/{decider.collection}/{happened.to}",
        ),
    )


def _changes(data: dict[str, Any]) -> Iterable[FieldChange]:
    """Told as one field, as a list of fields, or by each value beside its `old_` one."""
    if "field" in data:
        yield FieldChange(field=data["field"], old=data["recorded"], new=data["correct"])
    for each in data.get("changes", ()):
        yield FieldChange.model_validate(each)
    for name, new in sorted(data.items()):
        old = data.get(f"old_{name}", new)
        if old != new:
            yield FieldChange(field=name, old=old, new=new)
