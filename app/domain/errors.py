"""Why the domain says no.

DomainError
├── Missing     there is no such thing
├── Forbidden   not this person
├── Refused     not as things stand
└── Invalid     these values make no sense together

The kind says how a caller should react, the class says what happened. The first line of the
docstring is the sentence a person reads, the line after it that begins with 「 the same in
Chinese. `clause` and `rule` say on whose authority. Nothing in here knows of HTTP:
app/api/problems.py gives each kind its status.
"""

import inspect
import re
from typing import Any, ClassVar


class DomainError(Exception):
    """This cannot be done."""

    clause: ClassVar[str | None] = None
    """The clause of YTCXQP034 that refuses, where one does."""
    rule: ClassVar[str | None] = None
    """The rule id that refuses, where one does: `R-18`."""

    def __init__(self, *, field: str | None = None, **details: Any) -> None:  # noqa: ANN401 - shown to people, never read
        """Refuse.

        Args:
            field: where in the command the cause lies, as a dotted path (`lines.0.amount`).
            details: figures and names that tell the caller what to do next.
        """
        super().__init__(self.title())
        self.field = field
        self.details = details
        self.rule_pack_version: int | None = None
        """The figures that were in force; the log's turn knows them."""

    @classmethod
    def code(cls) -> str:
        """The stable name in the catalogue: `SumMismatch` is SUM_MISMATCH."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).upper()

    @classmethod
    def title(cls) -> str:
        """The one sentence a person reads."""
        return (inspect.getdoc(cls) or "").split("\n", 1)[0]

    @classmethod
    def title_zh(cls) -> str:
        """The same sentence in Chinese."""
        found = re.search(r"「(.+?)」", inspect.getdoc(cls) or "", re.DOTALL)
        return found.group(1) if found else ""


class Missing(DomainError):
    """There is no such thing."""


class Forbidden(DomainError):
    """This person may not do this."""


class Refused(DomainError):
    """This cannot be done as things stand."""


class Invalid(DomainError):
    """These values make no sense together."""


class NotFound(Missing):
    """There is nothing of this kind under this id.

    Look the id up in the ledger; ids are those that the service gave, not the numbers on paper.

    「没有这个编号的记录。」
    """


class WrongRole(Forbidden):
    """The clause gives this to another role.

    Ask with the key of a person who has one of the `allowed` roles.

    「该操作由其他角色负责。」
    """


class AlreadyExists(Refused):
    """It has been opened already.

    「该记录已经建立。」
    """


class InTheFuture(Invalid):
    """The day lies in the future.

    「日期不能晚于今天。」
    """


class ObjectionLapsed(Refused):
    """The time to object is over; the claim is taken as accepted.

    The general manager may consent to a late objection.

    「异议期限已过,视为接受;须经总经理同意。」
    """

    clause = "4.5"


class SourceIncomplete(Invalid):
    """source_system and external_ref are given together or not at all.

    「来源系统与外部单号必须同时填写。」
    """


class AlreadyReported(Refused):
    """The source system has reported this already, under the same number.

    「该来源单号已经登记。」
    """
