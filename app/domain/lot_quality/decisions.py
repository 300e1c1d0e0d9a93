"""What can be asked of the quality of a lot, why not, and what is answered."""

from collections.abc import Sequence
from typing import ClassVar, Final, TypeAlias, assert_never

from app.domain.decider import Asked, Command, Decider, World
from app.domain.errors import Refused
from app.domain.lot_quality.events import (
    LOT_QUALITY,
    BatchProblemDeclared,
    BatchProblemDetected,
    LotQuality,
    LotQualityEvent,
)
from app.domain.registers.lot_checks import lot_check
from app.domain.registers.risk_projects import lot_key, open_project
from app.domain.rules import Decision
from app.domain.values import Code, CustomerId, Id, Reason, Role, SpecCode

# --- why it may say no ----------------------------------------------------------------------


class BatchProblemDeclaredAlready(Refused):
    """The lot was declared before, and its risk-control project is open.

    「该批次已判定为批量质量问题,其风险管控项目尚未关闭。」
    """

    clause = "4.6.1"
    rule = "R-09"


# --- what can be asked ----------------------------------------------------------------------


class DetectBatchProblem(Command):
    """Say that too many pieces of a lot are faulty."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    spec_code: SpecCode
    case_id: Id
    case_no: Code
    customer_id: CustomerId
    decision: Decision


class DeclareBatchProblem(Command):
    """Declare a lot a batch problem, whatever the figures say (判定批量质量问题)."""

    clause: ClassVar[str] = "4.6.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    refusals = (BatchProblemDeclaredAlready,)

    spec_code: SpecCode
    reason: Reason


LotQualityCommand: TypeAlias = DetectBatchProblem | DeclareBatchProblem

# --- what it answers ------------------------------------------------------------------------


def decide(
    asked: Asked[LotQualityCommand], lot: LotQuality, world: World
) -> Sequence[LotQualityEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case DetectBatchProblem() as command:
            return detect(asked.to, command, lot, world)
        case DeclareBatchProblem() as command:
            return declare(asked.to, command, lot, world)
        case _:
            assert_never(asked.command)


def detect(
    lot_no: str, command: DetectBatchProblem, lot: LotQuality, world: World
) -> list[LotQualityEvent]:
    """Say it once a lot."""
    if lot.detected is not None:
        return []
    found = lot_check(world, lot_no)
    detected = BatchProblemDetected(
        lot_no=lot_no,
        checked=found.checked,
        nok=found.nok,
        rate_permille=command.decision.observed,
        **dict(command),
    )
    return [detected]


def declare(
    lot_no: str, command: DeclareBatchProblem, lot: LotQuality, world: World
) -> list[LotQualityEvent]:
    """Declare it; a lot whose project was closed may be declared anew."""
    project = open_project(world, [lot_key(lot_no)])
    if lot.declarations and project is not None:
        raise BatchProblemDeclaredAlready(
            lot_no=lot_no, project_id=project.project_id, project_no=project.project_no
        )
    found = lot_check(world, lot_no)
    declared = BatchProblemDeclared(
        lot_no=lot_no, checked=found.checked, nok=found.nok, **dict(command)
    )
    return [declared]


lot_quality: Final[Decider[LotQualityCommand, LotQuality, LotQualityEvent]] = Decider(
    stream=LOT_QUALITY,
    decide=decide,
    collection="lot-qualities",
    label_zh="批次质量",
    identity="code",
    code_name="lot_no",
)
