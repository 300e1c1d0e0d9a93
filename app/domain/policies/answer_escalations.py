"""Clause 4.5: a CAPA report that was issued for an escalation is one of its duties done."""

from collections.abc import Sequence
from typing import Final

from app.domain.capa.events import CapaIssued
from app.domain.decider import Happened, Order, Policy, World
from app.domain.escalation.decisions import NoteCapaIssued
from app.domain.escalation.events import ESCALATION


def react(happened: Happened[CapaIssued], _: World) -> Sequence[Order]:
    """Tell the escalation."""
    event = happened.event
    if event.escalation_id is None:
        return ()
    command = NoteCapaIssued(capa_id=happened.to, capa_no=event.capa_no)
    return [Order(ESCALATION.name, command, to=event.escalation_id)]


answer_escalations: Final = Policy(
    name="answer_escalations", event_types=(CapaIssued,), react=react
)
