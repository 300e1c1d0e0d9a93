"""KPI-1: how often each failure cause occurred in a quarter. Clause 3.7, rule R-01.

A case counts as it says itself (`counted_cause`); causes that were merged are counted as what they
were merged into, before the merge as after it.
"""

from collections import defaultdict
from typing import Final

from pydantic import Field

from app.domain.registers.occurrences import counts
from app.projections.kpis.ground import (
    NAMED_MAX,
    Answer,
    Ground,
    Numbers,
    Part,
    TargetStatus,
    named,
)

SELECT_COUNTED: Final = f"""
    SELECT counted_cause AS cause, count(*) AS cases,
           (array_agg(case_no ORDER BY case_no))[1:{NAMED_MAX}] AS case_nos
    FROM feedback_ledger
    WHERE occurred_quarter = $1 AND counted_cause IS NOT NULL
    GROUP BY counted_cause
"""  # noqa: S608 - a constant

SELECT_NOT_COUNTED: Final = f"""
    SELECT cause_code IS NULL AS undetermined, count(*) AS cases,
           (array_agg(case_no ORDER BY case_no))[1:{NAMED_MAX}] AS case_nos
    FROM feedback_ledger
    WHERE occurred_quarter = $1 AND counted_cause IS NULL AND status NOT IN ('VOIDED', 'MERGED')
      AND (category IN ('PRODUCT', 'PACKAGING') OR cause_code IS NOT NULL)
    GROUP BY 1
"""  # noqa: S608 - a constant


class CauseFigure(Part):
    """One cause in the quarter."""

    cause_code: str
    zh: str
    en: str
    count: int = Field(description="Occurrences: feedback cases, not pieces (累计次数).")
    limit: int
    status: TargetStatus
    warned: bool = Field(description="At the figure of the early warning or above it (预警).")
    merged_codes: tuple[str, ...] = Field(description="Codes that are counted as this one.")
    case_nos: Numbers


class Bucket(Part):
    """Cases that are shown beside the causes and counted under none."""

    count: int
    case_nos: Numbers


class CauseFrequency(Answer):
    """KPI-1 of a quarter, the most frequent cause first."""

    quarter: str
    limit: int = Field(description="R-01: occurrences of one cause that are still a pass.")
    warning: int = Field(description="R-01: from which on it is warned of.")
    causes: tuple[CauseFigure, ...]
    undetermined: Bucket = Field(
        description="Cases of product or packaging without a cause yet (原因未定)."
    )
    excluded: Bucket = Field(
        description="With a cause, but no fault of ours: NTF, transport, or judged so (不计入)."
    )


async def cause_frequency(ground: Ground, quarter: str) -> CauseFrequency:
    """Count, with what was merged added up."""
    figures, catalogue = ground.pack.figures, ground.catalogue
    limit, warning = figures.cause_occurrences_quarter_max, figures.cause_occurrences_warning_min
    cases: dict[str, int] = defaultdict(int)
    numbers: dict[str, list[str]] = defaultdict(list)
    for row in await ground.fetch(SELECT_COUNTED, quarter):
        head = catalogue.head_of(row["cause"])
        cases[head] += row["cases"]
        numbers[head] += row["case_nos"]
    causes = [
        CauseFigure(
            cause_code=code,
            zh=catalogue.causes[code].zh,
            en=catalogue.causes[code].en,
            count=count,
            limit=limit,
            status=TargetStatus.EXCEEDED if count > limit else TargetStatus.MET,
            warned=count >= warning,
            merged_codes=catalogue.members_of(code)[1:],
            case_nos=named(numbers[code]),
        )
        for code, count in cases.items()
        if counts(catalogue, code)
    ]
    beside = {
        row["undetermined"]: (row["cases"], row["case_nos"])
        for row in await ground.fetch(SELECT_NOT_COUNTED, quarter)
    }
    undetermined, judged = beside.get(True, (0, [])), beside.get(False, (0, []))
    faultless = [code for code in cases if not counts(catalogue, code)]
    return CauseFrequency(
        **ground.said,
        quarter=quarter,
        limit=limit,
        warning=warning,
        causes=tuple(sorted(causes, key=lambda each: (-each.count, each.cause_code))),
        undetermined=Bucket(count=undetermined[0], case_nos=named(undetermined[1])),
        excluded=Bucket(
            count=judged[0] + sum(cases[code] for code in faultless),
            case_nos=named([*judged[1], *(no for code in faultless for no in numbers[code])]),
        ),
    )
