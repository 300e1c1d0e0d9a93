"""What if a figure of the rule pack had been another (规则推演)."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.auditing import record_access
from app.api.authority import INSPECTORS, Inspector
from app.api.bodies import PlainBodyRoute
from app.api.edge import AtEdge
from app.api.kinds import (
    MALFORMED,
    TOO_MANY,
)
from app.api.operations import RETRY_SECONDS, LongOperation, shown
from app.api.problems import (
    Fault,
    Problem,
    ProtocolError,
)
from app.api.queries import BODY_PROBLEMS, PROBLEMS, NoParameters, listed
from app.domain.audit_access.events import AccessKind
from app.domain.rule_pack.first import FIRST_FIGURES
from app.events.ids import random_id
from app.evidence.operations import TooManyOperations
from app.evidence.what_if import NoSuchFigure, with_changes

router: Final = APIRouter(
    prefix="/v1/what-if",
    tags=["evidence"],
    responses=PROBLEMS | BODY_PROBLEMS,
    route_class=PlainBodyRoute,
)

TOO_MANY_RESPONSE: Final[dict[int | str, dict[str, Any]]] = {
    429: {
        "model": Problem,
        "description": f"{PROBLEMS[429]['description']}\n{listed(TOO_MANY)}",
    }
}


class WhatIfAsked(BaseModel):
    """Figures that are changed in every rule pack that was in force; nothing is written."""

    model_config = ConfigDict(extra="forbid")

    changes: dict[str, Any] = Field(
        min_length=1,
        max_length=50,
        description="Figures by name, as `openapi/figures.md` lists them; a time limit by its "
        "name below `time_limits`. 要改变的规则数值。",
        examples=[
            {"single_claim_fen_max": 30000, "spec_claims_min": 2},
            {"time_limits": {"claim_check": {"amount": 1, "unit": "WORKING_DAYS"}}},
        ],
    )


@router.post("", status_code=202, responses=TOO_MANY_RESPONSE)
async def ask_what_if(
    request: Request,
    asked: WhatIfAsked,
    edge: AtEdge,
    by: Inspector,
    response: Response,
    _: NoParameters,
) -> LongOperation:
    """Which reactions would appear and vanish under other figures (规则推演).

    Runs the rules over the whole recorded history, in a process of its own: follow `Location`.
    Auditors and QA managers may ask; that they did is written down.
    """
    try:
        with_changes(FIRST_FIGURES, asked.changes)
    except NoSuchFigure as error:
        faults = [
            Fault(pointer=f"/changes/{path.replace('.', '/')}", code=code, detail=words)
            for path, code, words in error.faults
        ]
        raise ProtocolError(MALFORMED, faults=faults) from None
    new_id = random_id(edge.now())
    if edge.mode != "replay":  # nothing can be written into a past
        await record_access(request, by, AccessKind.WHAT_IF, role=INSPECTORS.hat_of(by))
    try:
        begun = await edge.operations.begin(new_id, "what-if", by.person, asked.changes)
    except TooManyOperations:
        raise ProtocolError(TOO_MANY, headers={"Retry-After": "10"}) from None
    response.headers["Location"] = f"/v1/operations/{begun.operation_id}"
    response.headers["Retry-After"] = RETRY_SECONDS
    return shown(begun)
