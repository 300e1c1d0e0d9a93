"""Why a claim may say no."""

from app.domain.errors import Forbidden, Invalid, Refused

# --- coming in ------------------------------------------------------------------------------


class NoticeAlreadyClaimed(Refused):
    """This notice of the customer is registered already.

    Read the claim in `claim_id`; a corrected notice comes under a number of its own.

    「该顾客的索赔通知已登记。」
    """


class SumMismatch(Invalid):
    """The lines do not add up to the total.

    「明细合计与总额不符。」
    """


class LineMismatch(Invalid):
    """Quantity times unit price is not the amount of the line, to the fen.

    Give quantity and unit price together, or neither and only the amount.

    「数量乘单价与明细金额不符。」
    """


class ClaimLineTwice(Invalid):
    """A line number is used once.

    「明细行号不能重复。」
    """


class CurrencyMismatch(Invalid):
    """Every amount of a notice is in the currency of the notice.

    「各项金额的币种须与索赔通知一致。」
    """


class ExchangeRateMismatch(Invalid):
    """A notice in another currency than CNY comes with its rate, one in CNY without.

    「外币索赔须填写汇率,人民币索赔不填。」
    """


class ConvertedTooLarge(Invalid):
    """The notice comes to more in CNY than can be written.

    「折合人民币金额超出范围。」
    """


class SpecMissing(Invalid):
    """A material line names its specification, and so does at least one line of the claim.

    「材料费明细必须注明规格。」
    """


class FailureAfterNotice(Invalid):
    """A part cannot fail after it is claimed.

    「故障日期不能晚于索赔通知日期。」
    """


class CaseNotClaimable(Refused):
    """There is no such feedback case, or it was voided or merged.

    「反馈单不存在,或已作废、已合并。」
    """


class ClaimOfAnotherCustomer(Invalid):
    """The feedback case is another customer's.

    「索赔顾客与反馈单顾客不一致。」
    """


class CaseAlreadyLinked(Refused):
    """The claim is about this case already.

    「该反馈单已关联。」
    """


# --- where it stands ------------------------------------------------------------------------


class ClaimIsOver(Refused):
    """The claim is closed, rejected, cancelled or withdrawn.

    「该索赔已结束。」
    """


class ClaimNotChecked(Refused):
    """QA checks a claim before somebody travels for it.

    「索赔须先经品保部审核。」
    """


class ClaimCheckFailed(Refused):
    """QA's last check found the claim wanting: check it again, or reject it.

    「品保部审核未通过,须重新审核或拒绝。」
    """


class VerifiedBackwards(Invalid):
    """A visit does not end before it begins.

    「飞行确认的结束时间不能早于开始时间。」
    """


class ClaimNotVerified(Refused):
    """Nobody has looked at the failure yet; an amount is confirmed on the spot.

    「尚未进行飞行确认,不能确认金额。」
    """

    clause = "4.5"


class ClaimAlreadyConfirmed(Refused):
    """An amount stands already; it can only be adjusted by negotiation.

    「金额已确认;变更须经协商调整。」
    """

    clause = "4.5"


class ClaimNotConfirmed(Refused):
    """The amount is not confirmed yet.

    「金额尚未确认。」
    """

    clause = "4.5"


class MoreThanClaimed(Refused):
    """More than was claimed is confirmed only with a reason.

    「确认金额超过索赔金额时必须说明原因。」
    """


class NoSuchClaimLine(Invalid):
    """The claim has no line of this number.

    「索赔中没有该行号。」
    """


class SodClaim(Forbidden):
    """Whoever registered a claim does not confirm its amount.

    「登记人不能确认同一索赔的金额。」
    """

    clause = "4.5"


# --- the split ------------------------------------------------------------------------------


class ClaimWithoutCase(Refused):
    """A claim is split by the judgement of its feedback case; none is linked.

    「索赔尚未关联反馈单,无法按责任分担。」
    """

    clause = "4.5"


class CaseNotJudged(Refused):
    """Engineering has not judged the responsibility for the feedback case yet.

    「技术部尚未对该反馈单作责任判定。」
    """

    clause = "3.4"


class JudgementsDiffer(Refused):
    """The cases of the claim were judged differently; one claim is split by one table.

    Raise a dispute and agree on shares, or have the customer claim them apart.

    「各反馈单责任判定不一致,不能按同一比例分担。」
    """

    clause = "4.5"


class AgreementNotInForce(Refused):
    """No agreement with the customer is in force on the day that counts.

    Draft and approve the version that covers `basis_on`, then split.

    「在计算日期没有有效的售后协议。」
    """

    clause = "4.5"
    rule = "R-18"


class AgreementSilent(Refused):
    """The agreement in force does not say who bears causes of this class.

    Judge the responsibility with shares, or have a version approved that names the class.

    「有效协议未约定该类原因的责任比例。」
    """

    clause = "4.5"
    rule = "R-18"


class DeliveryDayMissing(Refused):
    """The agreement counts from the day of delivery, which the claim does not give.

    「协议以交付日期为准,但索赔未提供交付日期。」
    """

    clause = "4.5"
    rule = "R-18"


class AlreadySplit(Refused):
    """The claim is split, and its cases were not judged anew since, or its shares were negotiated.

    「索赔已分担,且责任判定没有变化,或责任比例已经协商确定。」
    """


class ClaimNotSplit(Refused):
    """The claim is not split yet.

    「索赔尚未按责任分担。」
    """

    clause = "4.5"


# --- going out ------------------------------------------------------------------------------


class SodExecution(Forbidden):
    """Whoever confirmed the amount does not approve its execution.

    「金额确认人不能批准执行。」
    """

    clause = "4.5"


class ExecutionAlreadyApproved(Refused):
    """The execution is approved already.

    「执行已批准。」
    """


class ExecutionNotApproved(Refused):
    """The technical director has not approved the execution yet.

    「技术总监尚未批准执行。」
    """

    clause = "3.4"


class SodSettlement(Forbidden):
    """Whoever approved the execution does not settle the claim.

    「执行批准人不能办理结算。」
    """

    clause = "4.5"


class SettlementMismatch(Invalid):
    """What is settled is what the company bears, or that and what it advances for a third party.

    「结算金额应为我方承担金额,或我方承担与代第三方垫付金额之和。」
    """

    clause = "4.5"


class ClaimAlreadySettled(Refused):
    """The claim is settled already.

    「索赔已结算。」
    """


class ClaimNotSettled(Refused):
    """The claim is not settled yet.

    「索赔尚未结算。」
    """


class ClaimAlreadyFiled(Refused):
    """The claim is filed already.

    「索赔已归档。」
    """


class FilingNoTaken(Refused):
    """Another claim is filed under this number.

    「该归档号已被使用。」
    """


class ClaimNotFiled(Refused):
    """Every claim is filed by QA before it is closed.

    「索赔须先由品保部归档,才能关闭。」
    """

    clause = "4.5"
    rule = "R-07"


class NotRecoverable(Refused):
    """No more is recovered from a third party than it bears, and not twice from the same.

    「向第三方追偿不能超过其承担金额,且同一方只登记一次。」
    """

    clause = "4.5"


class MoreReceivedThanOwed(Refused):
    """No more comes back than was asked for.

    「收回金额不能超过追偿金额。」
    """


class RecoveryUnknown(Invalid):
    """Nothing was asked of this third party for the claim.

    「未登记向该第三方的追偿。」
    """
