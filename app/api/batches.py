"""Many commands in one request (批量命令): each is asked, refused and repeated as if it came alone.

The form of a batch is checked before anything of it happens; what a single command is refused for
is the answer of that item. With `atomic` all of them happen in one turn at the log, or none.
"""

import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool
from pydantic_core import PydanticCustomError

from app.api.authority import Readers
from app.api.batch_items import ALONE, ROUTES, BatchDoor, Refusal, asked, problems_of
from app.api.bodies import PlainBodyRoute
from app.api.edge import AtEdge
from app.api.keys import Caller
from app.api.kinds import (
    MALFORMED,
    NOT_ALONE,
    REPLAYED,
    UNAVAILABLE,
)
from app.api.parameters import ON_BEHALF_OF, SANDBOX_TIME
from app.api.problems import Fault, Problem, ProtocolError
from app.api.queries import BODY_PROBLEMS, PROBLEMS, NoParameters, listed
from app.api.turnstile import ITEMS_A_UNIT
from app.domain.decider import JsonObject
from app.events.bulk import TOGETHER_MAX, Told
from app.events.deciding import Replayed
from app.events.turn import Accepted

ITEMS_MAX: Final = 500

router: Final = APIRouter(
    prefix="/v1/batches", tags=["batches"], responses=PROBLEMS | BODY_PROBLEMS,
    route_class=PlainBodyRoute,
)  # fmt: skip


def _known(name: str) -> str:
    if name in ROUTES:
        return name
    if name in ALONE:
        raise PydanticCustomError("only_alone", "It carries a file or a key: send it alone")
    raise PydanticCustomError("not_a_command", "No command has this name")


CommandName = Annotated[
    str,
    AfterValidator(_known),
    Field(
        title="CommandName",
        description="The command, as its body is called. 命令名称。",
        json_schema_extra={"enum": sorted(ROUTES)},
        examples=["RegisterFeedback"],
    ),
]  # fmt: skip


Revision = Annotated[
    str, Field(max_length=11, pattern=r'^("(0|[1-9][0-9]{0,8})"|0|[1-9][0-9]{0,8}|\*)$')
]


class BatchItem(BaseModel):
    """One command: what its own address, headers and body would say."""

    model_config = ConfigDict(extra="forbid")

    command: CommandName
    id: Annotated[str, Field(max_length=400)] | None = Field(
        default=None,
        description="Of the record that it is for; left out where it opens one, or where there is "
        "but one. 记录编号。",
    )
    if_match: Revision | None = Field(
        default=None,
        description="The revision that you decided upon; `*` takes any. 依据的版本。",
        examples=["3"],
    )
    idempotency_key: str = Field(
        min_length=1,
        max_length=255,
        pattern="^[!-~]+$",
        description="As `Idempotency-Key`: the same key tells the same command, alone or in a "
        "batch. 幂等键。",
    )
    at: Annotated[str, Field(max_length=40)] | None = Field(
        default=None, description="As `Sanbao-Time`, in a sandbox. 沙盒时间。"
    )
    body: dict[str, Any] = Field(max_length=200, description="The command itself. 命令内容。")


class Batch(BaseModel):
    """Commands, in the order in which they are decided."""

    model_config = ConfigDict(extra="forbid")

    items: list[BatchItem] = Field(min_length=1, max_length=ITEMS_MAX)
    atomic: StrictBool = Field(
        default=False,
        description=f"All of them happen, or none; at most {TOGETHER_MAX}. 全部执行或全部不执行。",
    )


class BatchResult(BaseModel):
    """What became of one command."""

    model_config = ConfigDict(extra="forbid")

    index: int = Field(description="Its place in `items`, from 0.")
    status: int = Field(description="What it would have been answered with alone.")
    id: str | None = Field(description="Of the record.")
    revision: int | None = Field(description="Of the record, after it.")
    first_position: int | None = Field(description="Of its first event in the log.")
    position: int | None = Field(description="Of its last event in the log.")
    replayed: bool = Field(description="Whether it had happened before, under the same key.")
    problem: Problem | None = Field(description="Why it did not happen.")


class BatchAnswer(BaseModel):
    """What became of each command, in order (批量结果)."""

    model_config = ConfigDict(extra="forbid")

    accepted: int = Field(description="How many happened, now or before.")
    refused: int
    results: list[BatchResult]


ASKERS: Final = Readers(*(role for each in ROUTES.values() for role in each.command.roles))
"""Whoever may ask for any of them; each item has its own roles."""
Asker = Annotated[Caller, Depends(ASKERS)]


@router.post(
    "",
    status_code=207,
    response_model=BatchAnswer,
    response_description="A result for each item, whether it happened or not. What its problem may "
    f"be stands at its command; in an atomic batch also `{NOT_ALONE.code}`.",
    responses={409: {"model": Problem, "description": listed(REPLAYED)}},
    openapi_extra={"parameters": [ON_BEHALF_OF, SANDBOX_TIME]},
)
async def ask_batch(
    request: Request, batch: Batch, edge: AtEdge, caller: Asker, _: NoParameters
) -> Response:
    """Ask for many commands at once (批量命令).

    Each is checked, refused and repeated as if it came alone to its own address; `status`, `id`,
    `revision` and `problem` of its result say what was answered. Pointers of its problem lead into
    this body. They are decided in order; none may name a record that an earlier one opens.
    `Sanbao-On-Behalf-Of` and `Sanbao-Time` stand for all of them. Every 20 items count as one
    request. Files, and new access keys, are asked for alone.
    """
    if edge.mode == "replay":
        raise ProtocolError(REPLAYED)
    _must_fit_a_turn(batch)
    edge.turnstile.charges(request, caller.account, -(-len(batch.items) // ITEMS_A_UNIT) - 1)
    looked_at = await BatchDoor(request, caller).looks_at(batch.items)
    told = await asked(edge, looked_at, atomic=batch.atomic)
    problems = await problems_of(request, looked_at, told)
    rows = [
        _row(index, item, verdict, problems.get(index))
        for index, (item, verdict) in enumerate(zip(batch.items, told, strict=True))
    ]
    head = {"accepted": len(rows) - len(problems), "refused": len(problems), "results": rows}
    waits = any(each.status == UNAVAILABLE.status for each in problems.values())
    headers = {"Retry-After": "2"} if waits else {}
    text = json.dumps(head, ensure_ascii=False)
    return Response(text, 207, headers, media_type="application/json")


def _must_fit_a_turn(batch: Batch) -> None:
    """Refuse what cannot happen all at once.

    Raises:
        ProtocolError: there are too many commands for one turn.
    """
    if batch.atomic and len(batch.items) > TOGETHER_MAX:
        words = f"At most {TOGETHER_MAX} that happen together"
        raise ProtocolError(
            MALFORMED, faults=[Fault(pointer="/items", code="too_long", detail=words)]
        )


def _row(index: int, item: BatchItem, told: Told | Refusal, problem: Problem | None) -> JsonObject:
    """A `BatchResult`."""
    row: JsonObject = {"index": index, "status": 200, "id": item.id, "revision": None,
                       "first_position": None, "position": None, "replayed": False,
                       "problem": None}  # fmt: skip
    if problem is not None:
        return row | {"status": problem.status, "problem": problem.model_dump(mode="json")}
    if not isinstance(told, Accepted | Replayed):
        raise TypeError(told)
    outcome = told.outcome if isinstance(told, Replayed) else told
    return row | {
        "status": 201 if ROUTES[item.command].command.opens else 200,
        "id": outcome.to,
        "revision": outcome.revision,
        "first_position": outcome.first_position,
        "position": outcome.last_position,
        "replayed": isinstance(told, Replayed),
    }
