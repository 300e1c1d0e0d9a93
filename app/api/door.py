"""The door: who shows a key of ours or a token of the identity provider, and who is turned away.

Whoever is turned away learns only that; why stands in our log, with the id of the key at most.
"""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import structlog

from app.api.identity_provider import ProviderAway
from app.api.keys import Caller, Keyring, NotLetIn
from app.api.kinds import (
    IDENTITY_PROVIDER_AWAY,
    NO_ROLE,
    ROLES_CLASH,
    UNAUTHENTICATED,
)
from app.api.problems import (
    ProtocolError,
)
from app.api.tokens import NoRole, RolesClash, Tokens

REALM: Final = 'Bearer realm="sanbao"'
LINES_A_SECOND_MAX: Final = 10
KEY_MARK: Final = "sk_"

log: Final = structlog.get_logger(__name__)


@dataclass(slots=True)
class TurnedAway:
    """How many were turned away, by reason; the log tells of the first few in each second."""

    count: "Counter[str]" = field(default_factory=Counter)
    _second: int = 0
    _told: int = 0

    def note(self, why: str, key_id: str | None) -> None:
        """Count it, and tell unless too much was told in this second."""
        self.count[why] += 1
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._told = second, 0
        self._told += 1
        if self._told <= LINES_A_SECOND_MAX:
            log.warning("door.turned_away", why=why, key_id=key_id, so_far=self.count[why])


@dataclass(frozen=True, slots=True)
class Door:
    """Both ways in."""

    keyring: Keyring
    tokens: Tokens | None = None
    turned_away: TurnedAway = field(default_factory=TurnedAway)

    async def caller(self, authorization: str | None) -> Caller:
        """Whoever the `Authorization` header of a request proves to be.

        Raises:
            ProtocolError: nobody we know, nobody who has a role here, or it cannot be told.
        """
        if authorization is None:
            self.turned_away.note("nothing_shown", None)
            raise ProtocolError(UNAUTHENTICATED, headers={"WWW-Authenticate": REALM})
        try:
            return await self._known(authorization)
        except NotLetIn as error:
            self.turned_away.note(error.why, error.key_id)
            shown = {"WWW-Authenticate": f'{REALM}, error="invalid_token"'}
            raise ProtocolError(UNAUTHENTICATED, headers=shown) from None
        except NoRole:
            self.turned_away.note("no_role", None)
            raise ProtocolError(NO_ROLE) from None
        except RolesClash as clash:
            self.turned_away.note("roles_clash", None)
            raise ProtocolError(ROLES_CLASH, alone=str(clash.alone)) from None
        except ProviderAway:
            self.turned_away.note("provider_away", None)
            raise ProtocolError(IDENTITY_PROVIDER_AWAY, headers={"Retry-After": "5"}) from None

    async def _known(self, authorization: str) -> Caller:
        scheme, _, text = authorization.partition(" ")
        text = text.strip()
        if scheme.lower() != "bearer":
            raise NotLetIn("no_bearer")
        if text.startswith(KEY_MARK) or self.tokens is None:
            return await self.keyring.caller(text)
        return await self.tokens.caller(text)
