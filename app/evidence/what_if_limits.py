"""Which time limits would be missed, and which kept, if they were longer or shorter.

A limit is taken where it started in the log; its end is computed anew by the function that fixed
it. Where that function, under the figures that were in force, does not give the recorded end, the
limit is taken as it was, and counted. Who would have hurried is not imagined.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeAlias

from app.domain.aggregates import AGGREGATES
from app.domain.claim.events import ClaimRegistered
from app.domain.claim.facts import ClaimObjectionLapsed
from app.domain.deadline.events import DeadlineMissed
from app.domain.decider import Event, Happened, JsonObject
from app.domain.delivery.events import DeliverySigned
from app.domain.due import ends
from app.domain.feedback_case.events import FeedbackRegistered
from app.domain.limits import LIMITS, Due, Span
from app.domain.management_review.events import YearEnded
from app.domain.quarterly_report.events import QuarterEnded
from app.domain.registers.deadlines import Running, deadline_id, fold, keys_of, subject_of
from app.domain.rules import Figures
from app.domain.values import end_of_day, quarter_of, shanghai_day
from app.domain.work_calendar.events import WORK_CALENDAR
from app.evidence.what_if_answer import Subject, WouldBe
from app.evidence.what_if_world import Alternative, Told

SPANS: Final[Mapping[str, str]] = {
    "T1": "acknowledgement",
    "T2": "hand_over",
    "T3": "first_reply",
    "T4": "handling_plan",
    "T7": "part_analysis",
    "T8": "complete_analysis",
    "T9": "measures_implemented",
    "T10": "effectiveness_checked",
    "T12": "claim_check",
    "T14": "internal_trace",
    "T15": "transport_damage",
    "T16": "quarterly_report",
    "T18": "capa_request",
    "T19": "proof_of_delivery",
    "T22": "management_review",
    "T23": "recurrence_decision",
}
"""The span of a limit among the time limits of a pack, where it is one."""
OTHERS: Final[Mapping[str, tuple[str, ...]]] = {
    "claim_objection_days_max": ("T11",),
    "general_manager_report_hours_max": ("T13",),
    "claim_filing_days_max": ("T21",),
}
"""The limits of the figures that stand beside the time limits."""
FURTHER: Final[Mapping[str, tuple[str, ...]]] = {
    "service_same_province": ("T5",),
    "service_elsewhere": ("T5",),
    "part_analysis_latest": ("T7",),
}
FROM_RECEIPT: Final = frozenset({"T1", "T2", "T3", "T4", "T8"})
TO_THE_CUSTOMER: Final = frozenset({"T1", "T3", "T4", "T8", "T5"})
"""A customer's own limit wins when it is earlier."""
SECOND: Final = timedelta(seconds=1)

Latest: TypeAlias = Callable[[Figures], datetime | None]


def _keeps(type_: type[Event]) -> bool:
    own = (type_.stops, type_.drops, type_.stops_of)
    return own != (Event.stops, Event.drops, Event.stops_of)


LIMIT_EVENTS: Final[frozenset[type[Event]]] = frozenset({
    FeedbackRegistered,
    *WORK_CALENDAR.event_types,
    *(each for of in AGGREGATES for each in of.stream.event_types if _keeps(each)),
})  # fmt: skip
"""What keeps or drops a limit; whatever starts one says so in its data."""


def limits_changed(changes: JsonObject) -> frozenset[str]:
    """The limits whose figures are among the changes."""
    spans = changes.get("time_limits")
    named = set(spans) if isinstance(spans, dict) else set()
    found = {limit for limit, span in SPANS.items() if span in named}
    found |= {limit for span, limits in FURTHER.items() if span in named for limit in limits}
    found |= {limit for figure, limits in OTHERS.items() if figure in changes for limit in limits}
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Receipt:
    """When a case came in, and until when its customer wants an answer."""

    received_at: datetime
    customer_deadline: datetime | None


@dataclass
class Limits:
    """Some limits as they ran, beside as they would have."""

    asked: frozenset[str]
    not_recomputed: int = 0
    _receipts: dict[str, Receipt] = field(default_factory=dict)
    _recorded: dict[str, Running] = field(default_factory=dict)
    _then: dict[str, Running] = field(default_factory=dict)
    _begun: dict[str, int] = field(default_factory=dict)
    """The position of the event that starts it."""

    def turn(self, told: Sequence[Told], world: Alternative) -> None:
        """Take in the events of one turn, after the world did."""
        for each in told:
            happened, event = each.happened, each.happened.event
            if isinstance(event, FeedbackRegistered):
                receipt = Receipt(event.received_at, event.customer_deadline)
                self._receipts[happened.to] = receipt
            if _is_the_clocks(event):
                continue
            moved = tuple(self._moved(one, happened, world) for one in event.due)
            self._fold(self._recorded, happened)
            if moved != event.due:
                happened = _with(happened, event.model_copy(update={"due": moved}))
            self._fold(self._then, happened)

    def missed(self, now: datetime) -> tuple[list[WouldBe], list[WouldBe]]:
        """What was not kept, and what would not have been; what runs is judged now."""
        return list(self._of(self._recorded, now)), list(self._of(self._then, now))

    def _fold(self, running: dict[str, Running], happened: Happened[Any]) -> None:
        begun = {deadline_id(one.limit, subject_of(happened).id) for one in happened.event.due}
        for key in keys_of(happened):
            if key.partition("-")[0] in self.asked:
                after = fold(running.get(key), happened, key)
                if after is not None:
                    running[key] = after
                if key in begun:
                    self._begun[key] = happened.position

    def _moved(self, one: Due, happened: Happened[Any], world: Alternative) -> Due:
        if one.limit not in self.asked:
            return one
        before, after = world.figures_of_the_log(), world.figures()
        for since, latest in self._since(one.limit, happened, world):
            if _end(world, one.limit, happened, before, since, latest) == one.due_at:
                end = _end(world, one.limit, happened, after, since, latest)
                return one.model_copy(update={"due_at": end})
        self.not_recomputed += 1
        return one

    def _since(
        self, limit: str, happened: Happened[Any], world: Alternative
    ) -> Iterator[tuple[datetime, Latest]]:
        """From when a limit counts, and what it never passes; the likeliest first."""
        event: Any = happened.event
        case_id = getattr(event, "case_id", None) or happened.to
        receipt = self._receipts.get(case_id)
        own = receipt.customer_deadline if receipt and limit in TO_THE_CUSTOMER else None
        if limit == "T7" and receipt is not None:
            received_at = receipt.received_at
            yield (
                happened.at,
                lambda of: ends(world, of.time_limits.part_analysis_latest, received_at),
            )
        elif limit in FROM_RECEIPT and receipt is not None:
            yield receipt.received_at, lambda _: own
        elif limit == "T5" and own is not None and own > happened.at:
            yield happened.at, lambda _: own
        elif isinstance(event, ClaimRegistered):
            yield event.notice_received_at, _never
        elif isinstance(event, DeliverySigned):
            yield event.signed_at, _never
        elif isinstance(event, QuarterEnded):
            yield end_of_day(event.ended_on) - SECOND, _never
        elif isinstance(event, YearEnded):
            yield end_of_day(date(event.year, 12, 31)) - SECOND, _never
        yield happened.at, _never

    def _of(self, running: Mapping[str, Running], now: datetime) -> Iterator[WouldBe]:
        for key, each in running.items():
            over = each.due_at <= now if each.ended_at is None else each.ended_at > each.due_at
            if over:
                yield _missed(each, self._begun[key])


def _end(  # noqa: PLR0913, PLR0917 - what `due` is handed
    world: Alternative,
    limit: str,
    happened: Happened[Any],
    figures: Figures,
    since: datetime,
    latest: Latest,
) -> datetime:
    end, never_after = ends(world, _span(limit, happened.event, figures), since), latest(figures)
    return end if never_after is None else min(end, never_after)


def _never(_: Figures) -> None:
    """There is nothing that the limit could not pass."""


def _span(limit: str, event: Event, figures: Figures) -> Span:
    """How long a limit is under these figures."""
    match limit:
        case "T11":
            return Span(amount=figures.claim_objection_days_max, unit="DAYS")
        case "T13":
            return Span(amount=figures.general_manager_report_hours_max, unit="HOURS")
        case "T21":
            return Span(amount=figures.claim_filing_days_max, unit="DAYS")
        case "T5":
            near = getattr(event, "province", None) == "SAME"
            limits = figures.time_limits
            return limits.service_same_province if near else limits.service_elsewhere
        case _:
            span: Span = getattr(figures.time_limits, SPANS[limit])
            return span


def _is_the_clocks(event: Event) -> bool:
    """Whether only a clock said it: under another limit it would have said it at another time."""
    lapsed = getattr(event, "basis", None) == "LAPSED"
    return lapsed or isinstance(event, DeadlineMissed | ClaimObjectionLapsed)


def _with(happened: Happened[Any], event: Event) -> Happened[Any]:
    return Happened(
        event,
        to=happened.to,
        by=happened.by,
        at=happened.at,
        event_id=happened.event_id,
        position=happened.position,
        kind=happened.kind,
    )


def _missed(running: Running, position: int) -> WouldBe:
    known = LIMITS[running.limit]
    return WouldBe(
        kind="MISSED_LIMIT",
        rule_id=known.rule_id or running.limit,
        clause=known.clause,
        quarter=quarter_of(shanghai_day(running.due_at)),
        subject=Subject(kind=running.subject_kind, id=running.subject_id, no=running.subject_no),
        detail=running.limit,
        position=position,
        at=running.due_at,
        decision=None,
        due_at=running.due_at,
    )
