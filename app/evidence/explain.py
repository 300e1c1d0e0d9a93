"""Why something happened: the rule, its clause and pack, what was compared, and the evidence.

Everything is read off the recorded event; nothing is computed anew, so that an explanation of a
decision of years ago says what was decided then. Sentences are in English and Chinese.
"""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.domain.clauses import CLAUSES, RULES
from app.domain.decider import Event
from app.domain.limits import LIMITS, Due
from app.domain.money import written
from app.domain.rules import Decision, Figures, RulePack
from app.domain.values import SHANGHAI, SYSTEM
from app.events.recorded import Recorded

FIGURE_OF: Final[Mapping[tuple[str, str], str]] = {
    ("R-01", ">"): "cause_occurrences_quarter_max",
    ("R-01", ">="): "cause_occurrences_warning_min",
    ("R-02", ">"): "occurrence_pieces_max",
    ("R-03", ">"): "cost_ratio_permille_max",
    ("R-03", ">="): "cost_ratio_warning_permille_min",
    ("R-04", ">"): "single_claim_fen_max",
    ("R-05", ">="): "spec_claims_min",
    ("R-09", ">="): "batch_nok_permille_min",
}
"""The figure of the rule pack that a rule compares with; R-08 compares days with none."""

UNITS: Final[Mapping[str, tuple[str, str]]] = {
    "FEN": ("CNY", "元"),
    "PIECES": ("pieces", "件"),
    "CLAIMS": ("claims", "件次"),
    "PERMILLE": ("‰", "‰"),
    "BPS": ("bps", "基点"),
    "DAYS": ("days", "天"),
    "OCCURRENCES": ("occurrences", "次"),
}
OPPOSITE: Final[Mapping[str, str]] = {">": "≤", ">=": "<", "<": "≥", "<=": ">", "==": "≠"}
SIGNS: Final[Mapping[str, str]] = {">": ">", ">=": "≥", "<": "<", "<=": "≤", "==": "="}


@dataclass(frozen=True, slots=True)
class Operand:
    """One side of a comparison, in whole numbers of its unit."""

    name: str
    """`observed` or `threshold`."""
    value: int
    unit: str
    written: str
    figure: str | None = None
    """The figure of the rule pack that the threshold comes from."""
    figure_value: str | None = None


@dataclass(frozen=True, slots=True)
class RuleSaid:
    """What one rule saw and said."""

    rule: str
    clause: str
    en: str
    zh: str
    rule_pack_version: int
    procedure_revision: str | None
    effective_from: str | None
    operands: tuple[Operand, ...]
    comparison: str | None
    """`520.00 CNY > 500.00 CNY`; none where the rule compares nothing."""
    holds: bool | None
    evidence: tuple[str, ...]
    """Numbers of what was counted."""
    sentence_en: str
    sentence_zh: str


@dataclass(frozen=True, slots=True)
class LimitStarted:
    """A time limit that the event started."""

    limit: str
    clause: str
    en: str
    zh: str
    due_at: str
    calendar: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one event happened."""

    automatic: bool
    """Whether a rule reacted, not a person."""
    rules: tuple[RuleSaid, ...]
    limits: tuple[LimitStarted, ...]
    text_en: str
    text_zh: str


def rules_in(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The rules behind an event: those that decided, else the one that it names itself."""
    decided = dict.fromkeys(each.rule_id for each in _decisions_in(data))
    named = str(data.get("rule_id"))
    return tuple(decided) or ((named,) if named in RULES else ())


def explain(recorded: Recorded, pack: RulePack | None) -> Explanation:
    """Explain an event.

    Args:
        recorded: the event.
        pack: the rule pack that its `rule_pack_version` names; none before the first.
    """
    rules = [_compared(each, pack) for each in _decisions_in(recorded.data)]
    if not rules:
        rules = [_named(each, recorded, pack) for each in rules_in(recorded.data)]
    limits = tuple(_started(recorded.data))
    automatic = recorded.happened.by.person == SYSTEM.person
    english, chinese = zip(*_sentences(recorded, rules, limits, automatic=automatic), strict=True)
    return Explanation(
        automatic=automatic,
        rules=tuple(rules),
        limits=limits,
        text_en=" ".join(filter(None, english)),
        text_zh="".join(chinese),
    )


# --- what rules said ------------------------------------------------------------------------


def _decisions_in(data: object) -> Iterator[Decision]:
    """Every decision that an event's data holds, wherever it stands."""
    if isinstance(data, Mapping):
        if {"rule_id", "operator", "observed"} <= data.keys():
            yield Decision.model_validate(data)
            return
        for each in data.values():
            yield from _decisions_in(each)
    elif isinstance(data, list | tuple):
        for each in data:
            yield from _decisions_in(each)


def _compared(decision: Decision, pack: RulePack | None) -> RuleSaid:
    rule = RULES[decision.rule_id]
    figure = FIGURE_OF.get((decision.rule_id, decision.operator))
    observed = _operand("observed", decision.observed, decision.unit)
    threshold = _operand("threshold", decision.threshold, decision.unit, figure, pack)
    sign = SIGNS[decision.operator] if decision.fires else OPPOSITE[decision.operator]
    comparison = f"{observed.written} {sign} {threshold.written}"
    counted = ", ".join(decision.evidence)
    fires_en = "it applies" if decision.fires else "it does not apply"
    fires_zh = "成立" if decision.fires else "不成立"
    return RuleSaid(
        rule=rule.rule,
        clause=decision.clause,
        en=rule.en,
        zh=rule.zh,
        rule_pack_version=decision.rule_pack_version,
        procedure_revision=pack.procedure_revision if pack else None,
        effective_from=pack.effective_from.isoformat() if pack else None,
        operands=(observed, threshold),
        comparison=comparison,
        holds=decision.fires,
        evidence=decision.evidence,
        sentence_en=f"{rule.rule} (clause {decision.clause}, rule pack "
        f"{decision.rule_pack_version}) {_lowered(rule.en)}: {comparison}, so {fires_en}"
        + (f"; counted: {counted}." if counted else "."),
        sentence_zh=f"{rule.rule}(条款{decision.clause},规则包{decision.rule_pack_version}):"
        f"{rule.zh};{_zh(observed)} {sign} {_zh(threshold)},{fires_zh}"
        + (f";依据:{counted}。" if counted else "。"),
    )


def _operand(
    name: str, value: int, unit: str, figure: str | None = None, pack: RulePack | None = None
) -> Operand:
    stands = None if figure is None or pack is None else str(getattr(pack.figures, figure))
    return Operand(name, value, unit, f"{_amount(value, unit)} {UNITS[unit][0]}", figure, stands)


def _amount(value: int, unit: str) -> str:
    return written(value) if unit == "FEN" else str(value)


def _zh(operand: Operand) -> str:
    return f"{_amount(operand.value, operand.unit)}{UNITS[operand.unit][1]}"


def _named(rule_id: str, recorded: Recorded, pack: RulePack | None) -> RuleSaid:
    """A rule that compares nothing in figures: a limit that is over, a party that was named."""
    rule = RULES[rule_id]
    return RuleSaid(
        rule=rule.rule,
        clause=rule.clause,
        en=rule.en,
        zh=rule.zh,
        rule_pack_version=recorded.rule_pack_version,
        procedure_revision=pack.procedure_revision if pack else None,
        effective_from=pack.effective_from.isoformat() if pack else None,
        operands=(),
        comparison=None,
        holds=True,
        evidence=(),
        sentence_en=f"{rule.rule} (clause {rule.clause}, rule pack "
        f"{recorded.rule_pack_version}) {_lowered(rule.en)}.",
        sentence_zh=f"{rule.rule}(条款{rule.clause},规则包{recorded.rule_pack_version}):{rule.zh}。",
    )


def _started(data: Mapping[str, Any]) -> Iterator[LimitStarted]:
    for each in data.get("due") or ():
        due, limit = Due.model_validate(each), LIMITS[each["limit"]]
        yield LimitStarted(
            limit=limit.limit,
            clause=limit.clause,
            en=limit.en,
            zh=limit.zh,
            due_at=due.due_at.isoformat().replace("+00:00", "Z"),
            calendar=due.calendar,
        )


# --- in sentences ---------------------------------------------------------------------------


def _sentences(
    recorded: Recorded,
    rules: Iterable[RuleSaid],
    limits: Iterable[LimitStarted],
    *,
    automatic: bool,
) -> Iterator[tuple[str, str]]:
    """What is to be said, one thing after the other, in English and in Chinese."""
    by, event = recorded.happened.by, recorded.event
    at = f"{recorded.happened.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    clause, why = CLAUSES.get(event.clause), recorded.reason
    yield f"{recorded.type}: {says(event)}", ""
    if automatic:
        yield f"The house reacted by itself at {at} (Shanghai).", f"系统于{at}自动反应。"
    else:
        lent = by.on_behalf_of
        lent_en, lent_zh = (f" in the name of {lent}", f"(受{lent}委托)") if lent else ("", "")
        under_en, under_zh = f"under clause {event.clause}.", f"依据条款{event.clause}。"
        yield (
            f"Decided by {by.person} as {by.role}{lent_en} at {at} (Shanghai), {under_en}",
            f"{by.person}{lent_zh}以{by.role}身份于{at}作出,{under_zh}",
        )
    if clause is not None:
        yield "", f"条款{clause.clause}:{clause.zh}"
    if why:
        yield f"Reason given: {why}", f"原因:{why}。"
    for rule in rules:
        yield rule.sentence_en, rule.sentence_zh
    for each in limits:
        by_en = f", working days by {each.calendar}" if each.calendar else ""
        by_zh = f"(工作日历:{each.calendar})" if each.calendar else ""
        yield (
            f"It started {each.limit} ({_lowered(each.en)}), due {each.due_at}{by_en}.",
            f"启动时限{each.limit}{each.zh},截止{each.due_at}{by_zh}。",
        )
    missed, due_at = LIMITS.get(str(recorded.data.get("limit"))), recorded.data.get("due_at")
    if missed is not None:
        yield (
            f"{missed.limit} ({_lowered(missed.en)}) was due {due_at}.",
            f"时限{missed.limit}{missed.zh}应于{due_at}前完成。",
        )


def says(event: Event) -> str:
    """What an event says of itself, in one sentence."""
    return (inspect.getdoc(event) or "").split("\n", 1)[0]


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]


def figure_words(name: str) -> str:
    """What a figure of the rule pack is, in both languages."""
    return Figures.model_fields[name].description or name
