"""Long work: how far it is, what came of it, and the way to stop it."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.authority import INSPECTORS, Inspector, Stopper
from app.api.edge import AtEdge, Edge
from app.api.problems import Problem
from app.api.queries import NOT_FOUND, PROBLEMS, NoParameters, listed
from app.domain.errors import NotFound
from app.domain.values import Role
from app.evidence.operations import Operation
from app.evidence.refusals import OperationNotYours
from app.evidence.what_if_answer import WhatIf

router: Final = APIRouter(prefix="/v1/operations", tags=["evidence"], responses=PROBLEMS)

RETRY_SECONDS: Final = "1"
OF_ANYBODY: Final = frozenset({Role.QA_MANAGER, Role.ADMINISTRATOR})
"""Who stops what another one asked for: auditors make nothing happen to others."""
NOT_YOURS: Final[dict[int | str, dict[str, Any]]] = {
    403: {
        "model": Problem,
        "description": f"{PROBLEMS[403]['description']}\n{listed(OperationNotYours)}",
    }
}

OperationId = Annotated[
    str, Path(pattern=r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$", description="操作编号")
]


class Progress(BaseModel):
    """How far long work is."""

    model_config = ConfigDict(extra="forbid")

    done: int
    total: int
    unit: Literal["EVENTS"] = "EVENTS"


class LongOperation(BaseModel):
    """Long work that was asked for (长时操作)."""

    model_config = ConfigDict(extra="forbid")

    id: str
    kind: str = Field(examples=["what-if"])
    asked_by: str
    status: Literal["RUNNING", "DONE", "FAILED", "CANCELLED"] = Field(description="状态.")
    progress: Progress
    started_at: datetime
    ended_at: datetime | None
    result: WhatIf | None = Field(description="Once it is done (结果).")
    problem: str | None = Field(
        description="Why it failed: STOPPED with its process, LOST without a sign for two "
        "minutes, else the name of our fault; ask again."
    )


def shown(operation: Operation) -> LongOperation:
    """An operation as it is answered."""
    result = None if operation.result is None else WhatIf.model_validate_json(operation.result)
    return LongOperation(
        id=operation.operation_id,
        kind=operation.kind,
        asked_by=operation.asked_by,
        status=operation.status,
        progress=Progress(done=operation.done, total=operation.total),
        started_at=operation.started_at,
        ended_at=operation.ended_at,
        result=result,
        problem=operation.problem,
    )


@router.get("/{operation_id}", responses=NOT_FOUND)
async def get_operation(
    operation_id: OperationId, edge: AtEdge, _: Inspector, response: Response, __: NoParameters
) -> LongOperation:
    """How far long work is, and its result once it is done; `Retry-After` while it runs."""
    found = await _one(edge, operation_id)
    if found.status == "RUNNING":
        response.headers["Retry-After"] = RETRY_SECONDS
    return shown(found)


@router.delete("/{operation_id}", responses=NOT_FOUND | NOT_YOURS)
async def cancel_operation(
    operation_id: OperationId, edge: AtEdge, by: Stopper, _: NoParameters
) -> LongOperation:
    """Stop long work that still runs; what is over stays as it is (取消).

    Whoever asked for it may, the quality manager, and an administrator, who is told no result.
    """
    found = await _one(edge, operation_id)
    if found.asked_by != by.person and OF_ANYBODY.isdisjoint(by.roles):
        raise OperationNotYours(asked_by=found.asked_by)
    await edge.operations.cancel(operation_id)
    told = shown(await _one(edge, operation_id))
    return told if INSPECTORS.roles & set(by.roles) else told.model_copy(update={"result": None})


async def _one(edge: Edge, operation_id: str) -> Operation:
    found = await edge.operations.one(operation_id)
    if found is None:
        raise NotFound(kind="operation", id=operation_id)
    return found
