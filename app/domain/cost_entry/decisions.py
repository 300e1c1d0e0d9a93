"""What can be asked of a cost entry, why it may say no, and what it answers."""

from datetime import date, datetime
from typing import Any, ClassVar, TypeAlias, assert_never

from pydantic import Field

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
from app.domain.money import Money
from app.domain.registers.costs import COST_BY_SOURCE
from app.domain.registers.numbers import next_no
from app.domain.registers.sources import must_be_news
from app.domain.values import Code, Day, Id, Reason, Role, shanghai_day

# --- why it may say no ----------------------------------------------------------------------


class CostOfNothing(Refused):
    """There is no such case or claim that the cost could belong to.

    Look the id up in the ledger, or leave it out.

    「费用所属的反馈单或索赔不存在。」
    """


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
    refusals = (AlreadyExists, SourceIncomplete, AlreadyReported, InTheFuture, CostOfNothing)

    kind: CostKind
    amount: Money
    on: Day = Field(description="The day on which it arose: it decides the year (发生日期).")
    case_id: Id | None = Field(default=None, description="The feedback case it was spent on.")
    claim_id: Id | None = Field(default=None, description="The claim it was spent on.")
    voucher: Code = Field(description="凭证号.")
    source_system: Code | None = Field(
        default=None, description="The system that reports, with external_ref.", examples=["ERP"]
    )
    external_ref: Code | None = Field(
        default=None, description="The number in source_system: unique there."
    )


class CorrectCost(Command):
    """Say that a cost was another one, or arose on another day (更正售后费用)."""

    clause: ClassVar[str] = "3.7"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})
    refusals = (NotFound, SodCost, InTheFuture, NothingCorrected)

    kind: CostKind | None = None
    amount: Money | None = None
    on: Day | None = None
    voucher: Code | None = None
    reason: Reason


CostEntryCommand: TypeAlias = RecordCost | CorrectCost

# --- what it answers ------------------------------------------------------------------------


def decide(asked: Asked[CostEntryCommand], entry: CostEntry, world: World) -> list[CostEntryEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case RecordCost() as command:
            return record(asked, command, entry, world)
        case CorrectCost() as command:
            return correct(asked, command, entry)
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
        CostOfNothing: nobody knows the case or the claim.
    """
    if entry.cost_no:
        raise AlreadyExists(cost_no=entry.cost_no)
    must_be_news(command, COST_BY_SOURCE, world)
    _must_be_past(command.on, asked.at)
    recorded = CostRecorded(
        cost_no=next_no(world, "CE"),
        kind=command.kind,
        amount_fen=command.amount.fen,
        on=command.on,
        case_id=command.case_id,
        claim_id=command.claim_id,
        voucher=command.voucher,
        source_system=command.source_system,
        external_ref=command.external_ref,
        **_belongs_to(command, world),
    )
    return [recorded]


def _must_be_past(on: date, now: datetime) -> None:
    today = shanghai_day(now)
    if on > today:
        raise InTheFuture(field="on", today=today.isoformat())


def _belongs_to(command: RecordCost, world: World) -> dict[str, Any]:
    """What readers want to know of the case and the claim: numbers, customer, specification."""
    case_no = claim_no = customer_id = spec_code = None
    if command.claim_id is not None:
        claim = world.state_of(CLAIM, command.claim_id)
        if claim.status is ClaimStatus.NOT_REGISTERED:
            raise CostOfNothing(field="claim_id", claim_id=command.claim_id)
        claim_no, customer_id = claim.claim_no, claim.customer_id
        spec_code = claim.specs[0].spec_code
    if command.case_id is not None:
        case = world.state_of(FEEDBACK_CASE, command.case_id)
        if case.status is CaseStatus.NOT_REGISTERED:
            raise CostOfNothing(field="case_id", case_id=command.case_id)
        case_no, customer_id, spec_code = case.case_no, case.customer_id, case.spec_code
    return {
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
        SodCost: the same person recorded it.
        InTheFuture: it has not arisen yet.
        NothingCorrected: every value stands as it is.
    """
    if not entry.cost_no:
        raise NotFound
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


cost_entry: Decider[CostEntryCommand, CostEntry, CostEntryEvent] = Decider(
    stream=COST_ENTRY, decide=decide, collection="cost-entries", label_zh="售后费用"
)
