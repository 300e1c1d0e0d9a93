"""Which escalations there are of a claim and of a specification."""

from typing import Final

from pydantic import BaseModel, ConfigDict

from app.domain.decider import Happened, Register
from app.domain.escalation.events import (
    ClaimLinkedToEscalation,
    EscalationRaised,
    ReasonCode,
)

KEPT_MAX: Final = 50
"""Escalations of one claim or specification that are remembered; the last ones."""


class EscalationOfClaim(BaseModel):
    """An escalation that a claim is in, and for which reasons it raised it; none: linked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    escalation_id: str
    reasons: tuple[ReasonCode, ...]


class EscalationOfSpec(BaseModel):
    """An escalation that a specification was claimed into, and in which window."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    escalation_id: str
    window: str


def _claim_keys(happened: Happened[EscalationRaised | ClaimLinkedToEscalation]) -> list[str]:
    return [happened.event.claim_id]


def _claim_fold(
    known: list[EscalationOfClaim] | None,
    happened: Happened[EscalationRaised | ClaimLinkedToEscalation],
    _: str,
) -> list[EscalationOfClaim]:
    event = happened.event
    if any(each.escalation_id == happened.to for each in known or []):
        return known or []
    reasons: tuple[ReasonCode, ...] = ()
    if isinstance(event, EscalationRaised):
        reasons = tuple(each.code for each in event.reasons)
    entry = EscalationOfClaim(escalation_id=happened.to, reasons=reasons)
    return [*(known or []), entry][-KEPT_MAX:]


def _spec_keys(happened: Happened[EscalationRaised]) -> list[str]:
    return [each.spec_code for each in happened.event.reasons if each.spec_code is not None]


def _spec_fold(
    known: list[EscalationOfSpec] | None, happened: Happened[EscalationRaised], key: str
) -> list[EscalationOfSpec]:
    window = next(each.window or "" for each in happened.event.reasons if each.spec_code == key)
    entry = EscalationOfSpec(escalation_id=happened.to, window=window)
    return [*(known or []), entry][-KEPT_MAX:]


ESCALATIONS_OF_CLAIM: Final[Register[list[EscalationOfClaim]]] = Register(
    name="escalations_of_claim",
    value_type=list[EscalationOfClaim],
    event_types=(EscalationRaised, ClaimLinkedToEscalation),
    keys=_claim_keys,
    fold=_claim_fold,
)
"""By the claim's id, oldest first; each once, also when it is linked for several specs."""

ESCALATIONS_OF_SPEC: Final[Register[list[EscalationOfSpec]]] = Register(
    name="escalations_of_spec",
    value_type=list[EscalationOfSpec],
    event_types=(EscalationRaised,),
    keys=_spec_keys,
    fold=_spec_fold,
)
"""By the specification, oldest first."""
