"""What stands of the read tables, from how much of the log, and the proof that it is the log's."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.authority import By
from app.api.edge import AtEdge
from app.api.kinds import (
    MALFORMED,
)
from app.api.problems import (
    Fault,
    ProtocolError,
)
from app.api.queries import NOT_FOUND, PROBLEMS, AsOf, ReadSince, Since, known_at, reached
from app.domain.errors import NotFound
from app.evidence.checksums import checksum
from app.evidence.shadows import is_ledger
from app.evidence.standing import Standing, standing

router: Final = APIRouter(prefix="/v1/projections", tags=["evidence"], responses=PROBLEMS)


class Projection(BaseModel):
    """A read table: people read a ledger, decisions look things up in a register (读模型)."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(examples=["claims_ledger"])
    kind: Literal["LEDGER", "REGISTER"]
    title: str | None
    title_zh: str | None
    version: int = Field(description="Raised when its fold changes; it is then built anew.")
    built_at: int = Field(description="The position of the log at which it was switched to.")
    rows: int = Field(description="That stand now (当前行数).")
    rebuilding_at: int | None = Field(
        description="Where a rebuild of it is, when one is under way (重建进度)."
    )


class Projections(BaseModel):
    """Every read table, as it stands at one position."""

    model_config = ConfigDict(extra="forbid")

    position: int
    data: list[Projection]


class TableChecksum(BaseModel):
    """What a read table held at a position: whoever folds the log gets the same (校验和)."""

    model_config = ConfigDict(extra="forbid")

    name: str
    version: int
    position: int
    rows: int = Field(description="That stood at the position.")
    versions: int = Field(description="Of all rows up to the position, those that stood included.")
    sha256: str = Field(
        description="SHA-256 over one line a version, `[key, from, until, row]` as RFC 8785 JSON "
        "and a line feed, by key and position; of a register `[key, value]`.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )


class AtPosition(Since):
    """At which position."""

    as_of: AsOf = None


@router.get("")
async def list_projections(edge: AtEdge, _: By, asked: ReadSince) -> Projections:
    """Every read table: its version, from how much of the log, how many rows (读模型清单)."""
    await reached(edge, asked.min_position)
    tables = edge.workings.tables.values()
    async with edge.reader.snapshot() as snapshot:
        found = await standing(snapshot.connection, tables)
    return Projections(position=snapshot.position, data=[_shown(each) for each in found])


def _shown(found: Standing) -> Projection:
    return Projection(
        name=found.table.name,
        kind="LEDGER" if is_ledger(found.table) else "REGISTER",
        title=getattr(found.table, "title", None),
        title_zh=getattr(found.table, "title_zh", None),
        version=found.version,
        built_at=found.built_at,
        rows=found.rows,
        rebuilding_at=found.rebuilding_at,
    )


@router.get("/{name}/checksum", responses=NOT_FOUND)
async def get_projection_checksum(
    name: Annotated[str, Path(pattern=r"^[a-z_]{1,60}$")],
    edge: AtEdge,
    _: By,
    asked: Annotated[AtPosition, Query()],
) -> TableChecksum:
    """The checksum of a read table at a position; of a ledger also at an earlier one (校验和).

    It reads the whole table: seconds for a hundred thousand rows. `sanbao rebuild --check` folds
    the log anew and names the first row that differs.
    """
    await reached(edge, asked.min_position)
    table = edge.workings.tables.get(name)
    if table is None:
        raise NotFound(kind="projection", id=name)
    if asked.as_of is not None and not is_ledger(table):
        fault = Fault(
            pointer="query:as_of",
            code="no_history",
            detail="A register keeps no versions: leave it out to have it as it stands",
        )
        raise ProtocolError(MALFORMED, faults=[fault])
    async with edge.reader.snapshot(await known_at(edge, asked.as_of)) as snapshot:
        found = await checksum(snapshot.connection, table, snapshot.position)
    return TableChecksum(
        name=name,
        version=table.version,
        position=snapshot.position,
        rows=found.rows,
        versions=found.versions,
        sha256=found.sha256,
    )
