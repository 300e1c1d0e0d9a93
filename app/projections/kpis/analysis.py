"""How well failures were understood in a quarter. Clauses 3.2, 3.3, 4.4, 4.5, 4.6.1.

Part analyses that ended in it, claims confirmed in it, measures checked in it, and cases that
occurred in it although a measure against their cause was in place when the part was made.
"""

from typing import Any, Final

from pydantic import Field

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

SELECT_PARTS: Final = f"""
    SELECT count(*) AS analyses, coalesce(sum(lead_hours), 0)::bigint AS hours,
           coalesce(max(lead_hours), 0) AS longest, coalesce(sum(concluded), 0)::bigint AS pieces,
           coalesce(sum(no_trouble_found), 0)::bigint AS faultless,
           (array_agg(return_no ORDER BY return_no))[1:{NAMED_MAX}] AS nos
    FROM part_analyses WHERE analysed_quarter = $1
"""  # noqa: S608 - a constant

SELECT_CLAIMS: Final = f"""
    SELECT count(*) AS claims, count(*) FILTER (WHERE mode <> 'REMOTE_EVIDENCE') AS on_site,
           count(*) FILTER (WHERE mode = 'UNANNOUNCED_VISIT') AS unannounced,
           (array_agg(claim_no ORDER BY claim_no)
               FILTER (WHERE mode = 'REMOTE_EVIDENCE'))[1:{NAMED_MAX}] AS nos
    FROM (SELECT claim_no, body->>'verification_mode' AS mode FROM claims_ledger
          WHERE confirmed_on BETWEEN $1 AND $2) AS confirmed
"""  # noqa: S608 - a constant

SELECT_CHECKS: Final = f"""
    SELECT result, count(*) AS times,
           (array_agg(measure_no ORDER BY measure_no))[1:{NAMED_MAX}] AS nos
    FROM measures WHERE checked_quarter = $1
    GROUP BY 1
"""  # noqa: S608 - a constant

SELECT_MADE_UNDER_A_MEASURE: Final = f"""
    SELECT f.case_no, f.counted_cause AS cause_code, f.spec_code, f.body->>'produced_on' AS made_on,
           m.measure_no, m.effective_from, m.cause_code AS against
    FROM feedback_ledger f JOIN measures m
         ON m.spec_code = f.spec_code AND m.effective_from <= f.body->>'produced_on'
    WHERE f.occurred_quarter = $1 AND f.counted_cause IS NOT NULL
      AND f.body->>'cause_approved' = 'true'
    ORDER BY f.case_no, m.measure_no
    LIMIT {NAMED_MAX}
"""  # noqa: S608 - a constant


class PartAnalysis(Part):
    """Returned parts whose analysis ended in the quarter."""

    analyses: int = Field(description="Return lists.")
    average_lead_hours: int | None = Field(
        description="From the first receipt to the last result, cut off (平均分析周期)."
    )
    longest_lead_hours: int | None
    pieces: int
    no_trouble_found: int = Field(description="Pieces without a fault (NTF).")
    no_trouble_found_permille: Permille | None
    return_nos: Numbers


class Verification(Part):
    """How the claims confirmed in the quarter were looked at (飞行确认)."""

    claims: int
    on_site: int
    unannounced: int
    on_site_permille: Permille | None
    remote_claim_nos: Numbers


class Effectiveness(Part):
    """Measures whose effect was checked in the quarter."""

    checked: int
    effective: int
    ineffective: int
    not_verifiable: int
    effective_permille: Permille | None = Field(description="Of those that could be verified.")
    ineffective_measure_nos: Numbers


class Recurrence(Part):
    """A case whose part was made under a measure against its cause."""

    case_no: str
    cause_code: str
    spec_code: str
    produced_on: str
    measure_no: str
    effective_from: str


class Analysis(Answer):
    """How well failures were understood in a quarter."""

    quarter: str
    part_analysis: PartAnalysis
    verification: Verification
    effectiveness: Effectiveness
    recurrences: tuple[Recurrence, ...]


async def analysis(ground: Ground, quarter: str) -> Analysis:
    """Four looks at one quarter."""
    first, last = days_of_quarter(quarter)
    (parts,) = await ground.fetch(SELECT_PARTS, quarter)
    (claims,) = await ground.fetch(SELECT_CLAIMS, str(first), str(last))
    checks = await ground.fetch(SELECT_CHECKS, quarter)
    made = await ground.fetch(SELECT_MADE_UNDER_A_MEASURE, quarter)
    return Analysis(
        **ground.said,
        quarter=quarter,
        part_analysis=_parts(parts),
        verification=Verification(
            claims=claims["claims"],
            on_site=claims["on_site"],
            unannounced=claims["unannounced"],
            on_site_permille=permille(claims["on_site"], claims["claims"]),
            remote_claim_nos=named(claims["nos"] or ()),
        ),
        effectiveness=_effectiveness(checks),
        recurrences=tuple(_recurrence(row) for row in made if _same_cause(ground, row)),
    )


def _parts(row: dict[str, Any]) -> PartAnalysis:
    analyses = row["analyses"]
    return PartAnalysis(
        analyses=analyses,
        average_lead_hours=row["hours"] // analyses if analyses else None,
        longest_lead_hours=row["longest"] if analyses else None,
        pieces=row["pieces"],
        no_trouble_found=row["faultless"],
        no_trouble_found_permille=permille(row["faultless"], row["pieces"]),
        return_nos=named(row["nos"] or ()),
    )


def _effectiveness(rows: list[dict[str, Any]]) -> Effectiveness:
    times = {row["result"]: row["times"] for row in rows}
    nos = {row["result"]: row["nos"] for row in rows}
    effective, ineffective = times.get("EFFECTIVE", 0), times.get("INEFFECTIVE", 0)
    return Effectiveness(
        checked=sum(times.values()),
        effective=effective,
        ineffective=ineffective,
        not_verifiable=times.get("NOT_VERIFIABLE", 0),
        effective_permille=permille(effective, effective + ineffective),
        ineffective_measure_nos=named(nos.get("INEFFECTIVE", ())),
    )


def _same_cause(ground: Ground, row: dict[str, Any]) -> bool:
    if row["against"] is None:
        return False
    head_of = ground.catalogue.head_of
    return head_of(row["cause_code"]) == head_of(row["against"])


def _recurrence(row: dict[str, Any]) -> Recurrence:
    return Recurrence(
        case_no=row["case_no"],
        cause_code=row["cause_code"],
        spec_code=row["spec_code"],
        produced_on=row["made_on"],
        measure_no=row["measure_no"],
        effective_from=row["effective_from"],
    )
