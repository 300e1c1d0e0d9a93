"""What can happen to the rule packs, and what they add up to."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias, assert_never

from app.domain.decider import SINGLE, Event, Happened, Stream, World
from app.domain.replacing import replace
from app.domain.rules import Figures, RulePack
from app.domain.values import Code, Reason


class RulePackAdopted(Event):
    """The procedure as it was signed came into force with the service."""

    clause: ClassVar[str] = "5.5"

    version: int
    procedure_revision: Code
    effective_from: datetime
    figures: Figures


class RulePackProposed(Event):
    """The QA manager proposes other figures."""

    clause: ClassVar[str] = "5.5"

    version: int
    procedure_revision: Code
    effective_from: datetime
    figures: Figures
    reason: Reason


class RulePackApproved(Event):
    """The general manager approves proposed figures."""

    clause: ClassVar[str] = "5.5"

    version: int


class RulePackRejected(Event):
    """The general manager does not want proposed figures."""

    clause: ClassVar[str] = "5.5"

    version: int
    reason: Reason


RulePackEvent: TypeAlias = RulePackAdopted | RulePackProposed | RulePackApproved | RulePackRejected


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pack that waits for the general manager, and who proposed it."""

    pack: RulePack
    proposer: str


@dataclass(frozen=True, slots=True)
class RulePacks:
    """The packs that were approved, oldest first, and the one that waits."""

    approved: tuple[RulePack, ...] = ()
    proposal: Proposal | None = None
    versions: int = 0

    def in_force(self, at: datetime) -> RulePack | None:
        """The last approved pack that is effective at an instant."""
        effective = [pack for pack in self.approved if pack.effective_from <= at]
        return max(effective, key=lambda pack: (pack.effective_from, pack.version), default=None)


def _pack(event: RulePackAdopted | RulePackProposed) -> RulePack:
    return RulePack(
        version=event.version,
        effective_from=event.effective_from,
        procedure_revision=event.procedure_revision,
        figures=event.figures,
    )


def evolve(packs: RulePacks, happened: Happened[RulePackEvent]) -> RulePacks:
    """Apply one event."""
    match happened.event:
        case RulePackAdopted() as event:
            return RulePacks(approved=(_pack(event),), versions=event.version)
        case RulePackProposed() as event:
            proposal = Proposal(_pack(event), happened.by.person)
            return replace(packs, proposal=proposal, versions=event.version)
        case RulePackApproved():
            approved = () if packs.proposal is None else (packs.proposal.pack,)
            return replace(packs, approved=packs.approved + approved, proposal=None)
        case RulePackRejected():
            return replace(packs, proposal=None)
        case unknown:
            assert_never(unknown)


RULE_PACKS = Stream(name="rule-pack", initial=RulePacks(), evolve=evolve)


def pack_in_force(world: World) -> RulePack:
    """The rule pack in force in this turn; the first start adopted one."""
    pack = world.state_of(RULE_PACKS, SINGLE).in_force(world.at)
    if pack is None:
        raise AssertionError("the first start adopts a rule pack before anything is asked")
    return pack
