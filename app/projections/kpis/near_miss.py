"""What is one step from a limit, or may have been kept below it on purpose. Clauses 3.7 and 4.5.

Specifications one claim below R-05, causes at R-01's target or one below it, claims just within
R-04, and claims of one customer and specification that would be above R-04 together.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from pydantic import Field

from app.domain.money import Money, Total, money, total
from app.domain.registers.spec_claims import Window
from app.domain.rules import Figures
from app.domain.values import quarter_of
from app.projections.kpis.cause_frequency import CauseFigure, cause_frequency
from app.projections.kpis.ground import NAMED_MAX, Answer, Ground, Numbers, Part, named

CLOSE_PERCENT: Final = 90
"""From this part of R-04's limit on, a claim is close to it."""
SPLIT_DAYS: Final = 7
"""Notices within so many days of each other may be one claim that was split."""

SELECT_SPECS: Final = f"""
    SELECT spec->>'spec_code' AS spec_code,
           CASE WHEN $3 THEN customer_id END AS customer_id,
           count(*) AS claims, sum((spec->>'pieces')::int)::bigint AS pieces,
           (array_agg(claim_no ORDER BY claim_no))[1:{NAMED_MAX}] AS nos
    FROM claims_ledger, json_array_elements(body->'specs') AS spec
    WHERE confirmed_on BETWEEN $1 AND $2
      AND body->>'counts' = 'true' AND status NOT IN ('CANCELLED', 'WITHDRAWN', 'REJECTED')
    GROUP BY 1, 2
    HAVING CASE WHEN $4 THEN sum((spec->>'pieces')::int) ELSE count(*) END = $5
    ORDER BY 1, 2
"""  # noqa: S608 - a constant

SELECT_CLOSE: Final = """
    SELECT row_id, claim_no, customer_id, spec_codes->>0 AS spec_code, amount, confirmed_on
    FROM claims_ledger
    WHERE confirmed_on BETWEEN $1 AND $2 AND amount BETWEEN $3 AND $4
      AND status NOT IN ('CANCELLED', 'WITHDRAWN', 'REJECTED')
    ORDER BY amount DESC, claim_no
    LIMIT $5
"""

SELECT_SPLIT: Final = """
    SELECT customer_id, spec_code, nos, fen FROM (
        SELECT customer_id, spec_code, notice_on, claim_no,
               array_agg(claim_no) OVER within AS nos, sum(fen) OVER within AS fen
        FROM (
            SELECT c.customer_id, spec.value AS spec_code, c.notice_on::date AS notice_on,
                   c.claim_no, coalesce(c.amount, c.claimed) AS fen
            FROM claims_ledger c, jsonb_array_elements_text(c.spec_codes) AS spec
            WHERE c.notice_on BETWEEN $1 AND $2
              AND c.status NOT IN ('CANCELLED', 'WITHDRAWN', 'REJECTED')
        ) AS told
        WHERE fen <= $3
        WINDOW within AS (PARTITION BY customer_id, spec_code ORDER BY notice_on
                          RANGE BETWEEN $4 * interval '1 day' PRECEDING AND CURRENT ROW)
    ) AS summed
    WHERE fen > $3
    ORDER BY customer_id, spec_code, notice_on, claim_no
    LIMIT $5
"""


class SpecNear(Part):
    """A specification that the next claim takes to the general manager (R-05)."""

    spec_code: str
    customer_id: str | None = Field(description="Where each customer is counted alone.")
    window: str = Field(examples=["2025"])
    observed: int
    threshold: int
    unit: str
    claim_nos: Numbers


class ClaimNear(Part):
    """A claim just within the amount that may be confirmed without the general manager (R-04)."""

    claim_id: str
    claim_no: str
    customer_id: str
    spec_code: str | None
    amount: Money
    limit: Money
    confirmed_on: str


class SplitSuspected(Part):
    """Claims that are each within R-04's limit, and together above it (拆分索赔)."""

    customer_id: str
    spec_code: str
    total: Total
    limit: Money
    claim_nos: Numbers


class NearMiss(Answer):
    """What is near a limit on a day."""

    on: str
    specs: tuple[SpecNear, ...]
    causes: tuple[CauseFigure, ...] = Field(description="At the target of R-01, or one below it.")
    claims: tuple[ClaimNear, ...] = Field(
        description=f"From {CLOSE_PERCENT} % of R-04's limit up to it, in the year."
    )
    splitting: tuple[SplitSuspected, ...] = Field(
        description=f"Notices within {SPLIT_DAYS} days of each other, in the year."
    )


async def near_miss(ground: Ground, on: date) -> NearMiss:
    """Four looks at a day: in its window, its quarter and its year."""
    figures = ground.pack.figures
    quarter = await cause_frequency(ground, quarter_of(on))
    limit = figures.cause_occurrences_quarter_max
    return NearMiss(
        **ground.said,
        on=on.isoformat(),
        specs=await _specs(ground, figures, on),
        causes=tuple(each for each in quarter.causes if each.count in {limit - 1, limit}),
        claims=await _claims(ground, figures.single_claim_fen_max, on),
        splitting=await _splitting(ground, figures.single_claim_fen_max, on),
    )


async def _specs(ground: Ground, figures: Figures, on: date) -> tuple[SpecNear, ...]:
    alone, unit = figures.spec_claims_per_customer, figures.spec_claims_unit
    window = Window.around(on, "", figures).label.partition("/")[0]
    first, last = Window(window).days(on)
    near = figures.spec_claims_min - 1
    if near == 0:
        return ()
    in_pieces = unit == "PIECES"
    rows = await ground.fetch(SELECT_SPECS, str(first), str(last), alone, in_pieces, near)
    return tuple(
        SpecNear(
            spec_code=row["spec_code"],
            customer_id=row["customer_id"],
            window=window,
            observed=near,
            threshold=figures.spec_claims_min,
            unit=unit,
            claim_nos=named(row["nos"]),
        )
        for row in rows
    )


async def _claims(ground: Ground, limit: int, on: date) -> tuple[ClaimNear, ...]:
    least = -(-limit * CLOSE_PERCENT // 100)
    rows = await ground.fetch(SELECT_CLOSE, f"{on.year}-01-01", str(on), least, limit, NAMED_MAX)
    return tuple(
        ClaimNear(
            claim_id=row["row_id"],
            claim_no=row["claim_no"],
            customer_id=row["customer_id"],
            spec_code=row["spec_code"],
            amount=money(row["amount"]),
            limit=money(limit),
            confirmed_on=row["confirmed_on"],
        )
        for row in rows
    )


async def _splitting(ground: Ground, limit: int, on: date) -> tuple[SplitSuspected, ...]:
    rows = await ground.fetch(
        SELECT_SPLIT, f"{on.year}-01-01", str(on), limit, SPLIT_DAYS, NAMED_MAX
    )
    return tuple(
        SplitSuspected(
            customer_id=row["customer_id"],
            spec_code=row["spec_code"],
            total=total(int(row["fen"])),
            limit=money(limit),
            claim_nos=named(row["nos"]),
        )
        for row in _widest(rows)
    )


def _widest(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of groups that tell of the same claims, the one that has them all."""
    kept: list[dict[str, Any]] = []
    for row in sorted(rows, key=lambda row: -len(row["nos"])):
        wider = (each for each in kept if each["spec_code"] == row["spec_code"])
        if not any(set(row["nos"]) <= set(each["nos"]) for each in wider):
            kept.append(row)
    return sorted(kept, key=lambda row: (row["customer_id"], row["spec_code"], row["nos"]))
