"""The history of a delivery, case or claim as people read it.

Who, what, when, why, on what grounds.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.auditing import count_read
from app.api.authority import By
from app.api.edge import AtEdge, Edge
from app.api.keys import Caller
from app.api.queries import NOT_FOUND, PROBLEMS, ReadSince, reached
from app.domain.correction.events import FactCorrected, Value
from app.domain.errors import NotFound
from app.domain.values import Role
from app.events.recorded import Recorded, written_at
from app.evidence.belonging import belonging
from app.evidence.explain import rules_in, says

router: Final = APIRouter(prefix="/v1")

EVENTS_MAX: Final = 2_000


class EntryCorrection(BaseModel):
    """How a field is to be read: two people stand by it (更正)."""

    model_config = ConfigDict(extra="forbid")

    correction_no: str = Field(title="更正号")
    field: str = Field(title="字段")
    recorded: Value = Field(title="记录值")
    correct: Value = Field(title="正确值")
    reason: str = Field(title="原因")
    proposed_by: str = Field(title="提出人")
    approved_by: str = Field(title="批准人")
    event_id: str = Field(title="更正事件号")


class TimelineEntry(BaseModel):
    """One thing that happened (履历条目)."""

    model_config = ConfigDict(extra="forbid")

    position: int
    at: str = Field(title="时间", description="UTC.", examples=["2025-03-03T04:00:00.000000Z"])
    who: str = Field(title="经办人", description="The person.")
    role: Role = Field(title="角色")
    on_behalf_of: str | None = Field(
        title="委托人", description="In whose name, where it was delegated to the person."
    )
    what: str = Field(title="事项", examples=["ClaimAmountConfirmed"])
    says: str = Field(title="说明", examples=["The market specialist stands by this amount."])
    why: str | None = Field(title="原因")
    clause: str = Field(title="条款", examples=["4.5"])
    rule: str | None = Field(title="规则", description="The rule that reacted.", examples=["R-04"])
    event_id: str = Field(title="事件号")
    caused_by: str | None = Field(title="起因事件", description="The event that set it off.")
    stream: str = Field(title="流", description="Where it is recorded.")
    data: dict[str, Any] = Field(title="内容", description="As recorded; money in whole fen.")
    corrections: list[EntryCorrection] = Field(
        title="更正", description="What of it two people say was not so; `data` stays as recorded."
    )


class Timeline(BaseModel):
    """Everything that happened to a delivery, case or claim and to what belongs to it, in order."""

    model_config = ConfigDict(extra="forbid")

    id: str
    streams: list[str] = Field(description="What belongs to it: returns, claims, escalations …")
    data: list[TimelineEntry]
    truncated: bool = Field(description=f"Whether more than {EVENTS_MAX} events were left out.")


Uuid = Annotated[str, Path(pattern=r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$")]


@router.get(
    "/feedback-cases/{feedback_case_id}/timeline",
    tags=["feedback-cases"],
    responses=PROBLEMS | NOT_FOUND,
)
async def get_case_timeline(
    request: Request, feedback_case_id: Uuid, edge: AtEdge, caller: By, since: ReadSince
) -> Timeline:
    """Read the history of a case: its returns, claims, CAPA, recurrence and project, too."""
    await reached(edge, since.min_position)
    return await _told(
        request,
        caller,
        await timeline_of(edge, f"feedback-case-{feedback_case_id}", feedback_case_id),
    )


@router.get("/claims/{claim_id}/timeline", tags=["claims"], responses=PROBLEMS | NOT_FOUND)
async def get_claim_timeline(
    request: Request, claim_id: Uuid, edge: AtEdge, caller: By, since: ReadSince
) -> Timeline:
    """Read the history of a claim: its own, its cases, escalations and CAPA."""
    await reached(edge, since.min_position)
    return await _told(request, caller, await timeline_of(edge, f"claim-{claim_id}", claim_id))


@router.get(
    "/deliveries/{delivery_id}/timeline",
    tags=["deliveries"],
    responses=PROBLEMS | NOT_FOUND,
)
async def get_delivery_timeline(
    request: Request, delivery_id: Uuid, edge: AtEdge, caller: By, since: ReadSince
) -> Timeline:
    """Read the history of a delivery: its own, and that of the cases its damages opened."""
    await reached(edge, since.min_position)
    return await _told(
        request, caller, await timeline_of(edge, f"delivery-{delivery_id}", delivery_id)
    )


async def _told(request: Request, caller: Caller, timeline: Timeline) -> Timeline:
    """A timeline, counted as events that are read."""
    await count_read(request, caller, len(timeline.data))
    return timeline


async def timeline_of(edge: Edge, stream: str, id_: str) -> Timeline:
    """The history of a record and of what belongs to it.

    Raises:
        NotFound: nothing happened to it.
    """
    streams = await belonging(edge.reader, edge.workings, stream, id_)
    events = await edge.reader.streams(streams, EVENTS_MAX + 1)
    if not any(each.stream == stream for each in events):
        raise NotFound(kind=stream.removesuffix(f"-{id_}"), id=id_)
    corrections = _corrections(events)
    return Timeline(
        id=id_,
        streams=streams,
        data=[
            _entry(each, corrections.get(each.happened.event_id, []))
            for each in events[:EVENTS_MAX]
        ],
        truncated=len(events) > EVENTS_MAX,
    )


def _corrections(events: Iterable[Recorded]) -> dict[str, list[EntryCorrection]]:
    """What was corrected, by the event that it corrects."""
    found: dict[str, list[EntryCorrection]] = {}
    for each in events:
        event = each.event
        if isinstance(event, FactCorrected):
            told = EntryCorrection(
                correction_no=event.correction_no,
                field=event.field,
                recorded=event.recorded,
                correct=event.correct,
                reason=event.reason,
                proposed_by=event.proposed_by,
                approved_by=each.happened.by.person,
                event_id=each.happened.event_id,
            )
            found.setdefault(event.event_id, []).append(told)
    return found


def _entry(recorded: Recorded, corrections: list[EntryCorrection]) -> TimelineEntry:
    happened = recorded.happened
    return TimelineEntry(
        position=recorded.position,
        at=written_at(happened.at),
        who=happened.by.person,
        role=happened.by.role,
        on_behalf_of=happened.by.on_behalf_of,
        what=recorded.type,
        says=says(happened.event),
        why=recorded.reason,
        clause=recorded.clauses[0],
        rule=", ".join(rules_in(recorded.data)) or None,
        event_id=happened.event_id,
        caused_by=recorded.causation_id,
        stream=recorded.stream,
        data=recorded.data,
        corrections=corrections,
    )
