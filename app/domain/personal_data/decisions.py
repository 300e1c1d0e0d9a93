"""What can be asked of a person's data, why not, and what is answered."""

from collections.abc import Sequence
from typing import ClassVar, Final, TypeAlias, assert_never

from app.domain.decider import Asked, Command, Decider, World
from app.domain.errors import Forbidden, NotFound, Refused
from app.domain.personal_data.events import (
    PERSONAL_DATA,
    ErasureRejected,
    ErasureRequested,
    ErasureStatus,
    PersonalData,
    PersonalDataEvent,
    PersonErased,
)
from app.domain.values import Actor, Reason, Role

# --- why it may say no ----------------------------------------------------------------------


class ErasureWaits(Refused):
    """The erasure was asked for already: the general manager erases or rejects.

    「该信息主体的删除申请已提交,待总经理处理。」
    """

    clause = "5.2"


class ErasureNotRequested(Refused):
    """Nobody has asked for the erasure of this person.

    The QA manager asks first; two people stand by what cannot be undone.

    「尚无该信息主体的删除申请。」
    """

    clause = "5.2"


class PersonErasedAlready(Refused):
    """The person was erased.

    「该信息主体的个人信息已删除。」
    """

    clause = "5.2"


class SodErasure(Forbidden):
    """Whoever asks for an erasure does not decide on it.

    「删除的申请人与批准人不能为同一人。」
    """

    clause = "5.2"


# --- what can be asked ----------------------------------------------------------------------


class RequestErasure(Command):
    """Ask that a person's data be erased, for ever (申请删除个人信息).

    The reason is kept in plain words for ever: do not name the person in it.
    """

    clause: ClassVar[str] = "5.2"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    refusals = (NotFound, ErasureWaits, PersonErasedAlready)

    reason: Reason


class RejectErasure(Command):
    """Turn the request down: the data are needed, or the law keeps them (驳回删除申请)."""

    clause: ClassVar[str] = "5.2"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.GENERAL_MANAGER})
    refusals = (NotFound, ErasureNotRequested, PersonErasedAlready, SodErasure)

    reason: Reason


class ErasePerson(Command):
    """Destroy the key that a person's data are sealed under, for ever (删除个人信息).

    The reason is kept in plain words for ever: do not name the person in it.
    """

    clause: ClassVar[str] = "5.2"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.GENERAL_MANAGER})
    refusals = (NotFound, ErasureNotRequested, PersonErasedAlready, SodErasure)

    reason: Reason


PersonalDataCommand: TypeAlias = RequestErasure | RejectErasure | ErasePerson

# --- what it answers ------------------------------------------------------------------------


def decide(
    asked: Asked[PersonalDataCommand], personal: PersonalData, _: World
) -> Sequence[PersonalDataEvent]:
    """The table of contents: one line a command."""
    if personal.status is ErasureStatus.ERASED:
        raise PersonErasedAlready(erased_by=personal.decided_by)
    said = {"data_subject_id": asked.to, "reason": asked.command.reason}
    match asked.command:
        case RequestErasure():
            if personal.status is ErasureStatus.REQUESTED:
                raise ErasureWaits(requested_by=personal.requested_by)
            return [ErasureRequested(**said)]
        case RejectErasure():
            _must_be_of_another(personal, asked.by)
            return [ErasureRejected(**said)]
        case ErasePerson():
            _must_be_of_another(personal, asked.by)
            return [PersonErased(**said, requested_by=personal.requested_by)]
        case _:
            assert_never(asked.command)


def _must_be_of_another(personal: PersonalData, by: Actor) -> None:
    """The second pair of eyes.

    Raises:
        ErasureNotRequested: nobody asked, or it was turned down.
        SodErasure: the same head.
    """
    if personal.status is not ErasureStatus.REQUESTED:
        raise ErasureNotRequested(status=personal.status)
    if by.person == personal.requested_by:
        raise SodErasure(person=by.person)


personal_data: Final[Decider[PersonalDataCommand, PersonalData, PersonalDataEvent]] = Decider(
    stream=PERSONAL_DATA,
    decide=decide,
    collection="personal-data",
    label_zh="个人信息",
)
