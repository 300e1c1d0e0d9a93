"""Who asks, in which hat, under which key and upon which revision.

Looked at alike for a command that comes alone and for one in a batch.
"""

import re
from dataclasses import replace
from hashlib import sha256
from typing import Final

from starlette.requests import Request

from app.api.edge import Edge, edge_of, principal_of
from app.api.keys import Caller
from app.api.kinds import BUSY, IF_MATCH_MISSING, KEY_MISSING, MALFORMED, UNAVAILABLE
from app.api.problems import Fault, ProtocolError
from app.domain.access_key.events import ACCESS_KEY
from app.domain.decider import Command
from app.domain.delegation.decisions import LENDERS
from app.domain.errors import WrongRole
from app.domain.values import Actor
from app.events.store import Key
from app.events.turn import StaleRevision, Submission
from app.events.writer import LogUnavailable, WriterBusy

_KEY: Final = re.compile(r'"([!#-\[\]-~ ]{1,255})"|([!-~]{1,255})')
_REVISION: Final = re.compile(r'"(0|[1-9]\d{0,8})"')


def asker(request: Request, caller: Caller, command: type[Command]) -> Actor:
    """Who asks; in another's name, the turn finds the role that was lent (no auditor, no machine).

    Raises:
        WrongRole: the key has no role for it.
    """
    principal = principal_of(request)
    may = command.roles if principal is None else LENDERS
    role = caller.role_for(may)
    if role not in may:
        raise WrongRole(role=str(role), allowed=sorted(map(str, may)))
    return Actor(caller.person, role, principal, caller.key_id)


def in_hat(by: Actor, caller: Caller, command: Command) -> Actor:
    """In the hat that this very command had better be asked with, if the key has it."""
    hats = command.hats()
    return replace(by, role=next((role for role in caller.roles if role in hats), by.role))


def fingerprint(to: str | None, by: Actor, told: str) -> bytes:
    """What a key may be repeated with: the same address, body and principal."""
    parts = [to or "", told]
    if by.on_behalf_of is not None:
        parts.append(by.on_behalf_of)
    return sha256("\n".join(parts).encode()).digest()


def key_of(caller: Caller, command: type[Command], text: str) -> Key:
    """The key under which a command can be sent again.

    Raises:
        ProtocolError: it is none.
    """
    written = _KEY.fullmatch(text.strip())
    if written is None:
        fault = Fault(
            pointer="header:Idempotency-Key",
            code="not_a_key",
            detail="1 to 255 visible ASCII characters, bare or in double quotes",
        )
        raise ProtocolError(KEY_MISSING, faults=[fault])
    return Key(caller.account, command.__name__, written[1] or written[2])


def expected_in(text: str | None, *, needed: bool) -> int | None:
    """The revision that a caller decided upon; None when any will do.

    Raises:
        ProtocolError: it is none, or none was sent where it must be.
    """
    if text is None:
        if needed:
            raise ProtocolError(IF_MATCH_MISSING)
        return None
    if text.strip() == "*":
        return None
    written = _REVISION.fullmatch(text.strip())
    if written is None:
        fault = Fault(
            pointer="header:If-Match", code="not_a_revision", detail='An ETag such as "3", or *'
        )
        raise ProtocolError(MALFORMED, faults=[fault])
    return int(written[1])


def not_written(error: WriterBusy | LogUnavailable) -> ProtocolError:
    """The writer takes nothing now, or did not answer in time."""
    if isinstance(error, WriterBusy):
        return ProtocolError(BUSY, headers={"Retry-After": "1"})
    return ProtocolError(UNAVAILABLE, headers={"Retry-After": "2"})


def forget_key(edge: Edge, submission: Submission) -> None:
    """Something was asked of an access key: what is known of it here may be no longer so."""
    if submission.decider == ACCESS_KEY.name and submission.to is not None:
        edge.keyring.forget(submission.to)


async def tell_since(request: Request, submission: Submission, stale: StaleRevision) -> None:
    """Tell what happened to a record after the revision that the caller decided upon."""
    stream = f"{submission.decider}-{submission.to}"
    async with edge_of(request).reader.log() as log:
        events = (await log.streams([stream]))[stream]
    since = [each.type for each in events if each.version > (submission.expected or 0)]
    stale.details["events_since"] = since
