"""The figures of the procedure, and what a rule answers.

A figure is data, never a constant in the code: the general manager approves a new rule pack and
the house obeys it from `effective_from` on. A decision that a rule took names the pack and what
it saw, so that it can be explained for ever.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.limits import TimeLimits
from app.domain.money import Fen

Operator = Literal[">", ">=", "<", "<=", "=="]


class Figures(BaseModel):
    """The figures of one rule pack; no defaults. Names end in the unit, then `_max` or `_min`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cause_occurrences_quarter_max: int = Field(
        ge=0,
        le=1_000_000,
        strict=True,
        description="R-01, clause 3.7: one cause in one quarter. 同一原因每季度累计次数上限.",
    )
    cause_occurrences_warning_min: int = Field(
        ge=1, le=1_000_000, strict=True, description="R-01: early warning at it. 预警次数."
    )
    occurrence_pieces_max: int = Field(
        ge=0, le=1_000_000, strict=True, description="R-02, clause 3.7: 单次件数上限."
    )
    cost_ratio_permille_max: int = Field(
        ge=0,
        le=1_000,
        strict=True,
        description="R-03, clause 3.7: after-sales cost of a year to its sales. 费用占销售额上限.",
    )
    cost_ratio_warning_permille_min: int = Field(
        ge=0, le=1_000, strict=True, description="R-03: early warning at it, year to date. 预警."
    )
    single_claim_fen_max: Fen = Field(
        strict=True, description="R-04, clause 4.5: above it to the general manager. 单次索赔额."
    )
    spec_claims_min: int = Field(
        ge=1, le=1_000, strict=True, description="R-05, clause 4.5: at it. 同一规格索赔件次."
    )
    spec_claims_unit: Literal["CLAIMS", "PIECES"] = Field(description="R-05: what is counted.")
    spec_claims_window: Literal["AGREEMENT_YEAR", "QUARTER", "ROLLING_365D"] = Field(
        description="R-05: in which time it is counted."
    )
    spec_claims_per_customer: bool = Field(
        strict=True, description="R-05: whether each customer is counted alone."
    )
    feedback_age_days_max: int = Field(
        ge=0, le=3_660, strict=True, description="4.2.1: older occurrences need a late reason."
    )
    silence_days_min: int = Field(
        ge=0, le=366, strict=True, description="4.2: days without an answer that close a case."
    )
    general_manager_report_hours_max: int = Field(
        ge=0, le=8_760, strict=True, description="T13, clause 4.5: report to the general manager."
    )
    claim_filing_days_max: int = Field(
        ge=0, le=366, strict=True, description="R-07, clause 4.5: days until a claim is filed."
    )
    claim_objection_days_max: int = Field(
        ge=0,
        le=366,
        strict=True,
        description="T11, clause 4.5: days to object where no agreement says so. 异议期限.",
    )
    batch_nok_permille_min: int = Field(
        ge=1,
        le=1_000,
        strict=True,
        description="R-09, clause 4.6.1: at it a lot is a batch problem. 批次不合格率(千分比).",
    )
    time_limits: TimeLimits = Field(description="T1-T23: how long each time limit is. 时限.")


class RulePack(BaseModel):
    """One approved set of figures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(ge=1)
    effective_from: datetime
    procedure_revision: str = Field(examples=["A0"])
    figures: Figures


class Decision(BaseModel):
    """What a rule saw and said, in figures that an auditor can check by hand (判定依据).

    `observed` and `threshold` are whole numbers in `unit`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule_id: str = Field(examples=["R-04"])
    clause: str = Field(examples=["4.5"])
    rule_pack_version: int
    observed: int
    operator: Operator
    threshold: int
    unit: Literal["FEN", "PIECES", "CLAIMS", "PERMILLE", "BPS", "DAYS", "OCCURRENCES"]
    fires: bool
    evidence: tuple[str, ...] = ()
    """Numbers or event ids of what was counted."""


def decided(  # noqa: PLR0913, PLR0917 - each is one column of the verdict that an auditor reads
    rule_id: str,
    clause: str,
    pack: RulePack,
    observed: int,
    operator: Operator,
    threshold: int,
    unit: Literal["FEN", "PIECES", "CLAIMS", "PERMILLE", "BPS", "DAYS", "OCCURRENCES"],
    evidence: tuple[str, ...] = (),
) -> Decision:
    """Compare, and write down what was compared."""
    fires = {
        ">": observed > threshold,
        ">=": observed >= threshold,
        "<": observed < threshold,
        "<=": observed <= threshold,
        "==": observed == threshold,
    }[operator]
    return Decision(
        rule_id=rule_id,
        clause=clause,
        rule_pack_version=pack.version,
        observed=observed,
        operator=operator,
        threshold=threshold,
        unit=unit,
        fires=fires,
        evidence=evidence,
    )
