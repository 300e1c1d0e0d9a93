"""Which appeal against a claim is open: there is one at a time."""

from typing import Final

from pydantic import BaseModel, ConfigDict

from app.domain.appeal.events import AppealAnswered, AppealDrafted, AppealWithdrawn
from app.domain.decider import Happened, Register


class OpenAppeal(BaseModel):
    """Which one it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    appeal_id: str
    appeal_no: str


def _keys(happened: Happened[AppealDrafted | AppealAnswered | AppealWithdrawn]) -> list[str]:
    return [happened.event.claim_id]


def _fold(
    _: OpenAppeal | None,
    happened: Happened[AppealDrafted | AppealAnswered | AppealWithdrawn],
    __: str,
) -> OpenAppeal | None:
    event = happened.event
    if isinstance(event, AppealDrafted):
        return OpenAppeal(appeal_id=happened.to, appeal_no=event.appeal_no)
    return None


OPEN_APPEAL_OF_CLAIM: Final[Register[OpenAppeal]] = Register(
    name="open_appeal_of_claim",
    value_type=OpenAppeal,
    event_types=(AppealDrafted, AppealAnswered, AppealWithdrawn),
    keys=_keys,
    fold=_fold,
)
"""By the claim's id."""
