"""The targets of clause 3.7 and what is near them, over HTTP. Every answer names its position."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.authority import By
from app.api.edge import AtEdge, Edge
from app.api.grounds import ground_at
from app.api.queries import PROBLEMS, UNKNOWN_YET, AsOf, Since, known_at, reached
from app.domain.values import Day
from app.projections.kpis import pareto as by_key
from app.projections.kpis.analysis import Analysis, analysis
from app.projections.kpis.cause_frequency import CauseFrequency, cause_frequency
from app.projections.kpis.cost_ratio import CostRatio, cost_ratio
from app.projections.kpis.ground import Ground, Quarter, Year
from app.projections.kpis.near_miss import NearMiss, near_miss
from app.projections.kpis.occurrence_quantity import OccurrenceQuantity, occurrence_quantity
from app.projections.kpis.on_time import OnTime, on_time

router: Final = APIRouter(prefix="/v1/kpis", tags=["kpis"], responses=PROBLEMS | UNKNOWN_YET)


FIRST: Final = date(1900, 1, 1)
LAST: Final = date(2999, 12, 31)
"""Days beyond these belong to no window that could be computed."""


class Known(Since):
    """Known when."""

    as_of: AsOf = None


class OfQuarter(Known):
    """Which quarter."""

    quarter: Quarter


class OfQuarterBy(OfQuarter):
    """Which quarter, and by what."""

    by: by_key.By = Field(default="cause", description="cause, spec or customer.")


class OfYear(Known):
    """Which year."""

    year: Year


class OnDay(Known):
    """Which day."""

    on: Annotated[Day, Field(ge=FIRST, le=LAST)] | None = Field(
        default=None, description="Today in Shanghai, when not given."
    )


@asynccontextmanager
async def asked_ground(edge: Edge, asked: Known) -> AsyncIterator[Ground]:
    """The state of things that a question is about."""
    await reached(edge, asked.min_position)
    async with ground_at(edge, await known_at(edge, asked.as_of)) as ground:
        yield ground


@router.get("/cause-frequency")
async def get_cause_frequency(
    edge: AtEdge, _: By, asked: Annotated[OfQuarter, Query()]
) -> CauseFrequency:
    """KPI-1: how often each failure cause occurred in a quarter (同一原因累计次数, R-01)."""
    async with asked_ground(edge, asked) as ground:
        return await cause_frequency(ground, asked.quarter)


@router.get("/occurrence-quantity")
async def get_occurrence_quantity(
    edge: AtEdge, _: By, asked: Annotated[OfQuarter, Query()]
) -> OccurrenceQuantity:
    """KPI-2: cases of a quarter with more pieces than the target allows (单次件数, R-02)."""
    async with asked_ground(edge, asked) as ground:
        return await occurrence_quantity(ground, asked.quarter)


@router.get("/cost-ratio")
async def get_cost_ratio(edge: AtEdge, _: By, asked: Annotated[OfYear, Query()]) -> CostRatio:
    """KPI-3: after-sales cost of a year to its sales (售后维护费用占销售额比率, R-03)."""
    async with asked_ground(edge, asked) as ground:
        return await cost_ratio(ground, asked.year)


@router.get("/pareto")
async def get_pareto(edge: AtEdge, _: By, asked: Annotated[OfQuarterBy, Query()]) -> by_key.Pareto:
    """Cases, pieces and cost of a quarter by cause, specification or customer (柏拉图)."""
    async with asked_ground(edge, asked) as ground:
        return await by_key.pareto(ground, asked.quarter, asked.by)


@router.get("/on-time")
async def get_on_time(edge: AtEdge, _: By, asked: Annotated[OfQuarter, Query()]) -> OnTime:
    """How many time limits of a quarter were kept, limit by limit (及时率)."""
    async with asked_ground(edge, asked) as ground:
        return await on_time(ground, asked.quarter)


@router.get("/analysis")
async def get_analysis(edge: AtEdge, _: By, asked: Annotated[OfQuarter, Query()]) -> Analysis:
    """Analysis lead time, NTF rate, on-site verification, effectiveness, recurrence (分析质量)."""
    async with asked_ground(edge, asked) as ground:
        return await analysis(ground, asked.quarter)


@router.get("/near-miss")
async def get_near_miss(edge: AtEdge, _: By, asked: Annotated[OnDay, Query()]) -> NearMiss:
    """What is one step from a limit, or may have been kept below it on purpose (临界预警)."""
    async with asked_ground(edge, asked) as ground:
        return await near_miss(ground, asked.on or ground.today)
