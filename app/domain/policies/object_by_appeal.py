"""Clause 4.5, R-06: an appeal that went to the customer is an objection to the claim."""

from collections.abc import Sequence
from typing import Final

from app.domain.appeal.events import AppealSubmitted
from app.domain.claim.events import CLAIM
from app.domain.claim.objections import NoteAppeal
from app.domain.decider import Happened, Order, Policy, World


def react(happened: Happened[AppealSubmitted], _: World) -> Sequence[Order]:
    """Tell the claim, so that engineering negotiates."""
    event = happened.event
    codes = ", ".join(dict.fromkeys(each.code for each in event.grounds))
    command = NoteAppeal(appeal_no=event.appeal_no, grounds=f"{event.appeal_no}: {codes}")
    return [Order(CLAIM.name, command, to=event.claim_id)]


object_by_appeal: Final = Policy(
    name="object_by_appeal", event_types=(AppealSubmitted,), react=react
)
