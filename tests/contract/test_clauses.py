"""No clause of the procedure is left without a carrier, and nobody names one that is not there."""

import json
import re
from pathlib import Path

import pytest

from app.api.service import refusals
from app.catalogues import CATALOGUES, TESTS, carriers_of, reads_of, specs, specs_of
from app.domain.aggregates import AGGREGATES
from app.domain.clauses import CLAUSES, RULES, in_order
from app.domain.limits import LIMITS
from app.projections.catalogue import LEDGERS

SPECS = specs()
TEXTS = [(str(path), path.read_text()) for path in sorted(TESTS.glob("*/test_*.py"))]


@pytest.mark.parametrize("clause", CLAUSES)
def test_no_clause_is_left_without_a_carrier_and_a_test(clause: str) -> None:
    told, carriers = CLAUSES[clause], carriers_of(clause)
    reads = reads_of(told, carriers)

    assert carriers.commands or carriers.ledgers, "nothing carries it"
    assert carriers.events or told.also, "nothing shows that it was lived"
    assert carriers.tests(reads, TEXTS), "no test spells it out"


@pytest.mark.parametrize("number", [*RULES, *LIMITS])
def test_every_rule_and_every_limit_leads_to_a_test(number: str) -> None:
    assert specs_of(number, SPECS), "no test names it"


def test_every_test_that_the_page_names_is_there() -> None:
    page = CATALOGUES["clauses.md"]()
    known = {(each.link, each.path) for each in SPECS}

    for link, path in re.findall(r"(\[[^]]+\]\(\.\./(tests/[^)]+)\))", page):
        assert (link, path) in known or link == f"[{path}](../{path})"
        assert Path(path).exists()


def test_every_clause_that_is_named_is_one_of_the_procedure() -> None:
    named = {
        *(each.clause for one in AGGREGATES for each in one.command_types),
        *(each.clause for one in AGGREGATES for each in one.stream.event_types),
        *(each.clause for each in refusals() if each.clause is not None),
        *(each.clause for each in LIMITS.values()),
        *(each.clause for each in RULES.values()),
        *(clause for each in LEDGERS for clause in each.clauses),
    }
    commands = {each.__name__ for one in AGGREGATES for each in one.command_types}

    assert named <= set(CLAUSES)
    assert {name for each in CLAUSES.values() for name in each.also} <= commands
    assert {below for each in CLAUSES.values() for below in each.shown_by} <= set(CLAUSES)


def test_the_clauses_stand_in_the_order_of_the_procedure() -> None:
    assert list(CLAUSES) == sorted(CLAUSES, key=in_order)


def test_every_rule_that_the_house_names_is_told() -> None:
    text = "".join(path.read_text() for path in Path("app").rglob("*.py"))

    assert set(re.findall(r"\bR-[0-9]{2}\b", text)) == set(RULES)
    assert {each.rule_id for each in LIMITS.values() if each.rule_id} <= set(RULES)
    assert {each.rule for each in refusals() if each.rule} <= set(RULES)


def test_every_address_that_a_clause_names_can_be_read() -> None:
    paths = json.loads(CATALOGUES["openapi.json"]())["paths"]

    for clause in CLAUSES.values():
        for address in reads_of(clause, carriers_of(clause.clause)):
            assert "get" in paths.get(address, {}), address
