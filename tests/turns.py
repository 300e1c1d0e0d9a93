"""Commands in, events out: real turns of the whole house over a memory, without a database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from app.domain.aggregates import AGGREGATES
from app.domain.capa.commands import IssueCapa
from app.domain.capa.state import CapaSource
from app.domain.claim.commands import (
    CheckClaim,
    ConfirmClaimAmount,
    RegisterClaim,
    VerifyClaim,
)
from app.domain.claim.words import LineType, NoticeLine, VerificationMode
from app.domain.decider import (
    SINGLE,
    Command,
    Event,
    Happened,
    NotAtHand,
    Register,
    S,
    Stream,
    V,
)
from app.domain.escalation.decisions import (
    AcknowledgeEscalation,
    CloseEscalation,
    RecordAccountability,
    RecordTrace,
)
from app.domain.escalation.events import AccountabilityKind
from app.domain.feedback_case.commands import (
    ClassifyFeedback,
    ReclassifyFeedback,
    RegisterFeedback,
)
from app.domain.feedback_case.state import Channel, LifePhase, Severity
from app.domain.money import money
from app.domain.policies.catalogue import POLICIES
from app.domain.registers.catalogue import REGISTERS
from app.domain.rule_pack.decisions import AdoptFirstRulePack
from app.domain.rule_pack.first import FIRST_FIGURES
from app.domain.rules import Figures
from app.domain.values import Category, Department
from app.events.folding import Folded, RegisterTable
from app.events.memory import Drawn, Memory, Standing, Wanted
from app.events.recorded import Recorded
from app.events.turn import Accepted, Submission, Turn
from app.events.workings import Workings
from app.projections.catalogue import LEDGERS
from app.projections.links import LINKS
from tests.people import CLERK, ENGINEER, GENERAL_MANAGER, NOON, POLICY, SPECIALIST, Person

S_A: Final = "TC 85×105×10 FKM"
SINCE: Final = datetime(2000, 1, 1, tzinfo=UTC)
TABLES: Final[Sequence[Folded]] = (
    *(RegisterTable(each) for each in (*REGISTERS, LINKS)),
    *LEDGERS,
)
WORKINGS: Final = Workings(AGGREGATES, POLICIES, TABLES)
DECIDERS: Final = {command: each.name for each in AGGREGATES for command in each.command_types}


def noon_of(day: date) -> datetime:
    """Noon in Shanghai."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@dataclass
class House:
    """Every aggregate, policy and table around an empty log. `at` is the clock.

    What it is told happened before; what it is asked happens now and stands in `events`.
    """

    figures: Figures = FIRST_FIGURES
    at: datetime = NOON
    events: list[Recorded] = field(default_factory=list)
    memory: Memory = field(default_factory=lambda: Memory(position=0))
    ids: int = 0

    def __post_init__(self) -> None:
        """Adopt the rule pack, as the first start does."""
        first = AdoptFirstRulePack(
            procedure_revision="A0", effective_from=SINCE, figures=self.figures
        )
        self.at, now = SINCE, self.at
        self.asked(first, POLICY, to=SINGLE)
        self.at = now

    def told(self, stream: Stream[Any, Any], history: Iterable[Happened[Any]]) -> None:
        """What people did before, as decisions know it; nobody reacts to it any more.

        Ledgers are left out: what is told may be a fragment of a history, which none can fold.
        """
        memory = self.memory
        for each in history:
            name = f"{stream.name}-{each.to}"
            memory.position += 1
            happened = replace(
                each, kind=stream.name, event_id=self._new_id(each.at), position=memory.position
            )
            before = memory.streams.get(name, Standing(0, stream.initial))
            state = stream.evolve(before.state, happened)
            standing = before.then(before.version + 1, state, happened.by)
            memory.streams[name] = standing
            self._fold(_recorded(happened, name, standing))

    def _fold(self, recorded: Recorded) -> None:
        rows = self.memory.rows
        for table in WORKINGS.tables_of(type(recorded.event)):
            for key in table.keys(recorded) if isinstance(table, RegisterTable) else ():
                row = (table.name, key)
                rows[row] = table.fold(rows.get(row), recorded, key)

    def asked(self, command: Command, by: Person, to: str | None = None) -> Accepted:
        """One command, with all that policies ask in answer to it.

        Raises:
            DomainError: it was refused.
        """
        submission = Submission(
            decider=DECIDERS[type(command)],
            to=to,
            command=command,
            by=by.actor,
            at=None,
            expected=None,
            request_id="test",
        )
        last = self.events[-1].happened.at if self.events else SINCE
        drawn = Drawn(self._new_id)
        while True:
            turn = Turn(WORKINGS, self.memory, last)
            try:
                accepted = turn.run(submission, self.at, drawn)
            except NotAtHand as miss:
                self._take_as_empty(miss.wanted)
            else:
                turn.commit()
                self.events += turn.events
                return accepted

    @property
    def position(self) -> int:
        """See `World.position`."""
        return self.memory.position

    def _take_as_empty(self, wanted: object) -> None:
        """Whatever is not in memory never happened: memory forgets nothing."""
        assert isinstance(wanted, Wanted)
        assert wanted.streams or wanted.rows
        self.memory.streams.update(
            {name: WORKINGS.state_after(name, []) for name in wanted.streams}
        )
        self.memory.rows.update(dict.fromkeys(wanted.rows))

    def _new_id(self, _: datetime) -> str:
        self.ids += 1
        return f"00000000-0000-7000-8000-{self.ids:012x}"

    def happened(self, *types: type[Event]) -> list[Any]:
        """The events of these types, oldest first."""
        return [each.event for each in self.recorded(*types)]

    def recorded(self, *types: type[Event]) -> list[Recorded]:
        """The same, each with whom it happened to and through whom."""
        return [each for each in self.events if isinstance(each.event, types)]

    def state_of(self, stream: Stream[S, Any], to: str) -> S:
        """See `World.state_of`."""
        state: S = self.memory.streams.get(f"{stream.name}-{to}", Standing(0, stream.initial)).state
        return state

    def entry_in(self, register: Register[V], key: str) -> V | None:
        """See `World.entry_in`."""
        value: V | None = self.memory.rows.get((register.name, key))
        return value

    def row(self, ledger: Folded, key: str) -> Any:  # noqa: ANN401 - rows differ
        """A row of a ledger."""
        return self.memory.rows.get((ledger.name, key))


def _recorded(happened: Happened[Any], stream: str, standing: Standing) -> Recorded:
    """As if a turn had written it."""
    return Recorded(
        position=happened.position,
        stream=stream,
        version=standing.version,
        schema_version=happened.event.schema_version,
        happened=happened,
        data=WORKINGS.codec.encode(happened.event),
        command_id=happened.event_id,
        correlation_id="test",
        causation_id=None,
        clauses=happened.event.evidence_of(),
        rule_pack_version=1,
        state=standing.state,
    )


def feedback(house: House, category: Category | None = Category.PRODUCT) -> str:
    """A registered case of C01, classified when a class is given; its id."""
    told = RegisterFeedback(
        customer_id="C01",
        channel=Channel.PHONE,
        life_phase=LifePhase.FIELD,
        spec_code=S_A,
        failure_mode="Oil leaks at the lip.",
        qty_reported=1,
        description="Found on the road.",
    )
    to = house.asked(told, CLERK).to
    if category is not None:
        kind = ClassifyFeedback(category=category, severity=Severity.GENERAL)
        house.asked(kind, CLERK, to)
    return to


def reclassified(house: House, case: str, category: Category) -> None:
    """QA finds that the case is another kind of matter."""
    kind = ReclassifyFeedback(
        category=category, severity=Severity.GENERAL, reason="The box was torn."
    )
    house.asked(kind, ENGINEER, case)


# --- stretches of a claim's life ------------------------------------------------------------


def line(number: int, fen: int, spec: str, pieces: int = 1) -> NoticeLine:
    """Material of a specification."""
    return NoticeLine(
        line=number,
        spec_code=spec,
        pieces=pieces,
        type=LineType.MATERIAL,
        amount=money(fen),
    )


def notice(  # noqa: PLR0913 - what a notice says
    house: House,
    fen: int,
    *specs: str,
    customer: str = "C01",
    pieces: int = 1,
    cases: tuple[str, ...] = (),
    failure_on: date | None = None,
) -> RegisterClaim:
    """A notice of an amount, all on the first specification; the others for nothing."""
    amounts = [fen] + [0] * (len(specs) - 1)
    named = zip(specs or (S_A,), amounts, strict=True)
    return RegisterClaim(
        customer_id=customer,
        notice_no=f"N-{house.ids}",
        case_ids=cases,
        lines=tuple(
            line(number, each, spec, pieces) for number, (spec, each) in enumerate(named, start=1)
        ),
        claimed_total=money(fen),
        failure_on=failure_on or house.at.date(),
    )


def claim_verified(house: House, fen: int, *specs: str, **said: Any) -> str:  # noqa: ANN401 - see `notice`
    """A claim that was registered, checked and looked at; its id."""
    to = house.asked(notice(house, fen, *specs, **said), CLERK).to
    house.asked(
        CheckClaim(logic=True, accuracy=True, conformity=True, notes="All in order."), ENGINEER, to
    )
    seen = VerifyClaim(
        mode=VerificationMode.REMOTE_EVIDENCE,
        place="Jinan",
        from_at=house.at,
        to_at=house.at,
        findings="Oil at the seal.",
        evidence=("IMG-1",),
        parts_seen=1,
    )
    house.asked(seen, SPECIALIST, to)
    return to


def claim_confirmed(house: House, fen: int, *specs: str, **said: Any) -> str:  # noqa: ANN401 - see `notice`
    """A claim whose amount stands; its id."""
    to = claim_verified(house, fen, *specs, **said)
    house.asked(ConfirmClaimAmount(confirmed_total=money(fen)), SPECIALIST, to)
    return to


def close_escalation(house: House, to: str) -> None:
    """Everything that clause 4.5 wants, then the general manager is satisfied."""
    house.asked(AcknowledgeEscalation(instruction="Screen all stock."), GENERAL_MANAGER, to)
    trace = RecordTrace(lots=("L2501",), stock_checked=300, nok=2, findings="Torn lips.")
    house.asked(trace, ENGINEER, to)
    report = IssueCapa(
        source=CapaSource(kind="ESCALATION", id=to),
        problem="The lip is torn in trimming.",
        owner="Ma",
        owner_department=Department.PRODUCTION,
        due_on=house.at.date() + timedelta(days=90),
        spec_code=S_A,
    )
    house.asked(report, ENGINEER)
    kinds: tuple[AccountabilityKind, ...] = ("PERSON", "LEADER")
    for kind in kinds:
        record = RecordAccountability(
            person_id="P-77",
            department=Department.PRODUCTION,
            kind=kind,
            clause_text="Clause 4.1 of the trimming instruction.",
            measure="Training repeated.",
            decision="The last check was skipped.",
        )
        house.asked(record, GENERAL_MANAGER, to)
    house.asked(CloseEscalation(summary="All was done."), GENERAL_MANAGER, to)
