"""Long work: how far it is, what came of it, and the way to stop it."""

from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.edge import AtEdge, By
from app.api.keys import Caller
from app.api.queries import NOT_FOUND, PROBLEMS, WRONG_ROLE, NoParameters
from app.domain.errors import NotFound, WrongRole
from app.domain.values import Role
from app.evidence.operations import Operation
from app.evidence.what_if_answer import WhatIf

router: Final = APIRouter(prefix="/v1/operations", tags=["evidence"], responses=PROBLEMS)

ROLES: Final = frozenset({Role.AUDITOR, Role.QA_MANAGER})
RETRY_SECONDS: Final = "1"

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


def must_be_one_of(caller: Caller) -> Role:
    """Only auditors and QA managers ask for long work; the hat in which one does.

    Raises:
        WrongRole: the key has none of the roles.
    """
    role = caller.role_for(ROLES)
    if role not in ROLES:
        raise WrongRole(role=str(role), allowed=sorted(map(str, ROLES)))
    return role


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


@router.get("/{operation_id}", responses=NOT_FOUND | WRONG_ROLE)
async def get_operation(
    operation_id: OperationId, edge: AtEdge, by: By, response: Response, _: NoParameters
) -> LongOperation:
    """How far long work is, and its result once it is done; `Retry-After` while it runs."""
    must_be_one_of(by)
    found = await edge.operations.one(operation_id)
    if found is None:
        raise NotFound(kind="operation", id=operation_id)
    if found.status == "RUNNING":
        response.headers["Retry-After"] = RETRY_SECONDS
    return shown(found)


@router.delete("/{operation_id}", responses=NOT_FOUND | WRONG_ROLE)
async def cancel_operation(
    operation_id: OperationId, edge: AtEdge, by: By, _: NoParameters
) -> LongOperation:
    """Stop long work that still runs; what is over stays as it is (取消)."""
    must_be_one_of(by)
    await edge.operations.cancel(operation_id)
    found = await edge.operations.one(operation_id)
    if found is None:
        raise NotFound(kind="operation", id=operation_id)
    return shown(found)
