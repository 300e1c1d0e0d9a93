"""Correcting a recorded fact: one person says what was wrong and why, another stands by it.

The fact itself stays as it was recorded; a correction is one more event, with old and new values
and the event that it corrects. Nothing is changed until the second person has approved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field

from app.domain.decider import Happened, JsonObject
from app.domain.errors import Forbidden, Invalid, Refused
from app.domain.values import Actor, Code, Reason, Role

PROPOSERS: Final = frozenset({Role.SALES_CLERK, Role.QA_ENGINEER})
"""Who may say that something was registered wrongly."""
APPROVERS: Final = PROPOSERS | {Role.QA_MANAGER}
"""Who may stand by it or turn it down, if it is another person's."""


class FieldChange(BaseModel):
    """One field, as it was recorded and as it is now (更正内容)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str = Field(examples=["occurred_on"])
    old: Any = Field(description="As the record has it.")
    new: Any = Field(description="As it should have been.")


class SaysCorrection(BaseModel):
    """What an event says by which a correction is proposed, or stood by."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    corrects_event_id: Code
    changes: tuple[FieldChange, ...]
    reason: Reason


@dataclass(frozen=True, slots=True)
class CorrectionProposal:
    """A correction that waits for a second person."""

    changes: tuple[FieldChange, ...]
    corrects_event_id: str
    reason: str
    proposed_by: str
    proposed_at: datetime

    @classmethod
    def of(cls, event: SaysCorrection, happened: Happened[Any]) -> Self:
        """The correction that an event proposes."""
        return cls(
            changes=event.changes,
            corrects_event_id=event.corrects_event_id,
            reason=event.reason,
            proposed_by=happened.by.person,
            proposed_at=happened.at,
        )

    def stood_by(self) -> JsonObject:
        """What the event says by which a second person stands by it."""
        return {
            "changes": self.changes,
            "corrects_event_id": self.corrects_event_id,
            "reason": self.reason,
            "proposed_by": self.proposed_by,
        }


class Correctable(Protocol):
    """A state that has an attribute for every field that can be corrected, and this one."""

    @property
    def correction(self) -> CorrectionProposal | None:
        """The correction that waits, or none."""


class NothingCorrected(Invalid):
    """A correction names at least one field whose value is another one.

    「更正必须至少改变一个字段。」
    """


class CorrectionWaits(Refused):
    """A correction waits for a second person: approve or reject it first.

    「已有待批准的更正。」
    """


class NoCorrectionWaits(Refused):
    """No correction waits for approval.

    「没有待批准的更正。」
    """


class SodCorrection(Forbidden):
    """Whoever proposes a correction does not approve it.

    「更正的提出人与批准人不能为同一人。」
    """


def changes_to(recorded: Correctable, said: BaseModel) -> tuple[FieldChange, ...]:
    """What a correction would change, in the order of its fields.

    Args:
        recorded: the state as it stands.
        said: the new values; fields that were not set stay as they are.

    Raises:
        CorrectionWaits: one at a time.
        NothingCorrected: every value said is the one that stands.
    """
    if recorded.correction is not None:
        raise CorrectionWaits(proposed_by=recorded.correction.proposed_by)
    new = said.model_dump(mode="json", include=said.model_fields_set)
    old = _as_json(said, {name: getattr(recorded, name) for name in new})
    changes = tuple(
        FieldChange(field=name, old=old[name], new=new[name])
        for name in type(said).model_fields
        if name in new and new[name] != old[name]
    )
    if not changes:
        raise NothingCorrected(field="changes")
    return changes


def _as_json(said: BaseModel, values: Mapping[str, Any]) -> dict[str, Any]:
    return type(said).model_construct(**values).model_dump(mode="json", include=set(values))


def applied(changes: tuple[FieldChange, ...], shape: type[BaseModel]) -> dict[str, Any]:
    """The new values, read back from the event in their types."""
    read = shape.model_validate({each.field: each.new for each in changes})
    return {each.field: getattr(read, each.field) for each in changes}


def proposal_of_another(waits: CorrectionProposal | None, by: Actor) -> CorrectionProposal:
    """The correction that waits, for eyes that are not the proposer's.

    Raises:
        NoCorrectionWaits: there is none.
        SodCorrection: the same head.
    """
    if waits is None:
        raise NoCorrectionWaits
    if by.person == waits.proposed_by:
        raise SodCorrection(person=by.person)
    return waits
