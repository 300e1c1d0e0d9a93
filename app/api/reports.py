"""The quarterly report and the management review over HTTP: live, and every version of them."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.authority import By
from app.api.edge import AtEdge, Edge
from app.api.grounds import ground_at
from app.api.kpis import Known, asked_ground
from app.api.problems import (
    Problem,
)
from app.api.queries import NOT_FOUND, PROBLEMS, UNKNOWN_YET, ReadSince, reached
from app.domain.errors import NotFound
from app.domain.management_review.events import MANAGEMENT_REVIEW, ReviewPack
from app.domain.quarterly_report.events import QUARTERLY_REPORT, ReportVersion
from app.projections.kpis.ground import Quarter, Year
from app.projections.reports.coverage import ClauseEvidence, clause_coverage
from app.projections.reports.quarterly import QuarterlyFigures, quarterly_figures
from app.projections.reports.restated import RestatedLine, restated_lines
from app.projections.reports.review import ReviewFigures, review_figures

NOT_KNOWN: Final[dict[int | str, dict[str, Any]]] = {
    404: {
        "model": Problem,
        "description": f"{NOT_FOUND[404]['description']}\n{UNKNOWN_YET[404]['description']}",
    }
}

router: Final = APIRouter(prefix="/v1", responses=PROBLEMS | NOT_KNOWN)

OfQuarter = Annotated[Quarter, Path()]
OfYear = Annotated[Year, Path()]
Number = Annotated[int, Path(ge=1, le=10_000, description="版本.")]


class OfYearKnown(Known):
    """Which year, known when."""

    year: Year


class Version(BaseModel):
    """A version of a quarter's report, with everything that it says."""

    model_config = ConfigDict(extra="forbid")

    report_no: str = Field(title="报告编号")
    about: ReportVersion = Field(
        title="版本", description="Prepared, issued, acknowledged by whom."
    )
    figures: QuarterlyFigures = Field(title="数据", description="As frozen.")
    restated: tuple[RestatedLine, ...] = Field(
        title="重述项", description="What moved since the version before, and by which events."
    )


class Pack(BaseModel):
    """A pack of a management review, with everything that it says."""

    model_config = ConfigDict(extra="forbid")

    review_no: str = Field(title="评审编号")
    about: ReviewPack = Field(title="资料", description="For which day, prepared by whom.")
    figures: ReviewFigures = Field(title="数据", description="As known then.")


class Coverage(BaseModel):
    """How the clauses of the procedure were lived in a year."""

    model_config = ConfigDict(extra="forbid")

    year: str
    position: int
    data: tuple[ClauseEvidence, ...]


@router.get("/quarterly-reports/{quarter}/figures", tags=["quarterly-reports"])
async def get_quarterly_figures(
    quarter: OfQuarter, edge: AtEdge, _: By, asked: Annotated[Known, Query()]
) -> QuarterlyFigures:
    """What a quarter is like, as known now or at a moment (季度数据)."""
    async with asked_ground(edge, asked) as ground:
        return await quarterly_figures(ground, quarter)


@router.get("/quarterly-reports/{quarter}/restated", tags=["quarterly-reports"])
async def get_quarterly_differences(
    quarter: OfQuarter, edge: AtEdge, _: By, since: ReadSince
) -> tuple[RestatedLine, ...]:
    """What moved since the last version was frozen: what a restatement would say (待重述项)."""
    await reached(edge, since.min_position)
    report = await _state(edge, QUARTERLY_REPORT, quarter)
    if report.last is None:
        raise NotFound(kind="quarterly-report", id=quarter)
    return await _moved(edge, quarter, report.last.cutoff_position, None)


@router.get("/quarterly-reports/{quarter}/versions/{version}", tags=["quarterly-reports"])
async def get_quarterly_version(
    quarter: OfQuarter, version: Number, edge: AtEdge, _: By, since: ReadSince
) -> Version:
    """A version of 《售后问题季度分析报告》, as it was frozen."""
    await reached(edge, since.min_position)
    report = await _state(edge, QUARTERLY_REPORT, quarter)
    about = next((each for each in report.versions if each.version == version), None)
    if about is None:
        raise NotFound(kind="quarterly-report", id=f"{quarter} v{version}")
    async with ground_at(edge, about.cutoff_position) as ground:
        figures = await quarterly_figures(ground, quarter)
    earlier = about.compared_with_position
    restated = (
        () if earlier is None else await _moved(edge, quarter, earlier, about.cutoff_position)
    )
    return Version(report_no=report.report_no, about=about, figures=figures, restated=restated)


@router.get("/management-reviews/{year}/figures", tags=["management-reviews"])
async def get_review_figures(
    year: OfYear, edge: AtEdge, _: By, asked: Annotated[Known, Query()]
) -> ReviewFigures:
    """What the management review would be told, as known now or at a moment (管理评审输入)."""
    async with asked_ground(edge, asked) as ground:
        return await review_figures(ground, year)


@router.get("/management-reviews/{year}/packs/{number}", tags=["management-reviews"])
async def get_review_pack(
    year: OfYear, number: Number, edge: AtEdge, _: By, since: ReadSince
) -> Pack:
    """A pack as it was prepared: the first, the second … of the year."""
    await reached(edge, since.min_position)
    review = await _state(edge, MANAGEMENT_REVIEW, year)
    if number > len(review.packs):
        raise NotFound(kind="management-review", id=f"{year} pack {number}")
    about = review.packs[number - 1]
    async with ground_at(edge, about.position) as ground:
        figures = await review_figures(ground, year)
    return Pack(review_no=review.review_no, about=about, figures=figures)


@router.get("/clause-coverage", tags=["kpis"])
async def get_clause_coverage(
    edge: AtEdge, _: By, asked: Annotated[OfYearKnown, Query()]
) -> Coverage:
    """How many events of a year are evidence of each clause (条款证据)."""
    async with asked_ground(edge, asked) as ground:
        data = await clause_coverage(ground, asked.year)
        return Coverage(year=asked.year, position=ground.snapshot.position, data=data)


async def _state(edge: Edge, stream: Any, to: str) -> Any:  # noqa: ANN401 - states differ
    async with edge.reader.snapshot() as snapshot:
        return await snapshot.state_of(stream, to)


async def _moved(
    edge: Edge, quarter: str, earlier: int, later: int | None
) -> tuple[RestatedLine, ...]:
    async with ground_at(edge, earlier) as ground:
        before = await quarterly_figures(ground, quarter)
    async with ground_at(edge, later) as ground:
        after = await quarterly_figures(ground, quarter)
        return await restated_lines(ground, before, after)
