"""What can be asked of a production lot, and what it answers."""

from collections.abc import Sequence
from typing import ClassVar, Final, TypeAlias, assert_never

from pydantic import Field

from app.domain.decider import Asked, Command, Decider, World
from app.domain.errors import AlreadyExists, InTheFuture, Invalid, NotFound
from app.domain.production_lot.events import (
    PRODUCTION_LOT,
    PhotoRefs,
    ProductionLot,
    ProductionLotEvent,
    ProductionLotRecorded,
    StorageChecks,
    StorageConditionRecorded,
)
from app.domain.values import Code, Day, Pieces, Role, SpecCode, shanghai_day

# --- why it may say no ----------------------------------------------------------------------


class WarehousedBeforeProduced(Invalid):
    """A lot is not in store before it is made.

    「入库日期不能早于生产日期。」
    """

    clause = "4.1.1"


# --- what can be asked ----------------------------------------------------------------------


class RecordProductionLot(Command):
    """Record a lot that the workshop moved into store (登记生产批次)."""

    clause: ClassVar[str] = "4.1.1"
    roles: ClassVar[frozenset[Role]] = frozenset(
        {Role.INTEGRATION, Role.WAREHOUSE, Role.PRODUCTION}
    )
    refusals = (AlreadyExists, InTheFuture, WarehousedBeforeProduced)

    spec_code: SpecCode
    produced_on: Day
    workshop: Code = Field(description="生产车间.")
    qty: Pieces
    warehoused_on: Day = Field(description="入库日期.")


class RecordStorageCondition(Command):
    """Record how a lot is stored, condition by condition (记录储存条件)."""

    clause: ClassVar[str] = "4.1.2"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.WAREHOUSE})
    refusals = (NotFound,)

    place: Code = Field(description="库位.")
    checks: StorageChecks
    photo_refs: PhotoRefs = ()


ProductionLotCommand: TypeAlias = RecordProductionLot | RecordStorageCondition

# --- what it answers ------------------------------------------------------------------------


def decide(
    asked: Asked[ProductionLotCommand], lot: ProductionLot, _: World
) -> Sequence[ProductionLotEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case RecordProductionLot() as command:
            return record(asked, command, lot)
        case RecordStorageCondition() as command:
            return record_storage(command, lot)
        case _:
            assert_never(asked.command)


def record(
    asked: Asked[ProductionLotCommand], command: RecordProductionLot, lot: ProductionLot
) -> list[ProductionLotEvent]:
    """Record a lot once.

    Raises:
        AlreadyExists: the lot is recorded.
        InTheFuture: made or stored later than today.
        WarehousedBeforeProduced: stored before it was made.
    """
    if lot.is_recorded:
        raise AlreadyExists(lot_no=lot.lot_no, spec_code=lot.spec_code)
    today = shanghai_day(asked.at)
    days = {"produced_on": command.produced_on, "warehoused_on": command.warehoused_on}
    for field, day in days.items():
        if day > today:
            raise InTheFuture(field=field, today=today.isoformat())
    if command.warehoused_on < command.produced_on:
        raise WarehousedBeforeProduced(
            field="warehoused_on", produced_on=command.produced_on.isoformat()
        )
    return [ProductionLotRecorded(lot_no=asked.to, **dict(command))]


def record_storage(command: RecordStorageCondition, lot: ProductionLot) -> list[ProductionLotEvent]:
    """Record what was seen; a condition that is not kept is a fact, not a refusal."""
    if not lot.is_recorded:
        raise NotFound
    seen = StorageConditionRecorded(
        lot_no=lot.lot_no,
        spec_code=lot.spec_code,
        passed=not command.checks.failed,
        **dict(command),
    )
    return [seen]


production_lot: Final[Decider[ProductionLotCommand, ProductionLot, ProductionLotEvent]] = Decider(
    stream=PRODUCTION_LOT,
    decide=decide,
    collection="production-lots",
    label_zh="生产批次",
    identity="code",
    code_name="lot_no",
)
