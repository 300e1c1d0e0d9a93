"""Where failures and their cost come from in a quarter: by cause, specification or customer.

Cases and pieces are those that occurred in the quarter; cost is what the company bears of the
claims confirmed in it and of other costs that arose in it. A claim's cost stands under its first
specification, and under the cause it was split by, else that of its first case. Clause 4.6.1.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import Field

from app.domain.money import Total, total
from app.domain.values import days_of_quarter
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

By = Literal["cause", "spec", "customer"]

CASE_COLUMN: Final = {"cause": "cause_code", "spec": "spec_code", "customer": "customer_id"}
CLAIM_COLUMN: Final = {
    "cause": "coalesce(c.cause_code, f.cause_code)",
    "spec": "c.spec_codes->>0",
    "customer": "c.customer_id",
}
ENTRY_COLUMN: Final = {
    "cause": "coalesce(f.cause_code, c.cause_code)",
    "spec": "k.spec_code",
    "customer": "k.customer_id",
}

SELECT_CASES: Final = """
    SELECT {column} AS key, count(*) AS cases, sum(pieces)::bigint AS pieces,
           (array_agg(case_no ORDER BY case_no))[1:{most}] AS nos
    FROM feedback_ledger
    WHERE occurred_quarter = $1 AND category = 'PRODUCT' AND status NOT IN ('VOIDED', 'MERGED')
    GROUP BY 1
"""

SELECT_COSTS: Final = """
    SELECT {claim} AS key, sum(c.cost)::bigint AS fen,
           (array_agg(c.claim_no ORDER BY c.claim_no))[1:{most}] AS nos
    FROM claims_ledger c LEFT JOIN feedback_ledger f ON f.case_no = c.case_nos->>0
    WHERE c.confirmed_on BETWEEN $1 AND $2 AND c.cost > 0
    GROUP BY 1
    UNION ALL
    SELECT {entry}, sum(k.amount)::bigint,
           (array_agg(k.cost_no ORDER BY k.cost_no))[1:{most}]
    FROM costs_ledger k
         LEFT JOIN feedback_ledger f ON f.case_no = k.case_no
         LEFT JOIN claims_ledger c ON c.claim_no = k.claim_no
    WHERE k.arisen_on BETWEEN $1 AND $2
    GROUP BY 1
"""


class ParetoFigure(Part):
    """One cause, specification or customer; none where nobody knows it."""

    key: str | None = Field(description="None: not determined, or it belongs to no case.")
    label: str | None = Field(description="The cause in words (中文).")
    cases: int
    pieces: int
    cost: Total = Field(description="What the company bears (我方承担).")
    share_permille: Permille | None = Field(description="Of all cases.")
    cumulative_permille: Permille | None = Field(description="Of all cases, with all above it.")
    cost_share_permille: Permille | None = Field(description="Of all cost.")
    case_nos: Numbers
    cost_nos: Numbers = Field(description="Claims and cost entries.")


class Pareto(Answer):
    """Product cases of a quarter and the cost borne in it, the most frequent first."""

    quarter: str
    by: By
    cases: int
    pieces: int
    cost: Total
    data: tuple[ParetoFigure, ...]


@dataclass(slots=True)
class _Sum:
    cases: int = 0
    pieces: int = 0
    fen: int = 0
    case_nos: list[str] = field(default_factory=list)
    cost_nos: list[str] = field(default_factory=list)


async def pareto(ground: Ground, quarter: str, by: By) -> Pareto:
    """Add up by key; causes as what they were merged into."""
    sums: dict[str | None, _Sum] = {}

    def sum_of(key: str | None) -> _Sum:
        head = ground.catalogue.head_of(key) if key is not None and by == "cause" else key
        return sums.setdefault(head, _Sum())

    cases = SELECT_CASES.format(column=CASE_COLUMN[by], most=NAMED_MAX)
    for row in await ground.fetch(cases, quarter):
        each = sum_of(row["key"])
        each.cases += row["cases"]
        each.pieces += row["pieces"]
        each.case_nos += row["nos"]
    first, last = days_of_quarter(quarter)
    costs = SELECT_COSTS.format(claim=CLAIM_COLUMN[by], entry=ENTRY_COLUMN[by], most=NAMED_MAX)
    for row in await ground.fetch(costs, str(first), str(last)):
        each = sum_of(row["key"])
        each.fen += row["fen"]
        each.cost_nos += row["nos"]
    return Pareto(
        **ground.said,
        quarter=quarter,
        by=by,
        cases=sum(each.cases for each in sums.values()),
        pieces=sum(each.pieces for each in sums.values()),
        cost=total(sum(each.fen for each in sums.values())),
        data=_ordered(sums, ground, by),
    )


def _ordered(sums: dict[str | None, _Sum], ground: Ground, by: By) -> tuple[ParetoFigure, ...]:
    all_cases = sum(each.cases for each in sums.values())
    all_fen = sum(each.fen for each in sums.values())
    ordered = sorted(
        sums.items(),
        key=lambda item: (-item[1].cases, -item[1].pieces, -item[1].fen, item[0] or ""),
    )
    figures: list[ParetoFigure] = []
    cumulative = 0
    for key, each in ordered:
        cumulative += each.cases
        cause = ground.catalogue.causes.get(key or "") if by == "cause" else None
        figures.append(
            ParetoFigure(
                key=key,
                label=None if cause is None else cause.zh,
                cases=each.cases,
                pieces=each.pieces,
                cost=total(each.fen),
                share_permille=permille(each.cases, all_cases),
                cumulative_permille=permille(cumulative, all_cases),
                cost_share_permille=permille(each.fen, all_fen),
                case_nos=named(each.case_nos),
                cost_nos=named(each.cost_nos),
            )
        )
    return tuple(figures)
