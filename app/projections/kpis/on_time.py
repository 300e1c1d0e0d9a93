"""How many time limits that ended in a quarter were kept, limit by limit. Clauses 4.1 to 4.6."""

from collections import defaultdict
from typing import Final

from pydantic import Field

from app.domain.limits import LIMITS
from app.projections.deadlines import DeadlineStatus
from app.projections.kpis.ground import (
    NAMED_MAX,
    Answer,
    Ground,
    Numbers,
    Part,
    Permille,
    named,
    permille,
)

SELECT_KEPT: Final = f"""
    SELECT time_limit, status, count(*) AS times,
           (array_agg(coalesce(subject_no, subject_id) ORDER BY due_at, row_id))[1:{NAMED_MAX}]
               AS nos
    FROM deadlines WHERE due_quarter = $1
    GROUP BY 1, 2
"""  # noqa: S608 - a constant


class OnTimeFigure(Part):
    """One time limit in the quarter."""

    time_limit: str
    what: str
    what_zh: str
    due: int = Field(description="Met, late or missed; what is open still runs (到期).")
    met: int
    late: int
    missed: int = Field(description="Over, and still not done (超期未完成).")
    dropped: int = Field(description="Nobody had to keep them any more (取消).")
    open: int
    on_time_permille: Permille | None = Field(description="Met, of those due (及时率).")
    not_on_time_nos: Numbers = Field(description="Records that were late or are missed.")


class OnTime(Answer):
    """The time limits of a quarter, in their order."""

    quarter: str
    due: int
    met: int
    on_time_permille: Permille | None
    data: tuple[OnTimeFigure, ...]


async def on_time(ground: Ground, quarter: str) -> OnTime:
    """Count by limit and by how it ended."""
    times: dict[str, dict[str, int]] = defaultdict(dict)
    nos: dict[str, list[str]] = defaultdict(list)
    for row in await ground.fetch(SELECT_KEPT, quarter):
        times[row["time_limit"]][row["status"]] = row["times"]
        if row["status"] in {DeadlineStatus.LATE, DeadlineStatus.MISSED}:
            nos[row["time_limit"]] += row["nos"]
    data = tuple(_figure(limit, times[limit], nos[limit]) for limit in LIMITS if limit in times)
    due, met = sum(each.due for each in data), sum(each.met for each in data)
    return OnTime(
        **ground.said,
        quarter=quarter,
        due=due,
        met=met,
        on_time_permille=permille(met, due),
        data=data,
    )


def _figure(limit: str, times: dict[str, int], nos: list[str]) -> OnTimeFigure:
    met, late, missed = (
        times.get(status, 0)
        for status in (DeadlineStatus.MET, DeadlineStatus.LATE, DeadlineStatus.MISSED)
    )
    return OnTimeFigure(
        time_limit=limit,
        what=LIMITS[limit].en,
        what_zh=LIMITS[limit].zh,
        due=met + late + missed,
        met=met,
        late=late,
        missed=missed,
        dropped=times.get(DeadlineStatus.DROPPED, 0),
        open=times.get(DeadlineStatus.OPEN, 0),
        on_time_permille=permille(met, met + late + missed),
        not_on_time_nos=named(nos),
    )
