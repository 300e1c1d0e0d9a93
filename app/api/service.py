"""The service itself: alive, ready, and what its problems mean."""

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict

from app.api.edge import AtEdge
from app.api.kinds import (
    KINDS,
)
from app.api.problems import (
    advice_of,
    status_of,
)
from app.api.queries import NOT_FOUND, NoParameters
from app.domain.errors import DomainError, NotFound

router = APIRouter(tags=["service"])

READY_SECONDS_MAX: Final = 2.0


class Explanation(BaseModel):
    """What a problem's code means."""

    model_config = ConfigDict(extra="forbid")

    code: str
    status: int
    title: str
    title_zh: str
    advice: str | None
    clause: str | None
    rule: str | None


@router.get("/livez", include_in_schema=False)
async def livez() -> dict[str, str]:
    """Whether the process answers; it asks nobody else."""
    return {"status": "alive"}


@router.get("/readyz", include_in_schema=False)
async def readyz(edge: AtEdge, response: Response) -> dict[str, Any]:
    """Whether commands can be taken: each check by name."""
    checks: dict[str, Any] = {}
    try:
        if edge.pulse.gone:
            raise TimeoutError  # noqa: TRY301 - what it would come to, two seconds later
        async with asyncio.timeout(READY_SECONDS_MAX):
            checks = dict(await edge.ready())
    except Exception as error:  # noqa: BLE001 - whatever it is, we are not ready
        checks = {"database": {"ok": False, "error": type(error).__name__}}
    ready = all(check["ok"] for check in checks.values())
    response.status_code = 200 if ready else 503
    return {
        "status": "ready" if ready else "not ready",
        "mode": edge.mode,
        "sandbox": edge.mode == "sandbox",
        "checks": checks,
        "queue": {"waiting": edge.writer.waiting},
    }


def explanations() -> dict[str, Explanation]:
    """Every problem there is, by code."""
    found = {
        kind.code: Explanation(
            code=kind.code,
            status=kind.status,
            title=kind.title,
            title_zh=kind.title_zh,
            advice=kind.advice,
            clause=None,
            rule=None,
        )
        for kind in KINDS
    }
    for error in refusals():
        found[error.code()] = Explanation(
            code=error.code(),
            status=status_of(error),
            title=error.title(),
            title_zh=error.title_zh(),
            advice=advice_of(error),
            clause=error.clause,
            rule=error.rule,
        )
    return found


def refusals() -> list[type[DomainError]]:
    """Every class that refuses and is not only a kind of refusal."""
    waiting, found = list(DomainError.__subclasses__()), []
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        if error.title_zh():
            found.append(error)
    return sorted(found, key=lambda error: error.code())


@router.get("/problems/{code}", responses=NOT_FOUND)
async def explain_problem(
    code: Annotated[str, Path(max_length=80)], _: NoParameters
) -> Explanation:
    """What a problem's code means, and what to do."""
    found = explanations().get(code)
    if found is None:
        raise NotFound(kind="problem")
    return found
