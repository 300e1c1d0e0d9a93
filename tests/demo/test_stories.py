"""The stories that every demo tells, as a reader finds them in the ledgers and in the log."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from app.domain.values import SHANGHAI
from tests.api.desk import Json
from tests.demo.conftest import Told


def yuan(amount: Json) -> str:
    """The figure of an amount."""
    return str(amount["amount"])


def reasons(row: Json) -> list[str]:
    """Why a claim went to the general manager."""
    return [reason for each in row["escalations"] for reason in each["reasons"]]


def shares(row: Json) -> dict[str, str]:
    """What each party bears."""
    return {each["party"]: yuan(each["amount"]) for each in row["shares"]}


def types(events: list[Json]) -> list[str]:
    """What happened, in order."""
    return [each["type"] for each in events]


def test_st1_exactly_the_threshold_goes_to_nobody(told: Told) -> None:
    row = told.claims["ST1"]

    assert yuan(row["confirmed"]) == "500.00"
    assert row["escalated"] is False


def test_st2_one_fen_above_goes_to_the_general_manager(told: Told) -> None:
    row = told.claims["ST2"]

    assert yuan(row["confirmed"]) == "500.01"
    assert reasons(row) == ["AMOUNT"]
    assert len(row["capa_nos"]) == 1
    assert {each["kind"] for each in row["accountability"]} == {"PERSON", "LEADER"}


def test_st3_the_third_claim_of_a_specification_escalates(told: Told) -> None:
    rows = [told.claims[f"ST3-{n}"] for n in (1, 2, 3)]

    assert {row["customer_id"] for row in rows} == {"C04", "C01"}
    assert [row["spec_count"] for row in rows] == [1, 2, 3]
    assert [reasons(row) for row in rows] == [[], [], ["SPEC_COUNT"]]


def test_st4_the_eleventh_occurrence_comes_on_the_last_day(told: Told) -> None:
    ours = [row for row in told.cases.values() if row["cause_code"] == "M05"]
    of_the_quarter = [row for row in ours if "2025-01-01" <= row["occurred_on"] <= "2025-03-31"]

    assert sorted(row["customer_ref"] for row in of_the_quarter) == [
        f"ST4-{n:02d}" for n in range(1, 12)
    ]
    assert sum(row["occurred_on"] == "2025-03-31" for row in of_the_quarter) == 1


def test_st5_a_late_fact_has_the_quarter_frozen_anew(told: Told) -> None:
    case, report = told.cases["ST5"], told.of("quarterly-report-2024Q4")
    kinds = types(report)
    closed = report[kinds.index("QuarterClosed")]["recorded_at"]

    assert (case["occurred_on"], case["cause_code"]) == ("2024-12-19", "M04")
    assert closed < case["received_at"]
    assert kinds.count("QuarterRestated") == 1
    counted = [
        {row["cause_code"]: row["count"] for row in version["figures"]["cause_frequency"]["causes"]}
        for version in (told.read[f"/v1/quarterly-reports/2024Q4/versions/{n}"] for n in (1, 2))
    ]
    assert "M04" not in counted[0]
    assert counted[1]["M04"] == 1


def test_st6_what_was_made_under_the_measure_failed_all_the_same(told: Told) -> None:
    case = told.cases["ST6"]
    (seen,) = [each for each in told.of(case["case_id"]) if each["type"] == "RecurrenceDetected"]

    assert seen["data"]["effective_from"] < seen["data"]["produced_on"] == "2025-02-24"
    assert "RiskControlProjectOpened" in types(told.caused_by(seen))


def test_st7_a_bad_lot_stops_the_line_and_three_departments_work_on_it(told: Told) -> None:
    (found,) = [each for each in told.events if each["type"] == "BatchProblemDetected"]
    row = told.claims["ST7"]
    costs = told.read["/v1/kpis/cost-ratio?year=2025"]

    assert (found["data"]["lot_no"], found["data"]["nok"]) == ("L250102-1", 52)
    assert {"RiskControlProjectOpened"} <= set(types(told.caused_by(found)))
    assert yuan(row["confirmed"]) > "100000.00"
    assert reasons(row) == ["AMOUNT"]
    assert costs["status"] == "EXCEEDED"


def test_st8_a_damage_on_the_way_opens_a_case_and_the_carrier_pays_back(told: Told) -> None:
    row = told.claims["ST8"]
    events = types(told.of(row["claim_id"]))
    case = next(each for each in told.cases.values() if each["case_no"] in row["case_nos"])
    (damage,) = [each for each in told.events if each["type"] == "TransportDamageReported"]

    assert case["category"] == "TRANSPORT"
    assert case["status"] == "CLOSED"
    assert damage["data"]["qty"] == case["qty_reported"] == 3
    assert row["shares"][0]["party"] == "THIRD_PARTY"
    assert row["shares"][0]["party_id"] == "CR-QILU"
    assert yuan(row["company_borne"]) == "0.00"
    assert yuan(row["settled"]) == yuan(row["recovered"]) == "384.00"
    assert events.index("ClaimSplitCalculated") + 1 == events.index("NegotiationOpened")
    assert events.index("NegotiationConcluded") < events.index("ClaimExecutionApproved")


def test_st9_a_disputed_claim_on_a_supplier_is_cancelled(told: Told) -> None:
    row = told.claims["ST9"]
    events = types(told.of(row["claim_id"]))

    assert row["status"] == "CANCELLED"
    assert row["filed"] is True
    assert events.index("DisputeRaised") < events.index("ClaimCancelled")
    (appeal,) = told.read["/v1/ledgers/appeals"]["data"]
    assert (appeal["claim_no"], appeal["customer_answer"]) == (row["claim_no"], "ACCEPTED")


def test_st10_a_second_decides_the_agreement(told: Told) -> None:
    old, new = told.claims["ST10-2024"], told.claims["ST10-2025"]

    assert (old["notice_on"], new["notice_on"]) == ("2025-01-06", "2025-01-06")
    assert (old["failure_on"], new["failure_on"]) == ("2024-12-31", "2025-01-01")
    assert old["agreement_version"] == "AG-C01-2024 v1"
    assert new["agreement_version"] == "AG-C01-2025 v1"
    assert shares(old) == {"COMPANY": "600.00", "CUSTOMER": "400.00"}
    assert shares(new) == {"COMPANY": "700.00", "CUSTOMER": "300.00"}


def test_st11_a_corrected_cause_is_counted_where_it_belongs(told: Told) -> None:
    case = told.cases["ST11"]
    events = told.of(case["case_id"])
    moves = [each["data"] for each in events if each["type"] == "OccurrenceRecounted"]

    assert types(events).count("RootCauseApproved") == 2
    assert case["cause_code"] == "M01"
    assert moves[-1]["was"]["cause_code"] == "A01"
    assert moves[-1]["now"]["cause_code"] == "M01"


def test_st12_the_odd_fen_of_a_half_is_ours(told: Told) -> None:
    row = told.claims["ST12"]
    found = [each["type"] for each in told.events if each["data"].get("result") == "NTF"]

    assert row["cause_code"] == "NTF"
    assert shares(row) == {"COMPANY": "166.67", "CUSTOMER": "166.66"}
    assert "NtfConcluded" in found


def test_st13_one_week_of_a_project_goes_by_without_a_word(told: Told) -> None:
    missed = [
        each["data"]
        for each in told.events
        if each["type"] == "DeadlineMissed" and each["data"]["limit"] == "T17"
    ]
    ended = [each["type"] for each in told.events if each["type"] == "ProjectClosed"]

    assert [each["due_at"] for each in missed] == ["2025-02-02T16:00:00Z"]
    assert len(ended) == 1


def test_st14_three_claims_just_below_the_threshold_in_one_week(told: Told) -> None:
    rows = [told.claims[f"ST14-{n}"] for n in (1, 2, 3)]

    assert [yuan(row["confirmed"]) for row in rows] == ["481.20", "492.60", "498.80"]
    assert len({(row["customer_id"], *row["spec_codes"]) for row in rows}) == 1
    days = sorted(row["notice_on"] for row in rows)
    assert date.fromisoformat(days[-1]) - date.fromisoformat(days[0]) < timedelta(days=7)
    assert all("AMOUNT" not in reasons(row) for row in rows)


@pytest.mark.parametrize(
    "notice", ["ST1", "ST2", "ST3-1", "ST3-2", "ST3-3", "ST7", "ST8", "ST10-2024", "ST12"]
)
def test_stories_that_are_paid_are_told_to_their_end(told: Told, notice: str) -> None:
    assert told.claims[notice]["status"] == "CLOSED"


# --- the whole ------------------------------------------------------------------------------


def test_a_tiny_demo_has_sixty_cases_and_about_1900_events(told: Told) -> None:
    assert len(told.cases) == 60
    assert 1_700 < len(told.events) < 2_100


def test_no_other_cause_is_above_its_target(told: Told) -> None:
    counted = Counter(
        row["cause_code"]
        for row in told.cases.values()
        if row["cause_code"] and row["occurred_on"].startswith("2025")
    )

    assert [cause for cause, occurrences in counted.items() if occurrences > 10] == ["M05"]


def test_something_is_left_to_do(told: Told) -> None:
    over = {"CLOSED", "VOIDED", "MERGED"}
    open_cases = [row for row in told.cases.values() if row["status"] not in over]
    open_claims = [row for row in told.claims.values() if row["status"] != "CLOSED"]
    raised = sum(each["type"] == "EscalationRaised" for each in told.events)
    closed = sum(each["type"] == "EscalationClosed" for each in told.events)

    assert 4 <= len(open_cases) <= 20
    assert 4 <= len(open_claims) <= 15
    assert 0 < closed < raised


def test_people_work_in_office_hours_under_keys_of_their_own(told: Told) -> None:
    by_people = [each for each in told.events if each["client"]]
    hours = {
        datetime.fromisoformat(each["recorded_at"]).astimezone(SHANGHAI).hour for each in by_people
    }
    clients = {each["person"]: each["client"] for each in by_people}

    assert min(hours) >= 8
    assert max(hours) <= 17
    assert len(clients) > 15
    assert len(set(clients.values())) == len(clients)


def test_a_time_limit_is_missed_in_the_second_after_it_unless_it_was_over_from_the_start(
    told: Told,
) -> None:
    missed = [each for each in told.events if each["type"] == "DeadlineMissed"]
    late = [
        datetime.fromisoformat(each["recorded_at"]) - datetime.fromisoformat(each["data"]["due_at"])
        for each in missed
    ]

    assert 20 < len(missed) < 120
    assert min(late) > timedelta()
    assert sum(each < timedelta(seconds=1) for each in late) > 0.7 * len(late)


def test_the_quarter_before_is_reported_and_the_year_prepared_for_review(told: Told) -> None:
    reported = [each["type"] for each in told.of("quarterly-report-2024Q4")]
    reviewed = [each["type"] for each in told.of("management-review-2024")]

    assert reported[:3] == ["QuarterEnded", "QuarterClosed", "ReportIssued"]
    assert reported.count("ReportAcknowledged") == 5 + 5  # the first version, and ST5's
    assert reviewed == ["YearEnded", "ReviewPackPrepared"]


def test_the_load_says_what_it_told(told: Told) -> None:
    line = told.printed.rpartition("Demo        ")[2]

    assert line.startswith("tiny, seed 42: 60 cases")
    assert f"{len(told.events)} events by" in line
