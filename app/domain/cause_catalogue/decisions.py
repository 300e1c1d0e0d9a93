"""What can be asked of the cause catalogue, why it may say no, and what it answers."""

from typing import ClassVar, TypeAlias, assert_never

from app.domain.cause_catalogue.events import (
    CAUSE_CATALOGUE,
    Cause,
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


class CauseClassesDiffer(Refused):
    """Only causes of one class mean the same: the class says who bears them, and if they count.

    Correct the cause of the cases instead, one by one.

    「不同类别的原因不能合并。」
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
    refusals = (CauseNotActive, CauseMergedIntoItself, CauseClassesDiffer)

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
    """Merge one active code into another of its class."""
    if command.code == command.into:
        raise CauseMergedIntoItself(field="into")
    merged = _active(catalogue, command.code, field="code")
    into = _active(catalogue, command.into, field="into")
    if merged.cause_class is not into.cause_class:
        raise CauseClassesDiffer(
            field="into", cause_class=merged.cause_class, into_class=into.cause_class
        )
    return [CauseMerged(**dict(command))]


def retire(command: RetireCause, catalogue: CauseCatalogue) -> list[CauseCatalogueEvent]:
    """Retire an active code."""
    _active(catalogue, command.code, field="code")
    return [CauseRetired(**dict(command))]


def _active(catalogue: CauseCatalogue, code: str, *, field: str) -> Cause:
    cause = catalogue.active(code)
    if cause is None:
        raise CauseNotActive(field=field, cause_code=code)
    return cause


cause_catalogue: Decider[CauseCatalogueCommand, CauseCatalogue, CauseCatalogueEvent] = Decider(
    stream=CAUSE_CATALOGUE,
    decide=decide,
    collection="cause-catalogue",
    label_zh="故障原因目录",
    identity="single",
)
