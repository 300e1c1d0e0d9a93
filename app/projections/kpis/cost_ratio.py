"""KPI-3: what after-sales service cost the company in a year, of its sales. Clause 3.7, R-03.

A claim counts with what the company bears of it, in the period of its confirmation; other costs
in the period in which they arose. A service visit is such a cost by itself (decision 0013). What
third parties paid back is shown and not taken off.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import Field

from app.domain.money import Money, Total, money, total
from app.domain.sales_figures.events import SALES_FIGURES, SalesFigures
from app.projections.kpis.ground import (
    NAMED_MAX,
    Answer,
    Ground,
    Numbers,
    Part,
    Permille,
    TargetStatus,
    named,
    permille,
)

CLAIM: Final = "CLAIM"
PERCENT_PLACES: Final = 4

SELECT_COSTS: Final = f"""
    SELECT 'CLAIM' AS kind, substr(confirmed_on, 6, 2)::int AS month,
           sum(cost)::bigint AS fen, sum(recovered)::bigint AS recovered,
           (array_agg(claim_no ORDER BY claim_no) FILTER (WHERE cost > 0))[1:{NAMED_MAX}] AS nos
    FROM claims_ledger WHERE confirmed_on BETWEEN $1 AND $2
    GROUP BY 2
    UNION ALL
    SELECT kind, substr(arisen_on, 6, 2)::int, sum(amount)::bigint, 0,
           (array_agg(cost_no ORDER BY cost_no))[1:{NAMED_MAX}]
    FROM costs_ledger WHERE arisen_on BETWEEN $1 AND $2
    GROUP BY 1, 2
"""  # noqa: S608 - a constant


class KindOfCost(Part):
    """What one kind of cost added up to."""

    kind: str = Field(description="CLAIM, or the kind of a cost entry (费用类别).")
    amount: Total
    nos: Numbers


class MonthOfCost(Part):
    """One month, and the year up to its end."""

    month: int
    claims: Total
    entries: Total
    cost: Total
    net_sales: Money | None = Field(description="None: not known.")
    cost_to_date: Total
    net_sales_to_date: Total
    ratio_permille_to_date: Permille | None


class CostRatio(Answer):
    """KPI-3 of a year."""

    year: str
    cost: Total
    net_sales: Total
    months_known: tuple[int, ...] = Field(description="Months whose sales are known.")
    ratio_permille: Permille | None = Field(description="None: no sales are known.")
    ratio_percent: str | None = Field(
        description=f"With {PERCENT_PLACES} places, cut off.", examples=["1.9999"]
    )
    limit_permille: int
    warning_permille: int
    status: TargetStatus = Field(description="In exact whole numbers; UNKNOWN without sales.")
    warned: bool
    recovered: Total = Field(description="Paid back by third parties; not taken off (追偿).")
    by_kind: tuple[KindOfCost, ...]
    by_month: tuple[MonthOfCost, ...]


async def cost_ratio(ground: Ground, year: str) -> CostRatio:
    """Add up, and compare without rounding."""
    sales = await ground.snapshot.state_of(SALES_FIGURES, year)
    rows = await ground.fetch(SELECT_COSTS, f"{year}-01-01", f"{year}-12-31")
    cost = sum(row["fen"] for row in rows)
    net = sales.net_sales_fen
    most = ground.pack.figures.cost_ratio_permille_max
    near = ground.pack.figures.cost_ratio_warning_permille_min
    known = bool(sales.months)
    return CostRatio(
        **ground.said,
        year=year,
        cost=total(cost),
        net_sales=total(net),
        months_known=tuple(sales.months),
        ratio_permille=permille(cost, net),
        ratio_percent=_percent(cost, net),
        limit_permille=most,
        warning_permille=near,
        status=_status(cost, net, most) if known else TargetStatus.UNKNOWN,
        warned=known and cost > 0 and cost * 1000 >= net * near,
        recovered=total(sum(row["recovered"] for row in rows)),
        by_kind=_by_kind(rows),
        by_month=_by_month(rows, sales),
    )


def _status(cost_fen: int, net_sales_fen: int, most: int) -> TargetStatus:
    above = cost_fen * 1000 > net_sales_fen * most
    return TargetStatus.EXCEEDED if above else TargetStatus.MET


def _percent(cost_fen: int, net_sales_fen: int) -> str | None:
    if net_sales_fen == 0:
        return None
    scale = 10**PERCENT_PLACES
    whole, rest = divmod(cost_fen * 100 * scale // net_sales_fen, scale)
    return f"{whole}.{rest:0{PERCENT_PLACES}d}"


def _by_kind(rows: list[dict[str, Any]]) -> tuple[KindOfCost, ...]:
    sums: dict[str, int] = {}
    numbers: dict[str, list[str]] = {}
    for row in rows:
        sums[row["kind"]] = sums.get(row["kind"], 0) + row["fen"]
        numbers.setdefault(row["kind"], []).extend(row["nos"] or ())
    ordered = sorted(sums, key=lambda kind: (-sums[kind], kind))
    return tuple(
        KindOfCost(kind=kind, amount=total(sums[kind]), nos=named(numbers[kind]))
        for kind in ordered
    )


def _by_month(rows: list[dict[str, Any]], sales: SalesFigures) -> tuple[MonthOfCost, ...]:
    months: list[MonthOfCost] = []
    cost_to_date = sales_to_date = 0
    for month in range(1, 13):
        own = [row for row in rows if row["month"] == month]
        claims = sum(row["fen"] for row in own if row["kind"] == CLAIM)
        entries = sum(row["fen"] for row in own if row["kind"] != CLAIM)
        known = _known(sales.months, month)
        cost_to_date += claims + entries
        sales_to_date += known or 0
        months.append(
            MonthOfCost(
                month=month,
                claims=total(claims),
                entries=total(entries),
                cost=total(claims + entries),
                net_sales=None if known is None else money(known),
                cost_to_date=total(cost_to_date),
                net_sales_to_date=total(sales_to_date),
                ratio_permille_to_date=permille(cost_to_date, sales_to_date),
            )
        )
    return tuple(months)


def _known(months: Mapping[int, Any], month: int) -> int | None:
    return months[month].net_sales if month in months else None
