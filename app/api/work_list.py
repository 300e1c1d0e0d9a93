"""The work list of a role: what is late, what is due, what to decide, what blocks a close."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.auditing import count_read
from app.api.authority import By
from app.api.edge import AtEdge
from app.api.queries import PROBLEMS, AsOf, Limit, Since, known_at, reached
from app.domain.values import Role
from app.events.reading import Snapshot
from app.projections.deadlines import DEADLINES_LEDGER, DeadlineRow
from app.projections.ledger import AnyLedger
from app.projections.pages import Ask, read_page
from app.projections.work_list import WORK_ITEMS_LEDGER, WorkItemRow

router: Final = APIRouter(prefix="/v1", tags=["ledgers"], responses=PROBLEMS)


class OfRole(Since):
    """Whose work, and how much of each list."""

    role: Role
    limit: Limit = 50
    as_of: AsOf = None


class WorkList(BaseModel):
    """What a role has to do (待办); each list has at most `limit` rows."""

    model_config = ConfigDict(extra="forbid")

    role: Role
    position: int
    late: list[DeadlineRow] = Field(title="超期", description="Missed and still to be done.")
    due: list[DeadlineRow] = Field(title="到期", description="Running, the soonest first.")
    to_decide: list[WorkItemRow] = Field(title="待审批", description="The oldest first.")
    blocked: list[WorkItemRow] = Field(
        title="关闭受阻", description="Records that cannot be closed, and what is missing."
    )


@router.get("/work-list")
async def get_work_list(
    request: Request, edge: AtEdge, caller: By, asked: Annotated[OfRole, Query()]
) -> WorkList:
    """What is due, late, to decide, or blocked, for one role, now or at a moment (待办清单)."""
    await reached(edge, asked.min_position)
    as_of = await known_at(edge, asked.as_of)
    async with edge.reader.snapshot(as_of) as snapshot:
        found = WorkList(
            role=asked.role,
            position=snapshot.position,
            late=await _rows(snapshot, DEADLINES_LEDGER, asked, "due_at", status="MISSED"),
            due=await _rows(snapshot, DEADLINES_LEDGER, asked, "due_at", status="OPEN"),
            to_decide=await _rows(snapshot, WORK_ITEMS_LEDGER, asked, "since", blocked="false"),
            blocked=await _rows(snapshot, WORK_ITEMS_LEDGER, asked, "since", blocked="true"),
        )
    rows = (*found.late, *found.due, *found.to_decide, *found.blocked)
    await count_read(request, caller, len(rows))
    return found


async def _rows(
    snapshot: Snapshot, ledger: AnyLedger, asked: OfRole, sort: str, **filters: str
) -> list[Any]:
    given = [(ledger.filters[name], value) for name, value in filters.items()]
    ask = Ask(
        filters=[(ledger.filters["role"], str(asked.role)), *given],
        sort=sort,
        descending=False,
        after=None,
        limit=asked.limit,
        as_of=None if snapshot.position == snapshot.head else snapshot.position,
    )
    _, rows = await read_page(snapshot.fetch, ledger, ask)
    return [ledger.decode(row["body"]) for row in rows]
