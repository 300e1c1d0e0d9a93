"""New access keys: made at the door, given to somebody by the log, told once.

A key is a hash that opens nothing until the event that names it is recorded; its text is in the
answer to the command and nowhere else. Whoever lost that answer has the command's outcome (the
same idempotency key tells it) but no key: he rotates it, or has another one issued.
"""

from dataclasses import dataclass

from app.api.edge import Edge
from app.domain.access_key.decisions import IssueAccessKey, RevokeAccessKey, RotateAccessKey
from app.domain.access_key.events import ACCESS_KEY
from app.domain.decider import Command
from app.domain.errors import NotFound

MAKERS: frozenset[type[Command]] = frozenset({IssueAccessKey, RotateAccessKey})
"""Commands that lead to a new key."""


@dataclass(frozen=True, slots=True)
class WithKey:
    """A command about keys, with the one that was made for it."""

    command: Command
    to: str | None
    text: str | None = None
    """Of the new key."""


async def with_key(edge: Edge, to: str | None, command: Command) -> WithKey:
    """Make the key that a command asks for; any other command stays as it is.

    Raises:
        NotFound: there is no such key, nor was there one at the first start.
    """
    match command:
        case IssueAccessKey():
            new = await edge.keyring.make()
            return WithKey(command, new.key_id, new.text)
        case RotateAccessKey() | RevokeAccessKey():
            if to is None or not await edge.keyring.knows(to):
                raise NotFound(kind=ACCESS_KEY.name)
            if isinstance(command, RevokeAccessKey):
                return WithKey(command, to)
            new = await edge.keyring.make()
            return WithKey(command.model_copy(update={"successor": new.key_id}), to, new.text)
        case _:
            return WithKey(command, to)
