"""The management review's pack: a year's warranty performance. Clause 4.6.2, rule R-17."""

from typing import Final

from pydantic import Field

from app.domain.money import Total, total
from app.projections.kpis.cause_frequency import CauseFrequency, cause_frequency
from app.projections.kpis.cost_ratio import CostRatio, cost_ratio
from app.projections.kpis.ground import Answer, Ground, Part
from app.projections.kpis.occurrence_quantity import OccurrenceQuantity, occurrence_quantity
from app.projections.kpis.on_time import OnTime, on_time
from app.projections.reports.coverage import ClauseEvidence, clause_coverage
from app.projections.reports.quarterly import (
    SELECT_CAPAS,
    SELECT_ESCALATIONS,
    SELECT_PROJECTS,
    Opened,
    midnight,
    opened,
)

SELECT_CLAIMS: Final = """
    SELECT status, count(*) AS claims, coalesce(sum(cost), 0)::bigint AS cost
    FROM claims_ledger WHERE notice_on >= $1 AND notice_on < $2
    GROUP BY 1 ORDER BY 1
"""

SELECT_EFFECTIVENESS: Final = """
    SELECT result, count(*) AS checks FROM measures
    WHERE checked_quarter >= $1 AND checked_quarter <= $2 GROUP BY 1 ORDER BY 1
"""


class ClaimsByStatus(Part):
    """Claims of the year's notices that stand alike."""

    status: str = Field(title="状态")
    claims: int = Field(title="件次")
    company_borne: Total = Field(title="我方承担")


class ChecksByResult(Part):
    """Effectiveness checks of the year with one result."""

    result: str = Field(title="结果")
    checks: int = Field(title="次数")


class QuarterInReview(Part):
    """The targets of one quarter."""

    quarter: str = Field(title="季度")
    cause_frequency: CauseFrequency = Field(title="KPI-1")
    occurrence_quantity: OccurrenceQuantity = Field(title="KPI-2")
    on_time: OnTime = Field(title="及时率")


class ReviewFigures(Answer):
    """What the management review is told of a year."""

    year: str = Field(title="年度")
    quarters: tuple[QuarterInReview, ...] = Field(title="季度目标")
    cost_ratio: CostRatio = Field(title="KPI-3 费用比率")
    claims: tuple[ClaimsByStatus, ...] = Field(title="索赔")
    escalations: Opened = Field(title="上报事项")
    capas: Opened = Field(title="纠正预防措施")
    effectiveness: tuple[ChecksByResult, ...] = Field(title="效果验证")
    risk_projects: Opened = Field(title="风险管控项目")
    clause_coverage: tuple[ClauseEvidence, ...] = Field(title="条款证据")


async def review_figures(ground: Ground, year: str) -> ReviewFigures:
    """Put the year's figures together."""
    first, after = f"{year}-01-01", f"{int(year) + 1}-01-01"
    return ReviewFigures(
        **ground.said,
        year=year,
        quarters=tuple([await _quarter(ground, f"{year}Q{number}") for number in range(1, 5)]),
        cost_ratio=await cost_ratio(ground, year),
        claims=tuple(
            ClaimsByStatus(
                status=row["status"], claims=row["claims"], company_borne=total(row["cost"])
            )
            for row in await ground.fetch(SELECT_CLAIMS, first, after)
        ),
        escalations=await opened(ground, SELECT_ESCALATIONS, midnight(first), midnight(after)),
        capas=await opened(ground, SELECT_CAPAS, first, after),
        effectiveness=tuple(
            ChecksByResult(**row)
            for row in await ground.fetch(SELECT_EFFECTIVENESS, f"{year}Q1", f"{year}Q4")
        ),
        risk_projects=await opened(ground, SELECT_PROJECTS, first, after),
        clause_coverage=await clause_coverage(ground, year),
    )


async def _quarter(ground: Ground, quarter: str) -> QuarterInReview:
    return QuarterInReview(
        quarter=quarter,
        cause_frequency=await cause_frequency(ground, quarter),
        occurrence_quantity=await occurrence_quantity(ground, quarter),
        on_time=await on_time(ground, quarter),
    )
