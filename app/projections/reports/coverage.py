"""How many events of a year are evidence of each clause of YTCXQP034. Clauses 1 to 5.5.

An event is evidence of the clauses that it was recorded with; a heading, of what its parts show.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from pydantic import Field

from app.domain.clauses import CLAUSES, Clause
from app.domain.values import end_of_day
from app.projections.kpis.ground import Ground, Part

SELECT_EVIDENCE: Final = """
    SELECT clause, count(*) AS events, min(position) AS first, max(position) AS last
    FROM events, unnest(clauses) AS clause
    WHERE position <= $1 AND recorded_at >= $2 AND recorded_at < $3
    GROUP BY clause
"""


class ClauseEvidence(Part):
    """One clause, and the events of the year that show that it was lived."""

    clause: str = Field(title="条款", examples=["4.5"])
    title: str = Field(title="要求(英文)", description="What the clause asks for.")
    title_zh: str = Field(title="要求")
    events: int = Field(title="事件数")
    first_position: int | None = Field(title="首个事件位置")
    last_position: int | None = Field(title="末个事件位置")


async def clause_coverage(ground: Ground, year: str) -> tuple[ClauseEvidence, ...]:
    """Count by clause, those without any evidence included."""
    begins, ends = (end_of_day(date(each, 12, 31)) for each in (int(year) - 1, int(year)))
    rows = await ground.fetch(SELECT_EVIDENCE, ground.snapshot.position, begins, ends)
    found = {row["clause"]: row for row in rows}
    return tuple(_evidence(each, found) for each in CLAUSES.values())


def _evidence(clause: Clause, found: Mapping[str, Mapping[str, Any]]) -> ClauseEvidence:
    own = [found[each] for each in (clause.clause, *clause.shown_by) if each in found]
    return ClauseEvidence(
        clause=clause.clause,
        title=clause.en,
        title_zh=clause.zh,
        events=sum(each["events"] for each in own),
        first_position=min((each["first"] for each in own), default=None),
        last_position=max((each["last"] for each in own), default=None),
    )
