"""Clause 4.5: a CAPA report that was issued for an escalation is one of its duties done."""

from datetime import date

from app.domain.capa.commands import IssueCapa
from app.domain.capa.state import CapaSource
from app.domain.escalation.decisions import AcknowledgeEscalation
from app.domain.escalation.events import ESCALATION, EscalationCapaIssued, EscalationRaised
from app.domain.values import Department
from tests.people import ENGINEER, GENERAL_MANAGER
from tests.turns import House, claim_confirmed, feedback


def report(source: CapaSource) -> IssueCapa:
    """QA wants to know why."""
    return IssueCapa(
        source=source,
        problem="The lip is torn in trimming.",
        owner="Ma",
        owner_department=Department.PRODUCTION,
        due_on=date(2025, 6, 30),
    )


def test_the_escalation_that_a_report_was_issued_for_knows_of_it() -> None:
    house = House()
    claim_confirmed(house, 500_01)
    (raised,) = (e.happened.to for e in house.events if isinstance(e.event, EscalationRaised))
    house.asked(AcknowledgeEscalation(instruction="Screen all stock."), GENERAL_MANAGER, raised)
    issued = house.asked(report(CapaSource(kind="ESCALATION", id=raised)), ENGINEER)

    (noted,) = house.happened(EscalationCapaIssued)
    assert noted.capa_id == issued.to
    assert "CAPA" not in house.state_of(ESCALATION, raised).missing


def test_a_report_on_a_case_that_nobody_claimed_concerns_no_escalation() -> None:
    house = House()
    issued = house.asked(report(CapaSource(kind="CASE", id=feedback(house))), ENGINEER)

    assert len(issued.events) == 1
