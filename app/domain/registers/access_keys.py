"""Which keys a person has, with which roles, and until when."""

from datetime import datetime
from typing import Final, TypeAlias, assert_never

from pydantic import BaseModel, ConfigDict

from app.domain.access_key.events import AccessKeyIssued, AccessKeyRevoked, AccessKeyRotated
from app.domain.decider import Happened, Register
from app.domain.values import Role

Keying: TypeAlias = AccessKeyIssued | AccessKeyRotated | AccessKeyRevoked


class HeldKey(BaseModel):
    """A key that was not revoked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key_id: str
    roles: tuple[Role, ...]
    until: datetime | None

    def opens(self, at: datetime) -> bool:
        """Whether it has not ended by itself."""
        return self.until is None or at < self.until


def _keys(happened: Happened[Keying]) -> list[str]:
    """Nobody is named by the revocation of a key of the first start."""
    person = happened.event.person
    return [] if person is None else [person]


def _fold(known: list[HeldKey] | None, happened: Happened[Keying], _: str) -> list[HeldKey] | None:
    """What has ended is dropped when the next thing happens, so that the list stays short."""
    event = happened.event
    live = [each for each in known or [] if each.opens(happened.at)]
    others = [each for each in live if each.key_id != event.key_id]
    match event:
        case AccessKeyRevoked():
            return others or None
        case AccessKeyIssued():
            held = HeldKey(key_id=event.key_id, roles=event.roles, until=event.expires_at)
            return [*others, held]
        case AccessKeyRotated():
            return [
                each.model_copy(update={"until": event.until})
                if each.key_id == event.key_id
                else each
                for each in live
            ]
        case unknown:
            assert_never(unknown)


KEYS_OF_PERSON: Final[Register[list[HeldKey]]] = Register(
    name="keys_of_person",
    value_type=list[HeldKey],
    event_types=(AccessKeyIssued, AccessKeyRotated, AccessKeyRevoked),
    keys=_keys,
    fold=_fold,
)
"""By person, oldest first; keys of the first start stand in no event and so not here."""
