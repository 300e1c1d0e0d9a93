"""What can be asked of an appeal statement, and why it may say no."""

from typing import ClassVar, TypeAlias

from pydantic import Field

from app.domain.appeal.state import AppealGround, AppealReply, AppealVerdict, RequestedOutcome
from app.domain.decider import Command
from app.domain.errors import (
    AlreadyExists,
    Forbidden,
    Invalid,
    NotFound,
    ObjectionLapsed,
    Refused,
)
from app.domain.money import Money
from app.domain.values import Basis, Code, Count, Evidence, Id, Reason, Role, Text

# --- why it may say no ----------------------------------------------------------------------


class ClaimNotAppealable(Refused):
    """There is no such claim, or it is settled or over.

    「索赔不存在,或已结算、已结束,不能申诉。」
    """

    clause = "4.5"


class AppealUnderWay(Refused):
    """An appeal against this claim is open: revise it, or withdraw it first.

    「该索赔已有进行中的申诉书。」
    """


class AppealRequestMismatch(Invalid):
    """REDUCE_TO comes with an amount, SHARE with a share of ours, CANCEL with neither.

    「要求减额须填金额,要求分担须填我方比例,要求取消则均不填。」
    """


class NothingReduced(Invalid):
    """What we ask to be reduced to is less than what the claim stands at.

    「要求减至的金额应低于索赔现行金额。」
    """


class AppealIsOver(Refused):
    """The appeal is answered or withdrawn.

    「该申诉书已答复或已撤回。」
    """


class AppealAlreadySubmitted(Refused):
    """The appeal is with the customer; it is not written on any more.

    「申诉书已提交顾客。」
    """


class AppealAlreadyReviewed(Refused):
    """This revision of the appeal is reviewed.

    「申诉书已审核。」
    """


class AppealNotReviewed(Refused):
    """The quality manager has not reviewed this revision yet.

    「申诉书尚未审核。」
    """

    clause = "4.5"


class AppealAlreadyApproved(Refused):
    """This revision of the appeal is approved.

    「申诉书已批准。」
    """


class AppealNotApproved(Refused):
    """The technical director has not approved this revision yet.

    「申诉书尚未批准。」
    """

    clause = "4.5"


class AppealNotSubmitted(Refused):
    """The appeal has not gone to the customer yet.

    「申诉书尚未提交顾客。」
    """


class SodAppeal(Forbidden):
    """Whoever prepared an appeal does not review it, and a third person approves it.

    「申诉书的编制、审核、批准须由三人分别完成。」
    """

    clause = "4.5"


class AgreedAmountMismatch(Invalid):
    """A partly accepted appeal names what is still to be paid; a rejected one does not.

    「部分接受须填写商定金额;拒绝则不填。」
    """


# --- what can be asked ----------------------------------------------------------------------


class WriteStatement(Command):
    """What a statement says, drafted or revised."""

    received_pieces: Count = Field(description="Pieces that came back to be looked at (收到件数).")
    tests: Text = Field(description="How the parts were analysed (分析方法).")
    findings: Text = Field(description="What was found (分析结果).")
    photos: tuple[Code, ...] = Field(
        default=(), max_length=50, description="照片: photo or document numbers."
    )
    verdict: AppealVerdict
    grounds: tuple[AppealGround, ...] = Field(
        min_length=1, max_length=20, description="申诉理由: each code with what supports it."
    )
    evidence: Evidence
    requested: RequestedOutcome
    reduce_to: Money | None = Field(default=None, description="With REDUCE_TO (减至金额).")
    company_bps: Basis | None = Field(
        default=None, description="With SHARE: what we would bear (我方比例)."
    )


class DraftAppeal(WriteStatement):
    """Write down what was found and why a claim should not stand (编制申诉书)."""

    clause: ClassVar[str] = "4.4"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    opens: ClassVar[bool] = True
    refusals = (
        AlreadyExists,
        ClaimNotAppealable,
        AppealUnderWay,
        AppealRequestMismatch,
        NothingReduced,
    )

    claim_id: Id


class ReviseAppeal(WriteStatement):
    """Write the statement anew; it is then reviewed and approved anew (修改申诉书)."""

    clause: ClassVar[str] = "4.4"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    refusals = (
        NotFound,
        AppealIsOver,
        AppealAlreadySubmitted,
        ClaimNotAppealable,
        AppealRequestMismatch,
        NothingReduced,
    )


class ReviewAppeal(Command):
    """Stand by the statement as a second person (审核申诉书)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    refusals = (NotFound, AppealIsOver, AppealAlreadySubmitted, AppealAlreadyReviewed, SodAppeal)

    remark: Text | None = None


class ApproveAppeal(Command):
    """Let the statement go to the customer, as a third person (批准申诉书)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.TECH_DIRECTOR})
    refusals = (
        NotFound,
        AppealIsOver,
        AppealAlreadySubmitted,
        AppealNotReviewed,
        AppealAlreadyApproved,
        SodAppeal,
    )


class SubmitAppeal(Command):
    """Send the statement to the customer, which objects to the claim (提交申诉书)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_REP})
    refusals = (
        NotFound,
        AppealIsOver,
        AppealAlreadySubmitted,
        AppealNotApproved,
        ClaimNotAppealable,
        ObjectionLapsed,
    )

    doc_ref: Code = Field(description="The number of the statement as it was sent.")


class RecordAppealAnswer(Command):
    """Record what the customer says to the appeal (记录顾客答复)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_REP})
    refusals = (NotFound, AppealIsOver, AppealNotSubmitted, AgreedAmountMismatch)

    outcome: AppealReply
    agreed_amount: Money | None = Field(
        default=None, description="What is still to be paid; needed when PARTLY accepted."
    )
    doc_ref: Code = Field(description="The number of the customer's answer.")


class WithdrawAppeal(Command):
    """Give the appeal up (撤回申诉书)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER, Role.SALES_REP})
    refusals = (NotFound, AppealIsOver)

    reason: Reason


AppealCommand: TypeAlias = (
    DraftAppeal
    | ReviseAppeal
    | ReviewAppeal
    | ApproveAppeal
    | SubmitAppeal
    | RecordAppealAnswer
    | WithdrawAppeal
)
