"""Objecting to a claim: what can be asked in dispute and negotiation, and why not. Clause 4.5."""

from typing import Annotated, ClassVar

from pydantic import Field

from app.domain.claim.refusals import (
    ClaimAlreadySettled,
    ClaimIsOver,
    ClaimNotConfirmed,
)
from app.domain.claim.words import ShareRatio
from app.domain.decider import Command
from app.domain.errors import Forbidden, Invalid, NotFound, ObjectionLapsed, Refused
from app.domain.money import Money
from app.domain.values import Code, Reason, Role, Text

Shares = Annotated[
    tuple[ShareRatio, ...],
    Field(min_length=1, max_length=10, description="Add up to 10 000 basis points (责任比例)."),
]

# --- why not --------------------------------------------------------------------------------


class ObjectionOpen(Refused):
    """There is still time to object; nobody needs consent.

    「异议期限未过,无须同意。」
    """


class NegotiationUnderWay(Refused):
    """A negotiation about the claim is open.

    「该索赔正在协商中。」
    """

    clause = "4.5"


class NegotiationNotOpen(Refused):
    """No negotiation about the claim is open.

    「该索赔没有进行中的协商。」
    """


class NoGrounds_4_5(Refused):  # noqa: N801 - the clause is part of its code
    """An amount is adjusted or cancelled only in a dispute, or where a third party is to blame.

    Raise a dispute first, or have responsibility judged.

    「只有存在争议或主责为第三方时,才能调整或取消索赔金额。」
    """

    clause = "4.5"
    rule = "R-06"


class ProposalWaits(Refused):
    """A proposal waits for a second person: approve or reject it first.

    「已有待批准的调整或取消提案。」
    """


class NoProposalWaits(Refused):
    """No proposal waits for approval.

    「没有待批准的提案。」
    """


class NothingAdjusted(Invalid):
    """An adjustment changes the amount or the shares.

    「调整必须改变金额或责任比例。」
    """


class ClaimSharesMismatch(Invalid):
    """Shares name each party once and add up to 10 000 basis points.

    「责任比例中各方只能出现一次,合计必须为 10000 基点。」
    """


class SodAdjustment(Forbidden):
    """Whoever proposes a change of a claim does not approve it.

    「调整或取消的提出人与批准人不能为同一人。」
    """

    clause = "4.5"


class NeedsGeneralManager(Forbidden):
    """The claim was escalated: the general manager approves a change of it.

    「该索赔已上报,调整或取消须由总经理批准。」
    """

    clause = "4.5"


# --- what can be asked ----------------------------------------------------------------------


class LapseObjection(Command):
    """Say that the time to object is over."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    refusals = (NotFound, ClaimIsOver, ClaimAlreadySettled, ObjectionOpen)


class ConsentToLateObjection(Command):
    """Let somebody object although the time is over (同意逾期异议)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.GENERAL_MANAGER})
    refusals = (NotFound, ClaimIsOver, ClaimAlreadySettled, ObjectionOpen)

    reason: Reason


class RaiseDispute(Command):
    """Object to a claim, or record that the customer does (提出争议)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER, Role.SALES_REP})
    refusals = (
        NotFound,
        ClaimIsOver,
        ClaimAlreadySettled,
        ClaimNotConfirmed,
        NegotiationUnderWay,
        ObjectionLapsed,
    )

    grounds: Text


class NoteAppeal(Command):
    """Note that an appeal against the claim went to the customer: it is an objection."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    refusals = (NotFound, ClaimIsOver, ClaimAlreadySettled)

    appeal_no: Code
    grounds: Text


class ConcludeNegotiation(Command):
    """Record how a negotiation with the customer ended (协商结论)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.TECH_ENGINEER})
    refusals = (NotFound, ClaimIsOver, NegotiationNotOpen, ProposalWaits)

    minutes_ref: Code = Field(description="会议纪要: the document number of the minutes.")
    agreed: Text = Field(description="What both sides agreed on, in words.")


class ProposeAdjustment(Command):
    """Propose another amount or other shares (提出调整)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.TECH_ENGINEER})
    refusals = (
        NotFound,
        ClaimIsOver,
        ClaimAlreadySettled,
        ClaimNotConfirmed,
        NoGrounds_4_5,
        ProposalWaits,
        NothingAdjusted,
        ClaimSharesMismatch,
    )

    new_total: Money | None = Field(default=None, description="As it stands, when not given.")
    shares: Shares | None = Field(default=None, description="As they stand, when not given.")
    reason: Reason


class ProposeCancellation(Command):
    """Propose not to pay the claim (提出取消)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.TECH_ENGINEER})
    refusals = (
        NotFound,
        ClaimIsOver,
        ClaimAlreadySettled,
        ClaimNotConfirmed,
        NoGrounds_4_5,
        ProposalWaits,
    )

    reason: Reason


class ApproveProposal(Command):
    """Carry out what another person proposed: adjust or cancel the claim (批准调整或取消)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.TECH_DIRECTOR, Role.GENERAL_MANAGER})
    refusals = (NotFound, ClaimIsOver, NoProposalWaits, SodAdjustment, NeedsGeneralManager)


class RejectProposal(Command):
    """Turn down what another person proposed (驳回调整或取消)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.TECH_DIRECTOR, Role.GENERAL_MANAGER})
    refusals = (NotFound, ClaimIsOver, NoProposalWaits, SodAdjustment)

    reason: Reason
