"""The plot: what chance draws keeps clear of the stories that are always told."""

from app.demo.chance import Chance
from app.demo.claims import ClaimFacts, draw_claim
from app.demo.facts import RESERVED_CAUSE, RESERVED_QUARTER, CaseFacts, draw_case, told
from app.demo.injected import QUARTER, injected
from app.demo.notices import Line, total_of
from app.demo.plot import MEDIUM, SMALL, TINY, Plot, cases_in
from app.domain.values import quarter_of

SEED = 42


def drawn(quarter: str) -> list[CaseFacts]:
    """The cases of chance of a quarter."""
    names = [f"{quarter}-{n:03d}" for n in range(1, cases_in(quarter) + 1)]
    first_on = SMALL.first_failure_on
    return [draw_case(Chance(SEED, name), name, quarter, first_on=first_on) for name in names]


EVERY_CASE = [facts for quarter in SMALL.quarters for facts in drawn(quarter)]


def claims() -> list[ClaimFacts]:
    """Every claim of chance."""
    found = (draw_claim(Chance(SEED, f"{each.name}-claim"), each) for each in EVERY_CASE)
    return [each for each in found if each is not None]


def test_a_year_has_240_cases_and_the_tiny_demo_60() -> None:
    stories = len(list(injected(SEED))) + len(["ST7"])

    assert cases_in(QUARTER) + stories == 60
    for year in ("2016", "2024", "2025"):
        of_the_year = sum(cases_in(f"{year}Q{n}") for n in (1, 2, 3, 4))
        assert of_the_year + (stories if year == "2025" else 0) == 240


def test_the_tiny_demo_is_a_part_of_the_small_one() -> None:
    tiny = {each.name: each.begins_at for each in Plot(TINY, SEED).stories()}
    small = {each.name: each.begins_at for each in Plot(SMALL, SEED).stories()}

    of_cases = {name: at for name, at in tiny.items() if not name.startswith(("cat", "agreement"))}
    assert of_cases.items() <= small.items()


def test_names_are_unique() -> None:
    names = [each.name for each in Plot(MEDIUM, SEED).stories()]

    assert len(set(names)) == len(names)


def test_cases_are_told_in_their_quarter_and_not_before_they_happen() -> None:
    for quarter in SMALL.quarters:
        for facts in drawn(quarter):
            assert quarter_of(facts.received_at.date()) == quarter
            assert facts.produced_on <= facts.failed_on <= facts.received_at.date()
            assert facts.failed_on.year >= 2024
            assert facts.part.family.code in facts.customer.families
            assert facts.part.family.code in facts.cause.families
            assert facts.mode in facts.cause.modes
            assert facts.part.spec_code in told(facts)


def test_the_specifications_of_the_stories_are_their_own() -> None:
    of_stories = {each.facts.part.spec_code for each in injected(SEED)}

    assert of_stories.isdisjoint(each.part.spec_code for each in EVERY_CASE)


def test_the_eleventh_of_the_quarter_is_the_eleventh() -> None:
    used = [
        each.name
        for each in EVERY_CASE
        if each.cause.code == RESERVED_CAUSE and quarter_of(each.failed_on) == RESERVED_QUARTER
    ]

    assert used == []


def test_lines_multiply_to_the_fen() -> None:
    for claim in claims():
        for line in claim.lines:
            assert line.amount_fen > 0
            if line.halves is not None:
                assert line.amount_fen * 2 % line.halves == 0


def test_a_line_says_half_hours() -> None:
    said = Line("LABOUR", 4216 * 7 // 2, halves=7).said(2)

    assert said["quantity"] == "3.5"
    assert said["unit_price"]["amount"] == "42.16"
    assert said["amount"]["amount"] == "147.56"


def test_amounts_are_as_the_plant_knows_them() -> None:
    amounts = sorted(total_of(each.lines) for each in claims())

    assert 200_00 < amounts[len(amounts) // 2] < 330_00
    above = sum(amount > 500_00 for amount in amounts) / len(amounts)
    assert 0.12 < above < 0.30
    assert 0.50 < len(amounts) / len(EVERY_CASE) < 0.66
