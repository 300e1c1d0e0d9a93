"""Whatever people do, in whatever order: what is counted is what a plain recount finds."""

from collections import Counter
from contextlib import suppress
from datetime import date, timedelta
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.cause_catalogue.events import CAUSE_CATALOGUE
from app.domain.claim.events import CLAIM, Claim
from app.domain.claim.words import ClaimStatus
from app.domain.cost_entry.events import COST_ENTRY
from app.domain.decider import SINGLE
from app.domain.errors import DomainError
from app.domain.feedback_case.commands import ApproveRootCause, MergeCase
from app.domain.feedback_case.events import FEEDBACK_CASE, CaseStatus, FeedbackCase
from app.domain.money import money
from app.domain.registers.costs import YEAR_COSTS, YearCost
from app.domain.registers.occurrences import cause_count
from app.domain.service_visit.events import SERVICE_VISIT
from app.domain.target.events import TARGET, AlertLevel, cause_target_no
from app.domain.values import Category, Party, quarter_of
from app.projections.claims_ledger import CLAIMS_LEDGER
from app.projections.feedback_ledger import FEEDBACK_LEDGER
from tests.domain.counting import (
    CAUSES,
    REASON,
    a_house,
    adjust,
    cancel,
    determine,
    dispute,
    judge,
    merge_causes,
    occurred_rather_on,
    reject,
    spend,
    spent_rather,
    split,
    told,
    visited,
    visited_rather,
    void,
    withdraw,
)
from tests.people import ENGINEER, QUALITY_MANAGER
from tests.turns import House, claim_confirmed, claim_verified, reclassified

DAYS: Final = (date(2024, 9, 30), date(2024, 10, 1), date(2024, 12, 31), date(2025, 1, 1))
QUARTERS: Final = ("2024Q3", "2024Q4", "2025Q1")

days = st.sampled_from(DAYS)
causes = st.sampled_from(CAUSES)
some = st.integers(min_value=0, max_value=3)
amounts = st.integers(min_value=0, max_value=3_000_00)
case_acts = st.one_of(
    st.tuples(st.just("tell"), days),
    st.tuples(st.just("determine"), some, causes),
    st.tuples(st.just("determine"), some, causes),
    st.tuples(st.just("approve"), some),
    st.tuples(st.just("reject"), some),
    st.tuples(st.just("judge"), some, st.sampled_from((0, 1, 10_000, None))),
    st.tuples(st.just("correct"), some, days),
    st.tuples(st.just("reclassify"), some, st.sampled_from(tuple(Category))),
    st.tuples(st.just("void"), some),
    st.tuples(st.just("merge"), some, some),
    st.tuples(st.just("merge causes"), causes, causes),
)
claim_acts = st.one_of(
    st.tuples(st.just("claim"), amounts),
    st.tuples(st.just("register"), amounts),
    st.tuples(st.just("split"), some),
    st.tuples(st.just("dispute"), some),
    st.tuples(st.just("adjust"), some, amounts, st.sampled_from((None, 0, 3_333, 10_000))),
    st.tuples(st.just("rejudge"), st.sampled_from((0, 5_000, None))),
    st.tuples(st.just("cancel"), some),
    st.tuples(st.just("withdraw"), some),
    st.tuples(st.just("spend"), amounts, days),
    st.tuples(st.just("spent rather"), some, amounts, days),
    st.tuples(st.just("visit"), amounts),
    st.tuples(st.just("visited rather"), some, amounts),
    st.tuples(st.just("visit by hand"), some, amounts),
)


def of(known: list[str], index: int) -> str:
    """One of those that there are."""
    return known[index % len(known)]


def acted_on_cases(house: House, cases: list[str], act: Any) -> None:  # noqa: ANN401, C901
    """One act; what is refused changes nothing."""
    match act:
        case ("tell", on):
            cases.append(told(house, on))
        case ("determine", i, cause):
            determine(house, of(cases, i), cause)
        case ("approve", i):
            house.asked(ApproveRootCause(), QUALITY_MANAGER, of(cases, i))
        case ("reject", i):
            reject(house, of(cases, i))
        case ("judge", i, bps):
            judge(house, of(cases, i), bps)
        case ("correct", i, on):
            occurred_rather_on(house, of(cases, i), on)
        case ("reclassify", i, category):
            reclassified(house, of(cases, i), category)
        case ("void", i):
            void(house, of(cases, i))
        case ("merge", i, j):
            merge = MergeCase(into=of(cases, j), reason=REASON)
            house.asked(merge, ENGINEER, of(cases, i))
        case ("merge causes", code, into):
            merge_causes(house, code, into)
        case _:
            raise AssertionError(act)


def is_occurrence(case: FeedbackCase) -> bool:
    """R-01 in plain words, from the state alone."""
    if case.status in {CaseStatus.VOIDED, CaseStatus.MERGED}:
        return False
    if case.category not in {Category.PRODUCT, Category.PACKAGING} or case.current_cause is None:
        return False
    judged_now = case.judgement is not None and case.proposed_cause is None
    if judged_now and case.judgement and case.judgement.shares:
        return any(s.party is Party.COMPANY and s.bps > 0 for s in case.judgement.shares)
    return True


def recounted(house: House, cases: list[str]) -> Counter[tuple[str, str]]:
    """By quarter and cause, from every case there is."""
    catalogue = house.state_of(CAUSE_CATALOGUE, SINGLE)
    found: Counter[tuple[str, str]] = Counter()
    for each in cases:
        case = house.state_of(FEEDBACK_CASE, each)
        code = case.current_cause_code
        while code is not None and catalogue.causes[code].merged_into:
            code = catalogue.causes[code].merged_into
        if code is not None and code != "N01" and is_occurrence(case):
            found[quarter_of(case.occurred_on), code] += 1
    return found


@settings(max_examples=80)
@given(st.lists(case_acts, max_size=40))
def test_occurrences_are_what_a_recount_of_all_cases_finds(acts: list[Any]) -> None:
    house = a_house()
    cases = [told(house, DAYS[0]), told(house, DAYS[3])]

    for act in acts:
        house.at += timedelta(seconds=1)
        with suppress(DomainError):
            acted_on_cases(house, cases, act)
        wanted = recounted(house, cases)
        for quarter in QUARTERS:
            for cause in CAUSES:
                count = cause_count(house, quarter, cause)
                assert count.cases == wanted[quarter, cause], (act, quarter, cause)
                assert len(count.evidence) == count.cases

    for each in cases:
        case = house.state_of(FEEDBACK_CASE, each)
        row = house.row(FEEDBACK_LEDGER, each)
        assert case.counted_as == case.occurrence
        assert row.counted_cause == (case.counted_as.cause_code if case.counted_as else None)
        assert row.occurred_quarter == quarter_of(case.occurred_on)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(days, st.sampled_from(("M01", "M02"))), min_size=9, max_size=14),
    st.randoms(use_true_random=False),
)
def test_the_order_in_which_facts_are_recorded_makes_no_difference(facts: Any, random: Any) -> None:  # noqa: ANN401
    def lived(order: list[tuple[date, str]]) -> dict[tuple[str, str], tuple[int, AlertLevel, int]]:
        house = a_house()
        for on, cause in order:
            determine(house, told(house, on), cause)
        return {
            (quarter, cause): (
                cause_count(house, quarter, cause).cases,
                (target := house.state_of(TARGET, cause_target_no(quarter, cause))).level,
                target.observed,
            )
            for quarter in QUARTERS
            for cause in CAUSES
        }

    shuffled = list(facts)
    random.shuffle(shuffled)

    assert lived(facts) == lived(shuffled)


def acted_on_claims(house: House, known: dict[str, list[str]], act: Any) -> None:  # noqa: ANN401
    """One act; what is refused changes nothing."""
    (case,), claims = known["cases"], known["claims"]
    match act:
        case ("claim", fen):
            claims.append(claim_confirmed(house, fen, cases=(case,)))
        case ("register", fen):
            claims.append(claim_verified(house, fen, cases=(case,)))
        case ("split", i):
            split(house, of(claims, i))
        case ("dispute", i):
            dispute(house, of(claims, i))
        case ("adjust", i, fen, bps):
            adjust(house, of(claims, i), fen, bps)
        case ("rejudge", bps):
            judge(house, case, bps)
        case ("cancel", i):
            cancel(house, of(claims, i))
        case ("withdraw", i):
            withdraw(house, of(claims, i))
        case _:
            acted_on_costs(house, known, act)


def acted_on_costs(house: House, known: dict[str, list[str]], act: Any) -> None:  # noqa: ANN401
    """One act about what is no claim; what is refused changes nothing."""
    (case,), entries, visits = known["cases"], known["entries"], known["visits"]
    match act:
        case ("spend", fen, on):
            entries.append(spend(house, fen, on))
        case ("spent rather", i, fen, on):
            spent_rather(house, of(entries, i), fen, on)
        case ("visit", fen):
            visits.append(visited(house, case, fen))
        case ("visited rather", i, fen):
            visited_rather(house, of(visits, i), labour=money(fen))
        case ("visit by hand", i, fen):
            entries.append(spend(house, fen, DAYS[3], service_visit_id=of(visits, i)))
        case _:
            raise AssertionError(act)


def borne(claim: Claim) -> int:
    """R-03 in plain words, from the state alone."""
    gone = {ClaimStatus.CANCELLED, ClaimStatus.WITHDRAWN, ClaimStatus.REJECTED}
    if claim.confirmation is None or claim.status in gone:
        return 0
    ours = [each.amount for each in claim.shares if each.party is Party.COMPANY]
    return sum(ours) if claim.shares else claim.amount or 0


@settings(max_examples=60)
@given(st.lists(claim_acts, max_size=25))
def test_the_cost_of_a_year_is_what_a_recount_of_claims_and_entries_finds(acts: list[Any]) -> None:
    house = a_house()
    case = told(house, DAYS[3])
    determine(house, case)
    house.asked(ApproveRootCause(), QUALITY_MANAGER, case)
    judge(house, case, None)
    known = {"cases": [case], "claims": [claim_confirmed(house, 333_33, cases=(case,))]}
    known["entries"] = [spend(house, 10_00, DAYS[2])]
    known["visits"] = [visited(house, case, 20_00)]

    for act in acts:
        house.at += timedelta(seconds=1)
        with suppress(DomainError):
            acted_on_claims(house, known, act)
        claims = [house.state_of(CLAIM, each) for each in known["claims"]]
        entries = [house.state_of(COST_ENTRY, each) for each in known["entries"]]
        visits = [house.state_of(SERVICE_VISIT, each) for each in known["visits"]]
        for year in ("2024", "2025"):
            costs = house.entry_in(YEAR_COSTS, year) or YearCost()
            of_claims = sum(borne(each) for each in claims) if year == "2025" else 0
            of_entries = sum(e.amount for e in entries if str(e.on.year) == year)
            of_entries += sum(v.cost or 0 for v in visits) if year == "2025" else 0
            assert (costs.claims_fen, costs.entries_fen) == (of_claims, of_entries), act
            assert costs.total_fen == of_claims + of_entries
        for each in claims:
            assert each.counted_cost == each.company_cost == borne(each)

    for to in known["claims"]:
        assert house.row(CLAIMS_LEDGER, to).cost == house.state_of(CLAIM, to).counted_cost
