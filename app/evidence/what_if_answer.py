"""What a what-if answers: which reactions would appear, vanish or come at another time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from app.domain.decider import Happened
from app.domain.escalation.events import ClaimLinkedToEscalation, EscalationRaised
from app.domain.feedback_case.events import OccurrenceQuantityTargetExceeded
from app.domain.lot_quality.events import BatchProblemDetected
from app.domain.rules import Decision
from app.domain.target.events import (
    CauseFrequencyEarlyWarned,
    CauseFrequencyTargetExceeded,
    CostRatioEarlyWarned,
    CostRatioTargetExceeded,
)
from app.domain.values import quarter_of, shanghai_day
from app.evidence.what_if_world import Reaction

Kind: TypeAlias = Literal[
    "ESCALATION", "LINK", "ALERT", "EARLY_WARNING", "BATCH_PROBLEM", "MISSED_LIMIT"
]

LISTED_MAX: Final = 2_000
"""Reactions that each list names; the summary counts all."""


class Subject(BaseModel):
    """What a reaction is about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = Field(examples=["claim"])
    id: str
    no: str | None = Field(examples=["CL-2025-000123"])


class WouldBe(BaseModel):
    """A reaction of a rule, recorded or imagined (规则触发的反应)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    rule_id: str = Field(examples=["R-04"])
    clause: str
    quarter: str = Field(description="That it counts in, else in which it happens (季度).")
    subject: Subject
    detail: str | None = Field(description="The specification, the cause or the window.")
    position: int = Field(description="Of the event that sets it off, or of one of its turn.")
    at: datetime
    decision: Decision | None = Field(description="What the rule sees; its evidence included.")
    due_at: datetime | None = Field(default=None, description="Of a time limit: its end.")


class Moved(BaseModel):
    """A reaction that comes either way, but at another event."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recorded: WouldBe
    then: WouldBe


class OfQuarter(BaseModel):
    """How many reactions of a rule in a quarter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quarter: str
    rule_id: str
    kind: Kind
    recorded: int = Field(description="In the log (实际发生).")
    then: int = Field(description="Under the changed figures (改变后).")
    appear: int
    vanish: int
    moved: int


class WhatIf(BaseModel):
    """What other figures would have set off over the recorded history (规则推演结果)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    changes: dict[str, Any]
    position: int = Field(description="Up to which the log was read: as many events.")
    looked_at: int = Field(description="Events that the rules rest on.")
    summary: list[OfQuarter]
    appear: list[WouldBe]
    vanish: list[WouldBe]
    moved: list[Moved]
    truncated: bool = Field(description="Whether a list names less than the summary counts.")
    basis_changes_recorded: int = Field(
        description="How often the figure behind a reaction was told to have moved."
    )
    basis_changes_then: int
    refused: int = Field(
        description="Reactions that could not be carried out; their commands would be refused."
    )
    limits_not_recomputed: int = Field(
        description="Time limits whose recorded end does not follow from the figures in force "
        "(an agreement, a correction): they are taken as they were."
    )
    not_replayed: list[str] = Field(
        description="Changed figures that set nothing off; they bear on what is refused."
    )

    @property
    def differs(self) -> bool:
        """Whether anything would be another way."""
        counts = self.basis_changes_recorded != self.basis_changes_then
        return bool(self.appear or self.vanish or self.moved or counts or self.refused)


def shown(  # noqa: PLR0911 - a table of contents has as many lines as reactions
    reaction: Reaction,
) -> list[WouldBe]:
    """A reaction as people read it; one entry a reason. Moved bases are counted, not shown."""
    happened = reaction.happened
    event: Any = happened.event
    match event:
        case EscalationRaised():
            claim = Subject(kind="claim", id=event.claim_id, no=event.claim_no)
            return [
                _would_be(reaction, "ESCALATION", claim, each.decision, each.spec_code)
                for each in event.reasons
            ]
        case ClaimLinkedToEscalation():
            claim = Subject(kind="claim", id=event.claim_id, no=event.claim_no)
            return [_would_be(reaction, "LINK", claim, event.decision, event.spec_code)]
        case CauseFrequencyEarlyWarned() | CauseFrequencyTargetExceeded():
            kind: Kind = "ALERT"
            if isinstance(event, CauseFrequencyEarlyWarned):
                kind = "EARLY_WARNING"
            about = Subject(kind="target", id=happened.to, no=event.cause_code)
            found = _would_be(reaction, kind, about, event.decision, event.cause_code)
            return [found.model_copy(update={"quarter": event.quarter})]
        case CostRatioEarlyWarned():
            about = Subject(kind="target", id=happened.to, no=event.year)
            return [_would_be(reaction, "EARLY_WARNING", about, event.decision, event.year)]
        case CostRatioTargetExceeded():
            about = Subject(kind="target", id=happened.to, no=event.year)
            return [_would_be(reaction, "ALERT", about, event.decision, event.year)]
        case OccurrenceQuantityTargetExceeded():
            about = Subject(kind="feedback-case", id=happened.to, no=event.case_no)
            return [_would_be(reaction, "ALERT", about, event.decision, None)]
        case BatchProblemDetected():
            about = Subject(kind="lot-quality", id=happened.to, no=event.lot_no)
            return [_would_be(reaction, "BATCH_PROBLEM", about, event.decision, event.spec_code)]
        case _:
            return []


def _would_be(
    reaction: Reaction, kind: Kind, subject: Subject, decision: Decision, detail: str | None
) -> WouldBe:
    happened: Happened[Any] = reaction.happened
    return WouldBe(
        kind=kind,
        rule_id=decision.rule_id,
        clause=decision.clause,
        quarter=quarter_of(shanghai_day(happened.at)),
        subject=subject,
        detail=detail,
        position=reaction.turn,
        at=happened.at,
        decision=decision,
    )


class Compared:
    """What was recorded beside what would be."""

    def __init__(self, recorded: Iterable[WouldBe], then: Iterable[WouldBe]) -> None:
        ours, theirs = _by_subject(recorded), _by_subject(then)
        self.appear: list[WouldBe] = []
        self.vanish: list[WouldBe] = []
        self.moved: list[Moved] = []
        for key in {**ours, **theirs}:
            self._pair(ours.get(key, []), theirs.get(key, []))
        self.appear.sort(key=_place)
        self.vanish.sort(key=_place)
        self.moved.sort(key=lambda each: _place(each.then))
        self._recorded = Counter(map(_bucket, (each for them in ours.values() for each in them)))
        self._then = Counter(map(_bucket, (each for them in theirs.values() for each in them)))

    def _pair(self, ours: Sequence[WouldBe], theirs: Sequence[WouldBe]) -> None:
        """Those of one subject and rule: the same turn first, the rest in order of time."""
        turns = {each.position for each in ours} & {each.position for each in theirs}
        left = [each for each in ours if each.position not in turns]
        right = [each for each in theirs if each.position not in turns]
        both = min(len(left), len(right))
        self.moved += [
            Moved(recorded=a, then=b) for a, b in zip(left[:both], right[:both], strict=True)
        ]
        self.vanish += left[both:]
        self.appear += right[both:]

    def summary(self) -> list[OfQuarter]:
        """By quarter and rule."""
        appear, vanish = Counter(map(_bucket, self.appear)), Counter(map(_bucket, self.vanish))
        moved = Counter(_bucket(each.then) for each in self.moved)
        return [
            OfQuarter(
                quarter=bucket[0],
                rule_id=bucket[1],
                kind=bucket[2],
                recorded=self._recorded[bucket],
                then=self._then[bucket],
                appear=appear[bucket],
                vanish=vanish[bucket],
                moved=moved[bucket],
            )
            for bucket in sorted({*self._recorded, *self._then})
        ]


def _by_subject(found: Iterable[WouldBe]) -> dict[tuple[str, ...], list[WouldBe]]:
    by: dict[tuple[str, ...], list[WouldBe]] = defaultdict(list)
    for each in found:
        by[each.kind, each.rule_id, each.subject.id, each.detail or ""].append(each)
    return by


def _bucket(each: WouldBe) -> tuple[str, str, Kind]:
    return each.quarter, each.rule_id, each.kind


def _place(each: WouldBe) -> tuple[int, str, str]:
    return each.position, each.rule_id, each.subject.id
