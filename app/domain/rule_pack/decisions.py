"""What can be asked of the rule packs, why they may say no, and what they answer."""

from typing import ClassVar, TypeAlias, assert_never

from pydantic import Field

from app.domain.decider import Asked, Command, Decider, World
from app.domain.errors import AlreadyExists, Forbidden, Invalid, Refused
from app.domain.rule_pack.events import (
    RULE_PACKS,
    RulePackAdopted,
    RulePackApproved,
    RulePackEvent,
    RulePackProposed,
    RulePackRejected,
    RulePacks,
)
from app.domain.rules import Figures
from app.domain.values import Code, Instant, Reason, Role

# --- why they may say no --------------------------------------------------------------------


class ProposalPending(Refused):
    """Another proposal waits for the general manager.

    「已有待批准的规则包提案。」
    """


class NoSuchProposal(Refused):
    """No rule pack of this version waits for approval.

    「没有该版本的待批准规则包。」
    """


class EffectiveInThePast(Invalid):
    """A rule pack takes effect now or later, never before.

    「规则包不能追溯生效。」
    """

    clause = "5.5"


class SodRulePack(Forbidden):
    """Whoever proposes a rule pack does not approve it.

    「规则包的提出人与批准人不能为同一人。」
    """

    clause = "5.5"


# --- what can be asked ----------------------------------------------------------------------


class AdoptFirstRulePack(Command):
    """Bring the procedure's own figures into force, once, at the first start."""

    clause: ClassVar[str] = "5.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    opens: ClassVar[bool] = True
    refusals = (AlreadyExists,)

    procedure_revision: Code
    effective_from: Instant
    figures: Figures


class ProposeRulePack(Command):
    """Propose other figures, effective from an instant (提出规则包)."""

    clause: ClassVar[str] = "5.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    refusals = (ProposalPending, EffectiveInThePast)

    procedure_revision: Code
    effective_from: Instant
    figures: Figures
    reason: Reason


class ApproveRulePack(Command):
    """Bring proposed figures into force at their instant (批准规则包)."""

    clause: ClassVar[str] = "5.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.GENERAL_MANAGER})
    refusals = (NoSuchProposal, EffectiveInThePast, SodRulePack)

    version: int = Field(ge=1, le=1_000_000, strict=True)


class RejectRulePack(Command):
    """Turn proposed figures down (驳回规则包)."""

    clause: ClassVar[str] = "5.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.GENERAL_MANAGER})
    refusals = (NoSuchProposal,)

    version: int = Field(ge=1, le=1_000_000, strict=True)
    reason: Reason


RulePackCommand: TypeAlias = AdoptFirstRulePack | ProposeRulePack | ApproveRulePack | RejectRulePack

# --- what they answer -----------------------------------------------------------------------


def decide(asked: Asked[RulePackCommand], packs: RulePacks, _: World) -> list[RulePackEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case AdoptFirstRulePack() as command:
            return adopt_first(command, packs)
        case ProposeRulePack() as command:
            return propose(asked, command, packs)
        case ApproveRulePack() as command:
            return approve(asked, command, packs)
        case RejectRulePack() as command:
            return reject(command, packs)
        case _:
            assert_never(asked.command)


def adopt_first(command: AdoptFirstRulePack, packs: RulePacks) -> list[RulePackEvent]:
    """Start with the procedure as it was signed."""
    if packs.versions:
        raise AlreadyExists
    return [RulePackAdopted(version=1, **dict(command))]


def propose(
    asked: Asked[RulePackCommand], command: ProposeRulePack, packs: RulePacks
) -> list[RulePackEvent]:
    """Put figures before the general manager, one proposal at a time."""
    if packs.proposal is not None:
        raise ProposalPending(version=packs.proposal.pack.version)
    if command.effective_from < asked.at:
        raise EffectiveInThePast(field="effective_from", now=asked.at.isoformat())
    return [RulePackProposed(version=packs.versions + 1, **dict(command))]


def approve(
    asked: Asked[RulePackCommand], command: ApproveRulePack, packs: RulePacks
) -> list[RulePackEvent]:
    """Approve the proposal, unless its instant has passed meanwhile."""
    proposal = packs.proposal
    if proposal is None or proposal.pack.version != command.version:
        raise NoSuchProposal(version=command.version)
    if asked.by.person == proposal.proposer:
        raise SodRulePack(person=asked.by.person)
    if proposal.pack.effective_from < asked.at:
        raise EffectiveInThePast(effective_from=proposal.pack.effective_from.isoformat())
    return [RulePackApproved(version=command.version)]


def reject(command: RejectRulePack, packs: RulePacks) -> list[RulePackEvent]:
    """Turn the proposal down; its version number stays used."""
    if packs.proposal is None or packs.proposal.pack.version != command.version:
        raise NoSuchProposal(version=command.version)
    return [RulePackRejected(version=command.version, reason=command.reason)]


rule_packs: Decider[RulePackCommand, RulePacks, RulePackEvent] = Decider(
    stream=RULE_PACKS,
    decide=decide,
    collection="rule-packs",
    label_zh="规则包",
    identity="single",
)
