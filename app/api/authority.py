"""Who may read what. A command's roles stand at its class; those of a reading stand here.

A reading names its readers by what it depends on, so that the check, the OpenAPI document and the
matrix in `openapi/authority.md` are one thing said once.
"""

from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.api.edge import Known, caller_of
from app.api.keys import Caller
from app.domain.access_key.events import ACCESS_KEY
from app.domain.errors import WrongRole
from app.domain.values import Role

EVERYBODY: Final = frozenset(Role) - {Role.SYSTEM}
"""Whoever has a key."""


class Readers:
    """Lets in whoever wears one of some hats."""

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)

    async def __call__(self, caller: Known) -> Caller:
        """The caller.

        Raises:
            WrongRole: the key has none of the roles.
        """
        self.hat_of(caller)
        return caller

    def hat_of(self, caller: Caller) -> Role:
        """The hat in which somebody may read.

        Raises:
            WrongRole: the key has none of the roles.
        """
        role = caller.role_for(self.roles)
        if role not in self.roles:
            raise WrongRole(role=str(role), allowed=sorted(map(str, self.roles)))
        return role


READERS: Final = Readers(*(EVERYBODY - {Role.ADMINISTRATOR}))
"""All departments work from the same ledgers (clause 5), auditors and systems as well. Who hands
out access has no part in the procedure, and no need to read it."""
INSPECTORS: Final = Readers(Role.AUDITOR, Role.QA_MANAGER)
"""Who takes the log out, or lets the rules run over all of it."""
STOPPERS: Final = Readers(*INSPECTORS.roles, Role.ADMINISTRATOR)
"""Who stops long work: his own, or in some of these hats anybody's."""
SEEKERS: Final = Readers(Role.AUDITOR, Role.QA_MANAGER, Role.GENERAL_MANAGER)
"""Who looks a person up, for an erasure."""
KEEPERS: Final = Readers(Role.ADMINISTRATOR, Role.AUDITOR)
"""Who sees which keys there are."""

By = Annotated[Caller, Depends(READERS)]
Inspector = Annotated[Caller, Depends(INSPECTORS)]
Stopper = Annotated[Caller, Depends(STOPPERS)]
Seeker = Annotated[Caller, Depends(SEEKERS)]
Keeper = Annotated[Caller, Depends(KEEPERS)]


def readers_of_records(stream: str) -> Readers:
    """Who reads the records of a kind, by the name of their streams."""
    return KEEPERS if stream == ACCESS_KEY.name else READERS


def readers_of(route: APIRoute) -> frozenset[Role] | None:
    """Whose keys open a query; None where it is open to anybody, without a key."""
    doors = list(_doors(route.dependant))
    named = [each.roles for each in doors if isinstance(each, Readers)]
    if named:
        return frozenset.intersection(*named)
    return EVERYBODY if caller_of in doors else None


def _doors(dependant: Dependant) -> Iterator[object]:
    for each in dependant.dependencies:
        yield each.call
        yield from _doors(each)
