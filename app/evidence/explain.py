"""Why something happened: the rule, its clause and pack, what was compared, and the evidence.

Everything is read off the recorded event; nothing is computed anew, so that an explanation of a
decision of years ago says what was decided then. Sentences are in English and Chinese.
"""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.domain.clauses import CLAUSES, RULES
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


def decisions_in(data: object) -> Iterator[Decision]:
    """Every decision that an event's data holds, wherever it stands."""
    if isinstance(data, Mapping):
        if {"rule_id", "operator", "observed"} <= data.keys():
            yield Decision.model_validate(data)
            return
        for each in data.values():
            yield from decisions_in(each)
    elif isinstance(data, list | tuple):
        for each in data:
            yield from decisions_in(each)


def explain(recorded: Recorded, pack: RulePack | None) -> Explanation:
    """Explain an event.

    Args:
        recorded: the event.
        pack: the rule pack that its `rule_pack_version` names; none before the first.
    """
    rules = [_compared(each, pack) for each in decisions_in(recorded.data)]
    if not rules:
        rules = [_named(each, recorded, pack) for each in _rules_named(recorded.data)]
    limits = tuple(_started(recorded.data))
    automatic = recorded.happened.by.person == SYSTEM.person
    return Explanation(
        automatic=automatic,
        rules=tuple(rules),
        limits=limits,
        text_en=" ".join(_english(recorded, rules, limits, automatic=automatic)),
        text_zh="".join(_chinese(recorded, rules, limits, automatic=automatic)),
    )


# --- what rules said ------------------------------------------------------------------------


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


def _rules_named(data: Mapping[str, Any]) -> list[str]:
    rule_id = data.get("rule_id")
    return [rule_id] if isinstance(rule_id, str) and rule_id in RULES else []


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


def _english(
    recorded: Recorded,
    rules: Iterable[RuleSaid],
    limits: Iterable[LimitStarted],
    *,
    automatic: bool,
) -> Iterator[str]:
    by, day = recorded.happened.by, recorded.happened.at.astimezone(SHANGHAI)
    says = (inspect.getdoc(recorded.event) or "").split("\n", 1)[0]
    yield f"{recorded.type}: {says}"
    if automatic:
        yield f"The house reacted by itself at {day:%Y-%m-%d %H:%M:%S} (Shanghai)."
    else:
        lent = f" in the name of {by.on_behalf_of}" if by.on_behalf_of else ""
        yield (
            f"Decided by {by.person} as {by.role}{lent} at {day:%Y-%m-%d %H:%M:%S} (Shanghai), "
            f"under clause {recorded.event.clause}."
        )
    if recorded.reason:
        yield f"Reason given: {recorded.reason}"
    for each in rules:
        yield each.sentence_en
    for limit in limits:
        counted = f", working days by {limit.calendar}" if limit.calendar else ""
        yield f"It started {limit.limit} ({_lowered(limit.en)}), due {limit.due_at}{counted}."
    missed = LIMITS.get(str(recorded.data.get("limit")))
    if missed is not None:
        yield f"{missed.limit} ({_lowered(missed.en)}) was due {recorded.data.get('due_at')}."


def _chinese(
    recorded: Recorded,
    rules: Iterable[RuleSaid],
    limits: Iterable[LimitStarted],
    *,
    automatic: bool,
) -> Iterator[str]:
    by, day = recorded.happened.by, recorded.happened.at.astimezone(SHANGHAI)
    clause = CLAUSES.get(recorded.event.clause)
    if automatic:
        yield f"系统于{day:%Y-%m-%d %H:%M:%S}自动反应。"
    else:
        lent = f"(受{by.on_behalf_of}委托)" if by.on_behalf_of else ""
        yield f"{by.person}{lent}以{by.role}身份于{day:%Y-%m-%d %H:%M:%S}作出,"
        yield f"依据条款{recorded.event.clause}。"
    if clause is not None:
        yield f"条款{clause.clause}:{clause.zh}"
    if recorded.reason:
        yield f"原因:{recorded.reason}。"
    for each in rules:
        yield each.sentence_zh
    for limit in limits:
        counted = f"(工作日历:{limit.calendar})" if limit.calendar else ""
        yield f"启动时限{limit.limit}{limit.zh},截止{limit.due_at}{counted}。"
    missed = LIMITS.get(str(recorded.data.get("limit")))
    if missed is not None:
        yield f"时限{missed.limit}{missed.zh}应于{recorded.data.get('due_at')}前完成。"


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]


def figure_words(name: str) -> str:
    """What a figure of the rule pack is, in both languages."""
    return Figures.model_fields[name].description or name
