"""R4 《售后问题季度分析报告》: a quarter's figures, as they are known at a position. Clause 4.6.1.

It is put together from the same questions that the live figures are read by; a version that was
issued is the same report at the position where it was frozen.
"""

from datetime import date, datetime, timedelta
from typing import Final

from pydantic import Field

from app.domain.values import end_of_day
from app.events.recorded import written_at
from app.projections.kpis.analysis import Analysis, analysis
from app.projections.kpis.cause_frequency import CauseFrequency, cause_frequency
from app.projections.kpis.cost_ratio import CostRatio, cost_ratio
from app.projections.kpis.ground import NAMED_MAX, Answer, Ground, Numbers, Part
from app.projections.kpis.occurrence_quantity import OccurrenceQuantity, occurrence_quantity
from app.projections.kpis.on_time import OnTime, on_time
from app.projections.kpis.pareto import Pareto, pareto

SELECT_CATEGORIES: Final = """
    SELECT coalesce(category, 'UNCLASSIFIED') AS category, count(*) AS cases,
           sum(pieces)::bigint AS pieces
    FROM feedback_ledger
    WHERE occurred_quarter = $1 AND status NOT IN ('VOIDED', 'MERGED')
    GROUP BY 1 ORDER BY 2 DESC, 1
"""

SELECT_ESCALATIONS: Final = f"""
    SELECT count(*) AS total, count(*) FILTER (WHERE is_open = 'true') AS open,
           (array_agg(escalation_no ORDER BY escalation_no))[1:{NAMED_MAX}] AS nos
    FROM escalations_ledger WHERE raised_at >= $1 AND raised_at < $2
"""  # noqa: S608 - a constant

SELECT_CAPAS: Final = f"""
    SELECT count(*) AS total, count(*) FILTER (WHERE is_open = 'true') AS open,
           (array_agg(capa_no ORDER BY capa_no))[1:{NAMED_MAX}] AS nos
    FROM capas_ledger WHERE issued_on >= $1 AND issued_on < $2
"""  # noqa: S608 - a constant

SELECT_PROJECTS: Final = f"""
    SELECT count(*) AS total, count(*) FILTER (WHERE status <> 'CLOSED') AS open,
           (array_agg(project_no ORDER BY project_no))[1:{NAMED_MAX}] AS nos
    FROM risk_projects WHERE opened_on < $2 AND (opened_on >= $1 OR status <> 'CLOSED')
"""  # noqa: S608 - a constant

SELECT_BATCH_PROBLEMS: Final = f"""
    SELECT count(*) AS lots, (array_agg(lot_no ORDER BY lot_no))[1:{NAMED_MAX}] AS nos
    FROM (
        SELECT DISTINCT data->>'lot_no' AS lot_no FROM events
        WHERE position <= $1 AND recorded_at >= $2 AND recorded_at < $3
          AND type IN ('BatchProblemDetected', 'BatchProblemDeclared')
    ) AS said
"""  # noqa: S608 - a constant


class CategoryFigure(Part):
    """The cases of one class."""

    category: str = Field(title="类别")
    cases: int = Field(title="件次")
    pieces: int = Field(title="件数")


class Opened(Part):
    """How many were begun in the quarter, and how many of them are still open."""

    total: int = Field(title="总数")
    open: int = Field(title="未关闭")
    nos: Numbers


class BatchProblems(Part):
    """The lots that were found or declared to be bad in the quarter (R-09)."""

    lots: int = Field(title="批次数")
    lot_nos: Numbers = Field(title="批次")


class QuarterlyFigures(Answer):
    """What a quarter was like."""

    quarter: str = Field(title="季度")
    by_category: tuple[CategoryFigure, ...] = Field(title="按类别")
    by_cause: Pareto = Field(title="按原因")
    by_spec: Pareto = Field(title="按规格")
    by_customer: Pareto = Field(title="按顾客")
    cause_frequency: CauseFrequency = Field(title="KPI-1 同一原因累计次数")
    occurrence_quantity: OccurrenceQuantity = Field(title="KPI-2 单次件数")
    cost_ratio: CostRatio = Field(
        title="KPI-3 费用比率", description="Of the year, as far as it is known."
    )
    on_time: OnTime = Field(title="及时率")
    analysis: Analysis = Field(title="分析、NTF、有效性、重复发生")
    batch_problems: BatchProblems = Field(title="批量质量问题")
    escalations: Opened = Field(title="上报事项")
    capas: Opened = Field(title="纠正预防措施")
    risk_projects: Opened = Field(
        title="风险管控项目", description="Opened in the quarter, or still open from before."
    )


async def quarterly_figures(ground: Ground, quarter: str) -> QuarterlyFigures:
    """Put the quarter's figures together."""
    first, after = days_of(quarter)
    return QuarterlyFigures(
        **ground.said,
        quarter=quarter,
        by_category=tuple(
            CategoryFigure(**row) for row in await ground.fetch(SELECT_CATEGORIES, quarter)
        ),
        by_cause=await pareto(ground, quarter, "cause"),
        by_spec=await pareto(ground, quarter, "spec"),
        by_customer=await pareto(ground, quarter, "customer"),
        cause_frequency=await cause_frequency(ground, quarter),
        occurrence_quantity=await occurrence_quantity(ground, quarter),
        cost_ratio=await cost_ratio(ground, quarter[:4]),
        on_time=await on_time(ground, quarter),
        analysis=await analysis(ground, quarter),
        batch_problems=await batch_problems(ground, quarter),
        escalations=await opened(ground, SELECT_ESCALATIONS, midnight(first), midnight(after)),
        capas=await opened(ground, SELECT_CAPAS, first, after),
        risk_projects=await opened(ground, SELECT_PROJECTS, first, after),
    )


async def batch_problems(ground: Ground, quarter: str) -> BatchProblems:
    """The lots of which it was said in a quarter; a lot that was said twice is one."""
    first, after = (_begin_of(day) for day in days_of(quarter))
    (row,) = await ground.fetch(SELECT_BATCH_PROBLEMS, ground.snapshot.position, first, after)
    return BatchProblems(lots=row["lots"], lot_nos=tuple(row["nos"] or ()))


async def opened(ground: Ground, statement: str, first: str, after: str) -> Opened:
    """How many were begun in a time, by number."""
    (row,) = await ground.fetch(statement, first, after)
    return Opened(total=row["total"], open=row["open"], nos=tuple(row["nos"] or ()))


def days_of(quarter: str) -> tuple[str, str]:
    """Its first day and the first after it, as rows spell days."""
    year, number = int(quarter[:4]), int(quarter[5])
    after = f"{year + number // 4}-{number % 4 * 3 + 1:02d}-01"
    return f"{year}-{number * 3 - 2:02d}-01", after


def midnight(day: str) -> str:
    """The first instant of a day in Shanghai, as rows spell instants."""
    return written_at(_begin_of(day))


def _begin_of(day: str) -> datetime:
    return end_of_day(date.fromisoformat(day) - timedelta(days=1))
