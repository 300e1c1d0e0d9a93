"""KPI-2: cases of a quarter with more failed pieces than the target allows. Clause 3.7, R-02.

A case whose figure fell to the target after its alert is met, and still shown: the alert is kept.
"""

from typing import Final

from pydantic import Field

from app.projections.kpis.ground import Answer, Ground, Part, TargetStatus

ROWS_MAX: Final = 1_000

SELECT_ABOVE: Final = """
    SELECT row_id, case_no, customer_id, spec_code, cause_code, pieces, occurred_on,
           body->>'quantity_alert' AS alert
    FROM feedback_ledger
    WHERE occurred_quarter = $1 AND status NOT IN ('VOIDED', 'MERGED')
      AND (pieces > $2 OR body->>'quantity_alert' = 'true')
    ORDER BY pieces DESC, case_no
    LIMIT $3
"""

SELECT_CASES: Final = """
    SELECT count(*) AS cases, count(*) FILTER (WHERE pieces > $2) AS above
    FROM feedback_ledger
    WHERE occurred_quarter = $1 AND status NOT IN ('VOIDED', 'MERGED')
"""


class QuantityFigure(Part):
    """One case above the target, or once above it."""

    case_id: str
    case_no: str
    customer_id: str
    spec_code: str
    cause_code: str | None
    occurred_on: str
    pieces: int = Field(description="Confirmed, else reported (件数).")
    limit: int
    status: TargetStatus
    alerted: bool = Field(description="An alert was raised; it is never taken back (已预警).")


class OccurrenceQuantity(Answer):
    """KPI-2 of a quarter, the most pieces first."""

    quarter: str
    limit: int = Field(description="R-02: pieces of one case that are still a pass.")
    cases: int = Field(description="Cases of the quarter, neither voided nor merged.")
    exceeded: int = Field(description="Cases above the limit now.")
    data: tuple[QuantityFigure, ...]


async def occurrence_quantity(ground: Ground, quarter: str) -> OccurrenceQuantity:
    """Which cases are or were above the limit."""
    limit = ground.pack.figures.occurrence_pieces_max
    (totals,) = await ground.fetch(SELECT_CASES, quarter, limit)
    rows = await ground.fetch(SELECT_ABOVE, quarter, limit, ROWS_MAX)
    return OccurrenceQuantity(
        **ground.said,
        quarter=quarter,
        limit=limit,
        cases=totals["cases"],
        exceeded=totals["above"],
        data=tuple(
            QuantityFigure(
                case_id=row["row_id"],
                case_no=row["case_no"],
                customer_id=row["customer_id"],
                spec_code=row["spec_code"],
                cause_code=row["cause_code"],
                occurred_on=row["occurred_on"],
                pieces=row["pieces"],
                limit=limit,
                status=TargetStatus.EXCEEDED if row["pieces"] > limit else TargetStatus.MET,
                alerted=row["alert"] == "true",
            )
            for row in rows
        ),
    )
