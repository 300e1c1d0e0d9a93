"""What can be asked of the cause catalogue, why it may say no, and what it answers."""

from typing import ClassVar, TypeAlias, assert_never

from app.domain.cause_catalogue.events import (
    CAUSE_CATALOGUE,
    CauseCatalogue,
    CauseCatalogueEvent,
    CauseDefined,
    CauseMerged,
    CauseRetired,
)
from app.domain.decider import Asked, Command, Decider, World
from app.domain.errors import Invalid, Refused
from app.domain.values import CauseClass, Code, Reason, Role, Text

# --- why it may say no ----------------------------------------------------------------------


class CauseAlreadyDefined(Refused):
    """The catalogue has a cause of this code already.

    「目录中已有该原因代码。」
    """


class CauseNotActive(Refused):
    """The catalogue has no active cause of this code.

    「目录中没有该有效原因代码。」
    """


class CauseMergedIntoItself(Invalid):
    """A cause cannot be merged into itself.

    「原因不能并入自身。」
    """


# --- what can be asked ----------------------------------------------------------------------


class DefineCause(Command):
    """Give a failure cause a code, a name in two languages and a class (定义故障原因)."""

    clause: ClassVar[str] = "3.7"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER, Role.QA_MANAGER})
    refusals = (CauseAlreadyDefined,)

    code: Code
    zh: Text
    en: Text
    cause_class: CauseClass


class MergeCause(Command):
    """Count one code as another, because both mean the same cause (合并原因)."""

    clause: ClassVar[str] = "3.7"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    refusals = (CauseNotActive, CauseMergedIntoItself)

    code: Code
    into: Code
    reason: Reason


class RetireCause(Command):
    """Stop using a cause for new decisions (停用原因)."""

    clause: ClassVar[str] = "3.7"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    refusals = (CauseNotActive,)

    code: Code
    reason: Reason


CauseCatalogueCommand: TypeAlias = DefineCause | MergeCause | RetireCause

# --- what it answers ------------------------------------------------------------------------


def decide(
    asked: Asked[CauseCatalogueCommand], catalogue: CauseCatalogue, _: World
) -> list[CauseCatalogueEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case DefineCause() as command:
            return define(command, catalogue)
        case MergeCause() as command:
            return merge(command, catalogue)
        case RetireCause() as command:
            return retire(command, catalogue)
        case _:
            assert_never(asked.command)


def define(command: DefineCause, catalogue: CauseCatalogue) -> list[CauseCatalogueEvent]:
    """Add a code; codes are for ever."""
    if command.code in catalogue.causes:
        raise CauseAlreadyDefined(field="code", cause_code=command.code)
    return [CauseDefined(**dict(command))]


def merge(command: MergeCause, catalogue: CauseCatalogue) -> list[CauseCatalogueEvent]:
    """Merge one active code into another."""
    if command.code == command.into:
        raise CauseMergedIntoItself(field="into")
    _must_be_active(catalogue, command.code, field="code")
    _must_be_active(catalogue, command.into, field="into")
    return [CauseMerged(**dict(command))]


def retire(command: RetireCause, catalogue: CauseCatalogue) -> list[CauseCatalogueEvent]:
    """Retire an active code."""
    _must_be_active(catalogue, command.code, field="code")
    return [CauseRetired(**dict(command))]


def _must_be_active(catalogue: CauseCatalogue, code: str, *, field: str) -> None:
    if catalogue.active(code) is None:
        raise CauseNotActive(field=field, cause_code=code)


cause_catalogue: Decider[CauseCatalogueCommand, CauseCatalogue, CauseCatalogueEvent] = Decider(
    stream=CAUSE_CATALOGUE,
    decide=decide,
    collection="cause-catalogue",
    label_zh="故障原因目录",
    identity="single",
)
