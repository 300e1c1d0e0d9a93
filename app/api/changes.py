"""What is different between two moments: `GET /v1/changes`."""

from typing import Annotated, Any, Final, Literal, TypeAlias

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.auditing import count_read
from app.api.authority import By
from app.api.edge import AtEdge
from app.api.kinds import (
    MALFORMED,
)
from app.api.problems import (
    Fault,
    ProtocolError,
)
from app.api.queries import PROBLEMS, AsOf, Cursor, Limit, known_at, opened, sealed
from app.domain.values import Role
from app.events.recorded import written_at
from app.evidence.changes import Difference, RowChange, changed_rows, made_by
from app.projections.catalogue import LEDGERS

router: Final = APIRouter(prefix="/v1/changes", tags=["evidence"], responses=PROBLEMS)

BY_ADDRESS: Final = {each.address: each for each in LEDGERS}
LedgerAddress: TypeAlias = Literal[tuple(BY_ADDRESS)]  # type: ignore[valid-type]


class ChangesQuery(BaseModel):
    """Which ledger, and between which moments."""

    model_config = ConfigDict(extra="forbid")

    ledger: LedgerAddress = Field(description="The ledger by its address.", examples=["claims"])
    since: AsOf = Field(default=..., description="The earlier moment: a position or an instant.")
    until: AsOf = Field(default=None, description="The later moment; now, when left out.")
    row_id: str | None = Field(default=None, max_length=120, description="This row alone.")
    limit: Limit = 50
    cursor: Cursor = None


class MadeBy(BaseModel):
    """An event between the two moments that made a difference (事件)."""

    model_config = ConfigDict(extra="forbid")

    event_id: str
    position: int
    type: str
    person: str = Field(title="经办人")
    role: Role = Field(title="角色")
    recorded_at: str
    reason: str | None = Field(title="原因")


class FieldChange(BaseModel):
    """One column with another value (字段差异)."""

    model_config = ConfigDict(extra="forbid")

    field: str = Field(title="字段")
    label_zh: str | None = Field(title="中文名")
    before: Any = Field(title="之前")
    after: Any = Field(title="之后")


class ChangedRow(BaseModel):
    """One row that is not what it was (行差异)."""

    model_config = ConfigDict(extra="forbid")

    row_id: str
    difference: Difference = Field(title="差异", examples=["CHANGED"])
    fields: list[FieldChange] = Field(description="Of a row that changed.")
    row: dict[str, Any] | None = Field(description="The row at the later moment.")
    made_by: list[MadeBy] = Field(title="由何事件造成", description="In the order of the log.")


class Changes(BaseModel):
    """The difference of a ledger between two moments (两时点差异)."""

    model_config = ConfigDict(extra="forbid")

    ledger: str
    since: int = Field(description="Position of the earlier moment.")
    until: int = Field(description="Position of the later moment.")
    data: list[ChangedRow]
    next_cursor: str | None = None
    has_more: bool


@router.get("")
async def list_changes(
    request: Request, query: Annotated[ChangesQuery, Query()], edge: AtEdge, caller: By
) -> Changes:
    """Compare a ledger at two moments: rows that appeared, changed or vanished, and why."""
    ledger = BY_ADDRESS[query.ledger]
    since = await known_at(edge, query.since, "since")
    until = await known_at(edge, query.until, "until")
    after_row = opened(query.cursor, (str,))[0] if query.cursor else None
    async with edge.reader.snapshot(until) as snapshot:
        earlier = snapshot.position if since is None else since
        if earlier > snapshot.position:
            fault = Fault(
                pointer="query:since", code="later_than_until", detail="`since` comes first"
            )
            raise ProtocolError(MALFORMED, faults=[fault])
        rows, more = await changed_rows(
            snapshot,
            ledger,
            since=earlier,
            after_row=after_row,
            row_id=query.row_id,
            limit=query.limit,
        )
        events = await made_by(snapshot, [each for row in rows for each in row.event_ids])
        labels = {name: field.title for name, field in ledger.row_type.model_fields.items()}
        changes = Changes(
            ledger=query.ledger,
            since=earlier,
            until=snapshot.position,
            data=[_shown(each, events, labels) for each in rows],
            next_cursor=None if more is None else sealed([more]),
            has_more=more is not None,
        )
    await count_read(request, caller, len(changes.data))
    return changes


def _shown(change: RowChange, events: Any, labels: dict[str, str | None]) -> ChangedRow:  # noqa: ANN401 - rows of the log
    before, after = change.before or {}, change.after or {}
    return ChangedRow(
        row_id=change.row_id,
        difference=change.difference,
        fields=[
            FieldChange(
                field=name,
                label_zh=labels.get(name),
                before=before.get(name),
                after=after.get(name),
            )
            for name in change.fields
        ],
        row=change.after,
        made_by=[
            MadeBy(
                event_id=each,
                position=events[each]["position"],
                type=events[each]["type"],
                person=events[each]["person"],
                role=events[each]["role"],
                recorded_at=written_at(events[each]["recorded_at"]),
                reason=events[each]["reason"],
            )
            for each in change.event_ids
        ],
    )
