"""The world as it would have been under other figures: given facts, and reactions decided anew.

What people did, and what the service counted, is taken from the log as it was. What a rule of the
pack sets off (escalations, alerts, early warnings, batch problems) is not: the policies and
deciders that decided it then decide it again, on the same registers, under the changed figures.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final

from app.domain.cause_catalogue.events import CAUSE_CATALOGUE
from app.domain.corrections import applied
from app.domain.decider import (
    SINGLE,
    Asked,
    Decider,
    Event,
    Happened,
    Order,
    Policy,
    Register,
    S,
    Stream,
    V,
)
from app.domain.errors import DomainError
from app.domain.escalation.decisions import RaiseEscalation, escalation
from app.domain.escalation.events import (
    ESCALATION,
    CapaRequested,
    ClaimLinkedToEscalation,
    EscalationBasisChanged,
    EscalationRaised,
)
from app.domain.feedback_case.events import (
    FEEDBACK_CASE,
    AlertBasisChanged,
    FeedbackCorrected,
    FeedbackRegistered,
    OccurrenceQuantityTargetExceeded,
    QuantityConfirmed,
)
from app.domain.feedback_case.quantity import asked_again
from app.domain.feedback_case.state import FeedbackChanges
from app.domain.lot_quality.decisions import lot_quality
from app.domain.lot_quality.events import LOT_QUALITY, BatchProblemDetected
from app.domain.policies.detect_batch_problems import detect_batch_problems
from app.domain.policies.escalate_claims import escalate_claims
from app.domain.policies.watch_targets import watch_targets
from app.domain.registers.costs import YEAR_COSTS
from app.domain.registers.escalations import ESCALATIONS_OF_CLAIM, ESCALATIONS_OF_SPEC
from app.domain.registers.lot_checks import LOT_CHECKS
from app.domain.registers.numbers import NUMBERS
from app.domain.registers.occurrences import OCCURRENCES, QUARTERS_OF_CAUSE
from app.domain.registers.spec_claims import SPEC_CLAIMS
from app.domain.rule_pack.events import RULE_PACKS, RulePacks, pack_in_force
from app.domain.rules import Figures, RulePack
from app.domain.sales_figures.events import SALES_FIGURES
from app.domain.target.decisions import target
from app.domain.target.events import TARGET
from app.domain.values import SYSTEM
from app.domain.work_calendar.events import WORK_CALENDAR

POLICIES: Final[Sequence[Policy]] = (escalate_claims, detect_batch_problems, watch_targets)
"""In the order in which they react."""
DECIDERS: Final[Mapping[str, Decider[Any, Any, Any]]] = {
    each.name: each for each in (escalation, lot_quality, target)
}
REGISTERS: Final[Sequence[Register[Any]]] = (
    SPEC_CLAIMS,
    ESCALATIONS_OF_CLAIM,
    ESCALATIONS_OF_SPEC,
    OCCURRENCES,
    QUARTERS_OF_CAUSE,
    YEAR_COSTS,
    LOT_CHECKS,
)
STREAMS: Final[Sequence[Stream[Any, Any]]] = (
    ESCALATION,
    TARGET,
    LOT_QUALITY,
    CAUSE_CATALOGUE,
    SALES_FIGURES,
    RULE_PACKS,
    WORK_CALENDAR,
)
PIECES: Final = (FeedbackRegistered, QuantityConfirmed, FeedbackCorrected)
"""What moves the pieces of a case, which R-02 looks at in the case's own decision."""
REACTIONS: Final[frozenset[type[Event]]] = frozenset({
    EscalationRaised,
    CapaRequested,
    ClaimLinkedToEscalation,
    EscalationBasisChanged,
    BatchProblemDetected,
    OccurrenceQuantityTargetExceeded,
    AlertBasisChanged,
    *TARGET.event_types,
})  # fmt: skip
"""What is decided anew; everything else is given."""
WANTED: Final[frozenset[type[Event]]] = frozenset({
    *REACTIONS,
    *PIECES,
    *(each for stream in STREAMS for each in stream.event_types),
    *(each for register in REGISTERS for each in register.event_types),
    *(each for policy in POLICIES for each in policy.event_types),
})  # fmt: skip
"""The only events that are read."""

_FOLDED: Final[Mapping[type[Event], tuple[Register[Any], ...]]] = {
    type_: tuple(each for each in REGISTERS if type_ in each.event_types) for type_ in WANTED
}
_REACTING: Final[Mapping[type[Event], tuple[Policy, ...]]] = {
    type_: tuple(each for each in POLICIES if type_ in each.event_types) for type_ in WANTED
}
_EVOLVED: Final[Mapping[type[Event], Stream[Any, Any]]] = {
    **{type_: stream for stream in STREAMS for type_ in stream.event_types},
    **dict.fromkeys((*PIECES, OccurrenceQuantityTargetExceeded, AlertBasisChanged), FEEDBACK_CASE),
}

Override = Callable[[RulePack], RulePack]

BEGINNING: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the log, as far as it is looked at here."""

    happened: Happened[Any]
    command_id: object
    causation_id: str | None


@dataclass(frozen=True, slots=True)
class Reaction:
    """Something that a rule set off."""

    happened: Happened[Any]
    turn: int
    """The position of the first event of its turn that was looked at."""


@dataclass
class Alternative:
    """The world under the changed figures, so far; it is the `World` of what is decided in it."""

    override: Override
    at: datetime = BEGINNING
    position: int = 0
    reactions: list[Reaction] = field(default_factory=list)
    recorded: list[Reaction] = field(default_factory=list)
    refused: int = 0
    """Orders that could not be carried out; their commands would have been refused."""
    _states: dict[tuple[str, str], Any] = field(default_factory=dict)
    _entries: dict[tuple[str, str], Any] = field(default_factory=dict)
    _packs: tuple[RulePacks, RulePacks] = (RulePacks(), RulePacks())
    _aliases: dict[str, str] = field(default_factory=dict)
    """Escalations by their ids in the log, where the same one goes by another id here."""
    _unmet: dict[str, str] = field(default_factory=dict)
    """By claim: the escalation that was raised here and, so far, not in the log."""
    _made: int = 0

    # --- what decisions see of it ---------------------------------------------------------------

    def state_of(self, stream: Stream[S, Any], to: str) -> S:
        """See `World.state_of`; the rule packs are those of the log with other figures."""
        state: Any = self._states.get((stream.name, to), stream.initial)
        if stream is not RULE_PACKS:
            return state  # type: ignore[no-any-return]  # kept under the stream's own name
        known, changed = self._packs
        if known is not state:
            changed = RulePacks(approved=tuple(self.override(each) for each in state.approved))
            self._packs = (state, changed)
        return changed  # type: ignore[return-value]  # S is RulePacks here

    def entry_in(self, register: Register[V], key: str) -> V | None:
        """See `World.entry_in`."""
        value: V | None = self._entries.get((register.name, key))
        return value

    def figures(self) -> Figures:
        """Those in force, changed."""
        return pack_in_force(self).figures

    def figures_of_the_log(self) -> Figures:
        """Those in force, as they were."""
        packs: RulePacks = self._states[RULE_PACKS.name, SINGLE]
        pack = packs.in_force(self.at)
        if pack is None:
            raise AssertionError("the first start adopts a rule pack before anything happens")
        return pack.figures

    # --- how it goes on -------------------------------------------------------------------------

    def turn(self, told: Sequence[Told]) -> None:
        """One command with all that came of it: facts in the order of the log, orders between.

        An order waits as it did then: after the orders of the facts before its own.
        """
        first = told[0].happened
        self.at, self.position = first.at, first.position
        own = {}
        for each in told:
            if type(each.happened.event) in REACTIONS:
                self.recorded.append(Reaction(each.happened, first.position))
                if isinstance(each.happened.event, EscalationRaised):
                    own[each.happened.event.claim_id] = each.happened.to
        waiting: deque[tuple[tuple[int, int], Order, str]] = deque()
        depths: dict[str, tuple[int, int]] = {}
        for number, facts in enumerate(_answers(told)):
            cause = facts[0].causation_id
            depth, place = depths.get(cause or "", (0, number * 1_000))
            rank = (depth + 1, place) if cause else (0, 0)
            while waiting and waiting[0][0] <= rank:
                self._carry_out(waiting.popleft(), own, first.position)
            for index, each in enumerate(facts):
                depths[each.happened.event_id] = (rank[0], number * 1_000 + index)
            waiting.extend(self._take_in(facts, rank[0], number, first.position))
        while waiting:
            self._carry_out(waiting.popleft(), own, first.position)
        for claim_id, to in own.items():
            self._meet(claim_id, to)

    def _take_in(
        self, facts: Sequence[Told], depth: int, number: int, turn: int
    ) -> Iterator[tuple[tuple[int, int], Order, str]]:
        """Fold what one aggregate answered, then ask the policies about each."""
        for each in facts:
            self._fact(each.happened, turn)
        for index, each in enumerate(facts):
            for policy in _REACTING[type(each.happened.event)]:
                for order in policy.react(each.happened, self):
                    yield (depth + 1, number * 1_000 + index), order, each.happened.event_id

    def _fact(self, happened: Happened[Any], turn: int) -> None:
        event = happened.event
        if happened.kind == ESCALATION.name:
            to = self._aliases.get(happened.to, happened.to)
            if (ESCALATION.name, to) not in self._states:
                return  # what was done about an escalation that was never raised
            happened = _at(happened, to)
        if isinstance(event, PIECES):
            pieces, case = _pieces(event), self.state_of(FEEDBACK_CASE, happened.to)
            self._fold(happened)
            if pieces is not None and (
                not isinstance(event, FeedbackCorrected) or case.qty_confirmed is None
            ):
                if isinstance(event, FeedbackRegistered):
                    case = self.state_of(FEEDBACK_CASE, happened.to)
                for alert in asked_again(pieces, case, self):
                    self._react(alert, happened.to, FEEDBACK_CASE.name, turn)
            return
        self._fold(happened)

    def _carry_out(
        self, waiting: tuple[tuple[int, int], Order, str], own: Mapping[str, str], turn: int
    ) -> None:
        _, order, _ = waiting
        decider, command, to = DECIDERS[order.decider], order.command, order.to
        if to is None:
            to = self._named(command, own)
        asked = Asked(command, to=to, by=SYSTEM, at=self.at)
        try:
            answer = decider.answer(asked, self.state_of(decider.stream, to), self)
        except DomainError:
            self.refused += 1
            return
        for event in answer:
            self._react(event, to, decider.name, turn)

    def _react(self, event: Event, to: str, kind: str, turn: int) -> None:
        happened = Happened(
            event, to=to, by=SYSTEM, at=self.at, event_id="", position=self.position, kind=kind
        )
        self._fold(happened)
        if isinstance(event, EscalationRaised):
            self._entries[NUMBERS.name, event.escalation_no.rpartition("-")[0]] = int(
                event.escalation_no.rpartition("-")[2]
            )
        self.reactions.append(Reaction(happened, turn))

    def _fold(self, happened: Happened[Any]) -> None:
        type_ = type(happened.event)
        stream = _EVOLVED.get(type_)
        if stream is not None:
            at = (stream.name, happened.to)
            self._states[at] = stream.evolve(self._states.get(at, stream.initial), happened)
        for register in _FOLDED[type_]:
            for key in register.keys(happened):
                entry = (register.name, key)
                self._entries[entry] = register.fold(self._entries.get(entry), happened, key)

    # --- escalations, whose ids are new -----------------------------------------------------------

    def _named(self, command: object, own: Mapping[str, str]) -> str:
        """The id of a new escalation: the log's, where it raised one of the claim in this turn."""
        claim_id = command.claim_id if isinstance(command, RaiseEscalation) else ""
        known = own.get(claim_id)
        if known is not None and (ESCALATION.name, known) not in self._states:
            return known
        self._made += 1
        self._unmet[claim_id] = f"what-if-{self._made}"
        return self._unmet[claim_id]

    def _meet(self, claim_id: str, to: str) -> None:
        """What people did about an escalation of the log, they do about the one raised earlier."""
        if (ESCALATION.name, to) not in self._states and claim_id in self._unmet:
            self._aliases[to] = self._unmet.pop(claim_id)


def _answers(told: Iterable[Told]) -> Iterator[list[Told]]:
    """The facts of a turn, as each aggregate answered them."""
    facts = (each for each in told if type(each.happened.event) not in REACTIONS)
    for _, answer in groupby(facts, key=lambda each: (each.causation_id, each.happened.to)):
        yield list(answer)


def _pieces(event: FeedbackRegistered | QuantityConfirmed | FeedbackCorrected) -> int | None:
    """The pieces that R-02 is asked about."""
    match event:
        case FeedbackRegistered():
            return event.qty_reported
        case QuantityConfirmed():
            return event.qty_confirmed
        case FeedbackCorrected():
            pieces: int | None = applied(event.changes, FeedbackChanges).get("qty_reported")
            return pieces


def _at(happened: Happened[Any], to: str) -> Happened[Any]:
    if happened.to == to:
        return happened
    return Happened(
        happened.event,
        to=to,
        by=happened.by,
        at=happened.at,
        event_id=happened.event_id,
        position=happened.position,
        kind=happened.kind,
    )
