"""What can happen to the personal data of one person, and what it adds up to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final, TypeAlias, assert_never

from app.domain.decider import Event, Happened, Stream
from app.domain.replacing import replace
from app.domain.values import Code, Id, Reason


class ErasureStatus(StrEnum):
    """How far the erasure of a person is (状态)."""

    NOT_REQUESTED = "NOT_REQUESTED"
    REQUESTED = "REQUESTED"
    REJECTED = "REJECTED"
    ERASED = "ERASED"


class ErasureFact(Event):
    """Under which id the person's values are sealed, and why; never who it is."""

    clause: ClassVar[str] = "5.2"

    data_subject_id: Id
    reason: Reason


class ErasureRequested(ErasureFact):
    """Somebody asks that a person be erased; a second person has yet to do it."""


class ErasureRejected(ErasureFact):
    """A second person does not agree; the person's data stay readable."""


class PersonErased(ErasureFact):
    """The person's key is destroyed: what is sealed under it can never be read again."""

    requested_by: Code


PersonalDataEvent: TypeAlias = ErasureRequested | ErasureRejected | PersonErased


@dataclass(frozen=True, slots=True)
class PersonalData:
    """The personal data of one person, as far as they are to be erased."""

    status: ErasureStatus = ErasureStatus.NOT_REQUESTED
    reason: str = ""
    """Of what was said last."""
    requested_by: str = ""
    requested_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


def evolve(personal: PersonalData, happened: Happened[PersonalDataEvent]) -> PersonalData:
    """Apply one event."""
    by, at = happened.by.person, happened.at
    match happened.event:
        case ErasureRequested(reason=reason):
            return PersonalData(ErasureStatus.REQUESTED, reason, by, at)
        case ErasureRejected(reason=reason):
            status = ErasureStatus.REJECTED
        case PersonErased(reason=reason):
            status = ErasureStatus.ERASED
        case unknown:
            assert_never(unknown)
    return replace(personal, status=status, reason=reason, decided_by=by, decided_at=at)


PERSONAL_DATA: Final = Stream(name="personal-data", initial=PersonalData(), evolve=evolve)
