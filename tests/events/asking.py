"""Asking a writer directly, without HTTP: causes are defined, because that takes no history."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from app.domain.cause_catalogue.decisions import DefineCause
from app.domain.decider import SINGLE, Command
from app.domain.values import Actor, CauseClass, Role
from app.events.deciding import Answer
from app.events.store import Key
from app.events.turn import Submission
from app.events.writer import Writer

ENGINEER = Actor("u.qa1", Role.QA_ENGINEER)


def cause(code: str, en: str = "lip cut") -> DefineCause:
    """A command that succeeds once a code."""
    return DefineCause(code=code, zh="唇口划伤", en=en, cause_class=CauseClass.DESIGN)


@dataclass
class Client:
    """Someone with keys of their own."""

    writer: Writer
    name: str = "c1"
    seconds: float = 20
    _keys: Any = field(default_factory=count)

    async def asks(  # noqa: PLR0913 - one argument a header
        self,
        command: Command,
        *,
        of: str = "cause-catalogue",
        to: str | None = SINGLE,
        by: Actor = ENGINEER,
        key: str | None = None,
        expected: int | None = None,
        at: datetime | None = None,
    ) -> Answer:
        """Ask, and wait for the answer."""
        submission = Submission(
            decider=of, to=to, command=command, by=by, at=at, expected=expected, request_id="test"
        )
        named = Key(self.name, type(command).__name__, key or f"{self.name}-{next(self._keys)}")
        fingerprint = command.model_dump_json().encode()
        return await self.writer.ask(submission, named, fingerprint, self.seconds)
