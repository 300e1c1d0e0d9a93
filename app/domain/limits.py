"""The time limits of the procedure: what must be done until when, and by whom.

How long is a figure of the rule pack; until when is fixed in the event that starts a limit, so
that a revised pack changes nothing that runs already. Natural time is that of Asia/Shanghai.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.values import Role


class Span(BaseModel):
    """How long. Hours end to the second; days and working days with the end of the last one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Annotated[int, Field(ge=0, le=10_000, strict=True)]
    unit: Literal["HOURS", "DAYS", "WORKING_DAYS"]


def _is_none(value: object) -> bool:
    return value is None


class Due(BaseModel):
    """A limit that an event starts, and until when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: str = Field(examples=["T1"])
    due_at: datetime
    calendar: str | None = Field(
        default=None,
        exclude_if=_is_none,
        description="What its working days were counted by (工作日历); none: it has no such days.",
        examples=["CN holidays 0.109; declared N-2026-7"],
    )


class TimeLimits(BaseModel):
    """How long each limit is; no defaults."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    acknowledgement: Span = Field(description="T1, clause 4.2.1: receipt to the customer.")
    hand_over: Span = Field(description="T2, clause 4.2.1: Sales to QA.")
    first_reply: Span = Field(description="T3, clause 4.2.2: first reply with containment.")
    handling_plan: Span = Field(description="T4, clause 4.2.2: visit, return or cause.")
    service_same_province: Span = Field(description="T5, clause 4.3: visit begins, same province.")
    service_elsewhere: Span = Field(description="T5, clause 4.3: visit begins, elsewhere.")
    part_registration: Span = Field(description="T6, clause 4.4: registered after arrival.")
    part_analysis: Span = Field(description="T7, clause 4.4: cause after receipt of the part.")
    part_analysis_latest: Span = Field(description="T7: at the latest, after the case came in.")
    complete_analysis: Span = Field(description="T8, clause 4.2.3: analysis and measures sent.")
    measures_implemented: Span = Field(description="T9, clause 4.2.3: CAPA actions in place.")
    effectiveness_checked: Span = Field(description="T10, clause 4.2.3: CAPA evaluated.")
    claim_check: Span = Field(description="T12, clause 4.5: first check of a claim.")
    internal_trace: Span = Field(description="T14, clause 4.5: tracing result.")
    transport_damage: Span = Field(description="T15, R-10, clause 4.1.5: leader acknowledges.")
    quarterly_report: Span = Field(description="T16, R-14, clause 4.6.1: report issued.")
    capa_request: Span = Field(description="T18, clause 4.5: CAPA request answered.")
    management_review: Span = Field(description="T22, R-17, clause 4.6.2: pack of the year.")
    proof_of_delivery: Span = Field(description="T19, R-13, clause 4.1.4: signed list back.")
    recurrence_decision: Span = Field(description="T23, R-08, clause 4.6.1: QA decides.")


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """One limit: its clause, its words, and who must keep it."""

    limit: str
    clause: str
    en: str
    zh: str
    roles: tuple[Role, ...]
    rule_id: str | None = None


_ALL: Final = (
    TimeLimit("T1", "4.2.1", "Acknowledge the receipt to the customer", "向顾客确认受理",
              (Role.SALES_CLERK, Role.SALES_REP)),
    TimeLimit("T2", "4.2.1", "Hand a quality case over to QA", "质量类反馈移交品保部",
              (Role.SALES_CLERK,)),
    TimeLimit("T3", "4.2.2", "First reply with containment", "含遏制措施的首次回复",
              (Role.SALES_CLERK, Role.SALES_REP, Role.QA_ENGINEER)),
    TimeLimit("T4", "4.2.2", "Preliminary handling plan: visit, return or cause", "初步处置方案",
              (Role.QA_ENGINEER,)),
    TimeLimit("T5", "4.3", "On-site service begins", "现场服务开始", (Role.FIELD_SERVICE,)),
    TimeLimit("T6", "4.4", "Returned part registered after arrival", "退回件到货登记",
              (Role.WAREHOUSE,)),
    TimeLimit("T7", "4.4", "Part analysis and root cause", "退回件分析与原因判定",
              (Role.QA_ENGINEER, Role.TECH_ENGINEER)),
    TimeLimit("T8", "4.2.3", "Complete analysis and measures sent", "发出完整分析与措施",
              (Role.QA_ENGINEER, Role.SALES_CLERK, Role.SALES_REP)),
    TimeLimit("T9", "4.2.3", "CAPA measures in place", "纠正措施实施",
              (Role.QA_ENGINEER, Role.PRODUCTION)),
    TimeLimit("T10", "4.2.3", "CAPA effectiveness evaluated", "效果验证", (Role.QA_MANAGER,)),
    TimeLimit("T11", "4.5", "Objection to a claim", "索赔异议期限",
              (Role.QA_ENGINEER, Role.SALES_REP)),
    TimeLimit("T12", "4.5", "First check of a claim", "索赔初审", (Role.QA_ENGINEER,)),
    TimeLimit("T13", "4.5", "General manager acknowledges the escalation", "总经理确认上报事项",
              (Role.GENERAL_MANAGER,), "R-04"),
    TimeLimit("T14", "4.5", "Internal tracing result", "内部追溯排查结果",
              (Role.QA_ENGINEER, Role.PRODUCTION)),
    TimeLimit("T15", "4.1.5", "Warranty leader acknowledges transport damage", "组长确认运输损坏",
              (Role.TECH_DIRECTOR,), "R-10"),
    TimeLimit("T16", "4.6.1", "Quarterly report issued", "季度分析报告发布",
              (Role.QA_ENGINEER, Role.QA_MANAGER), "R-14"),
    TimeLimit("T17", "4.6.1", "Weekly PDCA progress published", "每周公布 PDCA 进度",
              (Role.QA_MANAGER,), "R-15"),
    TimeLimit("T18", "4.5", "CAPA request answered", "纠正预防措施要求答复", (Role.QA_ENGINEER,)),
    TimeLimit("T19", "4.1.4", "Signed shipping list back", "签收单回传",
              (Role.SALES_REP,), "R-13"),
    TimeLimit("T20", "4.2.1", "Final reply within the customer's deadline", "顾客期限内答复",
              (Role.SALES_CLERK, Role.SALES_REP), "R-11"),
    TimeLimit("T21", "4.5", "Claim filed by QA", "索赔归档", (Role.QA_ENGINEER,), "R-07"),
    TimeLimit("T22", "4.6.2", "Management-review pack of the year", "年度管理评审资料",
              (Role.QA_MANAGER,), "R-17"),
    TimeLimit("T23", "4.6.1", "Decide whether a failure recurred after improvement",
              "判定是否改善后重复发生", (Role.QA_MANAGER,), "R-08"),
)  # fmt: skip

LIMITS: Final[Mapping[str, TimeLimit]] = {each.limit: each for each in _ALL}
"""Every limit by its number in the reconstruction (T1-T19), and four that rules add."""
