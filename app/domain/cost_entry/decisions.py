"""What can be asked of a cost entry, why it may say no, and what it answers."""

from datetime import date, datetime
from typing import Any, ClassVar, Self, TypeAlias, assert_never

from pydantic import Field, model_validator

from app.domain.claim.events import CLAIM, ClaimStatus
from app.domain.corrections import NothingCorrected
from app.domain.cost_entry.events import (
    COST_ENTRY,
    CostCorrected,
    CostEntry,
    CostEntryEvent,
    CostKind,
    CostRecorded,
)
from app.domain.decider import Asked, Command, Decider, World
from app.domain.errors import (
    AlreadyExists,
    AlreadyReported,
    Forbidden,
    InTheFuture,
    NotFound,
    Refused,
    SourceIncomplete,
)
from app.domain.feedback_case.events import FEEDBACK_CASE, CaseStatus
from app.domain.money import Fen, Money
from app.domain.registers.costs import COST_BY_SOURCE, COST_OF_VISIT
from app.domain.registers.numbers import next_no
from app.domain.registers.sources import must_be_news
from app.domain.registers.visits import VISITS_OF_CASE
from app.domain.service_visit.events import SERVICE_VISIT
from app.domain.service_visit.state import VisitStatus
from app.domain.values import Code, CustomerId, Day, Id, Reason, Role, SpecCode, shanghai_day

# --- why it may say no ----------------------------------------------------------------------


class CostOfNothing(Refused):
    """There is no such case, claim or service visit that the cost could belong to.

    Look the id up in the ledger, or leave it out.

    「费用所属的反馈单、索赔或现场服务不存在。」
    """


class VisitCostCounted(Refused):
    """What a service visit cost is counted once: from the visit, when it is completed.

    Complete the visit, or correct what it cost; both move the figures by themselves.

    「现场服务费用随服务完成自动计入,不得重复登记;如有出入请更正该现场服务的费用。」
    """

    clause = "3.7"
    rule = "R-03"


class CostOfWhichVisit(Refused):
    """Visits to this case are counted with what they cost; say whether this is one of them.

    Give `service_visit_id`, or say `apart_from_visits` when it was for none of `visits`.

    「该反馈单已有现场服务,其费用自动计入;请注明现场服务,或声明与其无关。」
    """

    clause = "3.7"
    rule = "R-03"


class SodCost(Forbidden):
    """Whoever recorded a cost does not correct it.

    「费用的登记人与更正人不能为同一人。」
    """

    clause = "3.7"


# --- what can be asked ----------------------------------------------------------------------


class RecordCost(Command):
    """Record what after-sales service cost beside what customers claim (登记售后费用)."""

    clause: ClassVar[str] = "3.7"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE, Role.INTEGRATION})
    opens: ClassVar[bool] = True
    refusals = (
        AlreadyExists,
        SourceIncomplete,
        AlreadyReported,
        InTheFuture,
        CostOfNothing,
        VisitCostCounted,
        CostOfWhichVisit,
    )

    kind: CostKind
    amount: Money
    on: Day = Field(description="The day on which it arose: it decides the year (发生日期).")
    case_id: Id | None = Field(default=None, description="The feedback case it was spent on.")
    claim_id: Id | None = Field(default=None, description="The claim it was spent on.")
    service_visit_id: Id | None = Field(
        default=None,
        description="The service visit it was spent on, which names its case: only for one that "
        "was cancelled, or completed before visits were counted by themselves.",
    )
    apart_from_visits: bool = Field(
        default=False,
        strict=True,
        description="A VISIT to the case that is none of its service visits (与现场服务无关).",
    )
    voucher: Code = Field(description="凭证号.")
    source_system: Code | None = Field(
        default=None, description="The system that reports, with external_ref.", examples=["ERP"]
    )
    external_ref: Code | None = Field(
        default=None, description="The number in source_system: unique there."
    )

    @model_validator(mode="after")
    def _a_visit_names_its_case(self) -> Self:
        if self.service_visit_id is not None and (self.case_id or self.apart_from_visits):
            raise ValueError("service_visit_id goes without case_id and apart_from_visits")
        return self


class CorrectCost(Command):
    """Say that a cost was another one, or arose on another day (更正售后费用)."""

    clause: ClassVar[str] = "3.7"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})
    refusals = (NotFound, VisitCostCounted, SodCost, InTheFuture, NothingCorrected)

    kind: CostKind | None = None
    amount: Money | None = None
    on: Day | None = None
    voucher: Code | None = None
    reason: Reason


class CountVisitCost(Command):
    """Count what a service visit cost, or what it cost rather."""

    clause: ClassVar[str] = "3.7"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    visit_no: Code
    case_id: Id
    case_no: Code
    customer_id: CustomerId
    spec_code: SpecCode
    amount_fen: Fen
    on: date
    voucher: Code
    reason: Reason | None = Field(description="Why, where the visit was corrected.")


CostEntryCommand: TypeAlias = RecordCost | CorrectCost | CountVisitCost

# --- what it answers ------------------------------------------------------------------------


def decide(asked: Asked[CostEntryCommand], entry: CostEntry, world: World) -> list[CostEntryEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case RecordCost() as command:
            return record(asked, command, entry, world)
        case CorrectCost() as command:
            return correct(asked, command, entry)
        case CountVisitCost() as command:
            return count_visit(asked.to, command, entry, world)
        case _:
            assert_never(asked.command)


def record(
    asked: Asked[CostEntryCommand], command: RecordCost, entry: CostEntry, world: World
) -> list[CostEntryEvent]:
    """Give the cost a number.

    Raises:
        AlreadyExists: the id is taken.
        SourceIncomplete, AlreadyReported: half a natural key, or one that was used.
        InTheFuture: it has not arisen yet.
        CostOfNothing: nobody knows the case, the claim or the visit.
        VisitCostCounted: the visit says itself what it costs, or an entry of it is there.
        CostOfWhichVisit: it may be one of the visits to the case.
    """
    if entry.cost_no:
        raise AlreadyExists(cost_no=entry.cost_no)
    must_be_news(command, COST_BY_SOURCE, world)
    _must_be_past(command.on, asked.at)
    _must_be_counted_once(command, world)
    recorded = CostRecorded(
        cost_no=next_no(world, "CE"),
        kind=command.kind,
        amount_fen=command.amount.fen,
        on=command.on,
        claim_id=command.claim_id,
        voucher=command.voucher,
        source_system=command.source_system,
        external_ref=command.external_ref,
        **_belongs_to(command, world),
    )
    return [recorded]


def _must_be_counted_once(command: RecordCost, world: World) -> None:
    """Nothing that a visit told, or will tell, is entered by hand beside it."""
    if command.service_visit_id is not None:
        _must_not_count_itself(command.service_visit_id, world)
    elif command.kind is CostKind.VISIT and command.case_id and not command.apart_from_visits:
        visits = world.entry_in(VISITS_OF_CASE, command.case_id) or []
        if visits:
            raise CostOfWhichVisit(field="service_visit_id", visits=visits)


def _must_not_count_itself(service_visit_id: str, world: World) -> None:
    visit = world.state_of(SERVICE_VISIT, service_visit_id)
    if visit.status is VisitStatus.NOT_DISPATCHED:
        raise CostOfNothing(field="service_visit_id", service_visit_id=service_visit_id)
    known = world.entry_in(COST_OF_VISIT, service_visit_id)
    if known is not None:
        raise VisitCostCounted(
            field="service_visit_id",
            visit_no=visit.visit_no,
            cost_no=known.cost_no,
            next="CorrectVisitCost" if known.cost_entry_id == service_visit_id else "CorrectCost",
        )
    if visit.status in {VisitStatus.DISPATCHED, VisitStatus.STARTED}:
        raise VisitCostCounted(
            field="service_visit_id", visit_no=visit.visit_no, next="CompleteServiceVisit"
        )


def _must_be_past(on: date, now: datetime) -> None:
    today = shanghai_day(now)
    if on > today:
        raise InTheFuture(field="on", today=today.isoformat())


def _belongs_to(command: RecordCost, world: World) -> dict[str, Any]:
    """What readers want to know of what it was spent on: numbers, customer, specification."""
    case_id, visit_no = command.case_id, None
    case_no = claim_no = customer_id = spec_code = None
    if command.claim_id is not None:
        claim = world.state_of(CLAIM, command.claim_id)
        if claim.status is ClaimStatus.NOT_REGISTERED:
            raise CostOfNothing(field="claim_id", claim_id=command.claim_id)
        claim_no, customer_id = claim.claim_no, claim.customer_id
        spec_code = claim.specs[0].spec_code
    if command.service_visit_id is not None:
        visit = world.state_of(SERVICE_VISIT, command.service_visit_id)
        case_id, visit_no = visit.case_id, visit.visit_no
    if case_id is not None:
        case = world.state_of(FEEDBACK_CASE, case_id)
        if case.status is CaseStatus.NOT_REGISTERED:
            raise CostOfNothing(field="case_id", case_id=case_id)
        case_no, customer_id, spec_code = case.case_no, case.customer_id, case.spec_code
    return {
        "service_visit_id": command.service_visit_id,
        "visit_no": visit_no,
        "apart_from_visits": command.apart_from_visits,
        "case_id": case_id,
        "case_no": case_no,
        "claim_no": claim_no,
        "customer_id": customer_id,
        "spec_code": spec_code,
    }


def correct(
    asked: Asked[CostEntryCommand], command: CorrectCost, entry: CostEntry
) -> list[CostEntryEvent]:
    """Correct it; fields that are left out stay as they are.

    Raises:
        NotFound: nothing was recorded under this id.
        VisitCostCounted: a visit says what it cost; its voucher is corrected like any.
        SodCost: the same person recorded it.
        InTheFuture: it has not arisen yet.
        NothingCorrected: every value stands as it is.
    """
    if not entry.cost_no:
        raise NotFound
    said = (command.kind, command.amount, command.on)
    if entry.service_visit_id == asked.to and said != (None, None, None):
        raise VisitCostCounted(
            field="amount",
            visit_no=entry.visit_no,
            cost_no=entry.cost_no,
            next="CorrectVisitCost",
        )
    if asked.by.person == entry.recorded_by:
        raise SodCost(person=asked.by.person)
    if command.on is not None:
        _must_be_past(command.on, asked.at)
    corrected = CostCorrected(
        cost_no=entry.cost_no,
        old_kind=entry.kind,
        kind=command.kind or entry.kind,
        old_amount_fen=entry.amount,
        amount_fen=entry.amount if command.amount is None else command.amount.fen,
        old_on=entry.on,
        on=command.on or entry.on,
        voucher=command.voucher or entry.voucher,
        reason=command.reason,
    )
    standing = (entry.kind, entry.amount, entry.on, entry.voucher)
    if (corrected.kind, corrected.amount_fen, corrected.on, corrected.voucher) == standing:
        raise NothingCorrected(field="amount")
    return [corrected]


def count_visit(
    service_visit_id: str, command: CountVisitCost, entry: CostEntry, world: World
) -> list[CostEntryEvent]:
    """Keep the entry of a visit, which stands under the visit's own id: there is one at most.

    Source:
        Clauses 3.6 and 3.7: what on-site service costs belongs to the year's after-sales cost.
    """
    if not entry.cost_no:
        said = command.model_dump(exclude={"reason"})
        recorded = CostRecorded(
            cost_no=next_no(world, "CE"),
            kind=CostKind.VISIT,
            service_visit_id=service_visit_id,
            claim_id=None,
            claim_no=None,
            source_system=None,
            external_ref=None,
            apart_from_visits=False,
            **said,
        )
        return [recorded]
    if (command.amount_fen, command.on) == (entry.amount, entry.on):
        return []
    corrected = CostCorrected(
        cost_no=entry.cost_no,
        old_kind=entry.kind,
        kind=entry.kind,
        old_amount_fen=entry.amount,
        amount_fen=command.amount_fen,
        old_on=entry.on,
        on=command.on,
        voucher=entry.voucher,
        reason=command.reason or command.visit_no,
    )
    return [corrected]


cost_entry: Decider[CostEntryCommand, CostEntry, CostEntryEvent] = Decider(
    stream=COST_ENTRY, decide=decide, collection="cost-entries", label_zh="售后费用"
)
