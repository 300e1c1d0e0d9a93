"""Why an event happened, for whoever asks later: `GET /v1/events/{event_id}/explanation`."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.auditing import count_read
from app.api.authority import By
from app.api.edge import AtEdge, Edge
from app.api.queries import NOT_FOUND, PROBLEMS, NoParameters
from app.domain.clauses import CLAUSES
from app.domain.decider import SINGLE
from app.domain.errors import NotFound
from app.domain.rule_pack.events import RULE_PACKS
from app.domain.values import Role
from app.events.recorded import Recorded, written_at
from app.evidence.explain import Explanation, RuleSaid, explain, figure_words
from app.evidence.numbers import Named, named

router: Final = APIRouter(prefix="/v1/events", tags=["events"])

CAUSES_MAX: Final = 20
"""Steps back to the command; policies do not react deeper than this."""
SET_OFF_MAX: Final = 200


class ExplainedClause(BaseModel):
    """A clause of YTCXQP034 that the event is evidence of (条款)."""

    model_config = ConfigDict(extra="forbid")

    clause: str = Field(title="条款", examples=["4.5"])
    en: str
    zh: str


class ExplainedOperand(BaseModel):
    """One side of what was compared (比较量)."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="`observed` or `threshold`.")
    value: int = Field(description="A whole number in `unit`; money in fen.")
    unit: str = Field(examples=["FEN"])
    written: str = Field(examples=["500.01 CNY"])
    figure: str | None = Field(
        description="The figure of the rule pack behind a threshold.",
        examples=["single_claim_fen_max"],
    )
    figure_value: str | None = Field(description="What the pack said then.", examples=["50000"])
    figure_says: str | None = Field(description="What the figure is, in both languages.")


class ExplainedEvidence(BaseModel):
    """Something that was counted (依据)."""

    model_config = ConfigDict(extra="forbid")

    no: str = Field(title="编号", examples=["CL-2025-000002"])
    record: str | None = Field(description="Its address.")
    row: str | None = Field(description="Its row of a ledger.")
    event_ids: list[str] = Field(description="The events behind the row as it was known then.")


class ExplainedRule(BaseModel):
    """What one rule saw and said (规则判定)."""

    model_config = ConfigDict(extra="forbid")

    rule: str = Field(title="规则", examples=["R-04"])
    clause: str = Field(title="条款")
    en: str
    zh: str
    rule_pack_version: int = Field(title="规则包版本")
    procedure_revision: str | None = Field(title="程序版本", examples=["A0"])
    effective_from: str | None = Field(title="生效时间")
    operands: list[ExplainedOperand]
    comparison: str | None = Field(title="比较", examples=["500.01 CNY > 500.00 CNY"])
    holds: bool | None = Field(title="是否成立")
    evidence: list[ExplainedEvidence] = Field(title="依据")
    sentence_en: str
    sentence_zh: str


class ExplainedLimit(BaseModel):
    """A time limit that the event started (启动的时限)."""

    model_config = ConfigDict(extra="forbid")

    limit: str = Field(title="时限", examples=["T13"])
    clause: str = Field(title="条款")
    en: str
    zh: str
    due_at: str = Field(title="截止时间", description="UTC.")
    calendar: str | None = Field(title="工作日历")


class EventInChain(BaseModel):
    """An event that led here, or that followed (因果链)."""

    model_config = ConfigDict(extra="forbid")

    event_id: str
    position: int
    type: str
    stream: str
    person: str = Field(title="经办人")
    role: Role = Field(title="角色")
    on_behalf_of: str | None = Field(title="委托人")
    recorded_at: str


class EventExplanation(BaseModel):
    """Why an event happened: who decided or which rule reacted, on what grounds (判定说明)."""

    model_config = ConfigDict(extra="forbid")

    event_id: str
    position: int
    type: str
    automatic: bool = Field(description="Whether a rule reacted; else a person decided.")
    decided_by: EventInChain = Field(
        description="The command at the root: who asked for what led to this."
    )
    clauses: list[ExplainedClause]
    rules: list[ExplainedRule]
    limits: list[ExplainedLimit]
    caused_by: list[EventInChain] = Field(description="Back to the root, nearest first.")
    set_off: list[EventInChain] = Field(description="What the rules did because of it.")
    text_en: str
    text_zh: str


@router.get("/{event_id}/explanation", responses=PROBLEMS | NOT_FOUND)
async def explain_event(
    request: Request,
    event_id: Annotated[str, Path(pattern=r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$")],
    edge: AtEdge,
    caller: By,
    _: NoParameters,
) -> EventExplanation:
    """Explain an event: rule, clause, rule pack, what was compared, the evidence known then."""
    recorded = await edge.reader.one(event_id)
    if recorded is None:
        raise NotFound(kind="event", id=event_id)
    await count_read(request, caller, 1, (recorded.position - 1, recorded.position))
    return (await explained(edge, [recorded]))[0]


async def explained(edge: Edge, events: Sequence[Recorded]) -> list[EventExplanation]:
    """The explanations of events, each with what was known when it was decided."""
    async with edge.reader.snapshot() as snapshot:
        packs = await snapshot.state_of(RULE_PACKS, SINGLE)
    known = {pack.version: pack for pack in packs.approved}
    led_to = await edge.reader.led_to(events)
    followed: dict[str | None, list[Recorded]] = {}
    for each in await edge.reader.set_off_by(events, SET_OFF_MAX):
        followed.setdefault(each.causation_id, []).append(each)
    found = []
    for each in events:
        explanation = explain(each, known.get(each.rule_pack_version))
        evidence = await _known_then(edge, each, explanation)
        set_off = followed.get(each.happened.event_id, [])
        found.append(_shown(each, explanation, evidence, _causes(each, led_to), set_off))
    return found


async def _known_then(edge: Edge, recorded: Recorded, explanation: Explanation) -> dict[str, Named]:
    """What the evidence names, as it was known before the event."""
    numbers = [no for rule in explanation.rules for no in rule.evidence]
    if not numbers:
        return {}
    async with edge.reader.snapshot(recorded.position - 1) as snapshot:
        return await named(snapshot, numbers)


def _causes(recorded: Recorded, led_to: Mapping[str, Recorded]) -> list[Recorded]:
    """The events that led to one, nearest first."""
    found: list[Recorded] = []
    while recorded.causation_id is not None and len(found) < CAUSES_MAX:
        recorded = led_to[recorded.causation_id]
        found.append(recorded)
    return found


def _shown(
    recorded: Recorded,
    explanation: Explanation,
    found: Mapping[str, Named],
    causes: list[Recorded],
    followed: list[Recorded],
) -> EventExplanation:
    return EventExplanation(
        event_id=recorded.happened.event_id,
        position=recorded.position,
        type=recorded.type,
        automatic=explanation.automatic,
        decided_by=_link(causes[-1] if causes else recorded),
        clauses=[
            ExplainedClause(clause=each, en=CLAUSES[each].en, zh=CLAUSES[each].zh)
            for each in recorded.clauses
            if each in CLAUSES
        ],
        rules=[_rule(each, found) for each in explanation.rules],
        limits=[
            ExplainedLimit(
                limit=each.limit,
                clause=each.clause,
                en=each.en,
                zh=each.zh,
                due_at=each.due_at,
                calendar=each.calendar,
            )
            for each in explanation.limits
        ],
        caused_by=[_link(each) for each in causes],
        set_off=[_link(each) for each in followed],
        text_en=explanation.text_en,
        text_zh=explanation.text_zh,
    )


def _rule(said: RuleSaid, found: Mapping[str, Named]) -> ExplainedRule:
    return ExplainedRule(
        rule=said.rule,
        clause=said.clause,
        en=said.en,
        zh=said.zh,
        rule_pack_version=said.rule_pack_version,
        procedure_revision=said.procedure_revision,
        effective_from=said.effective_from,
        operands=[
            ExplainedOperand(
                name=each.name,
                value=each.value,
                unit=each.unit,
                written=each.written,
                figure=each.figure,
                figure_value=each.figure_value,
                figure_says=figure_words(each.figure) if each.figure else None,
            )
            for each in said.operands
        ],
        comparison=said.comparison,
        holds=said.holds,
        evidence=[_evidence(no, found.get(no)) for no in said.evidence],
        sentence_en=said.sentence_en,
        sentence_zh=said.sentence_zh,
    )


def _evidence(no: str, known: Named | None) -> ExplainedEvidence:
    return ExplainedEvidence(
        no=no,
        record=known.record if known else None,
        row=known.row if known else None,
        event_ids=list(known.event_ids) if known else [],
    )


def _link(recorded: Recorded) -> EventInChain:
    happened = recorded.happened
    return EventInChain(
        event_id=happened.event_id,
        position=recorded.position,
        type=recorded.type,
        stream=recorded.stream,
        person=happened.by.person,
        role=happened.by.role,
        on_behalf_of=happened.by.on_behalf_of,
        recorded_at=written_at(happened.at),
    )
