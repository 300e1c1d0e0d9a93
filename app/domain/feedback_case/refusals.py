"""Why a feedback case may say no."""

from app.domain.errors import Forbidden, Invalid, Refused

# --- coming in ------------------------------------------------------------------------------


class LateReasonMissing(Invalid):
    """An occurrence that is this old needs a reason why it is reported so late.

    「发生日期过早,必须说明迟报原因。」
    """

    clause = "4.2.1"


class ProducedAfterOccurred(Invalid):
    """A part cannot fail before it is made.

    「生产日期不能晚于发生日期。」
    """


class OccurredAfterReceived(Invalid):
    """Nobody tells of a failure before it occurs.

    「发生日期不能晚于接收日期。」
    """


class DeadlineBeforeReceipt(Invalid):
    """The customer's deadline lies before the matter was received.

    「顾客期限不能早于接收时间。」
    """


class CaseNotClassified(Refused):
    """A case is classified before anything else is done with it.

    「反馈单须先分类,才能进行其他步骤。」
    """

    clause = "4.2.1"


class AlreadyClassified(Refused):
    """The case has its class; QA reclassifies it, with a reason.

    「反馈单已分类;变更分类由品保部说明原因后进行。」
    """

    clause = "4.2.1"


class ClassUnchanged(Refused):
    """The case has this category and severity already.

    「类别和等级没有变化。」
    """


class DepartmentMismatch(Invalid):
    """The class of the case is passed on to other departments.

    「传递部门与反馈类别不符。」
    """

    clause = "4.2.1"


class AlreadyAcknowledged(Refused):
    """The customer knows already that we received it.

    「已向顾客确认受理。」
    """


class BeforeReceipt(Invalid):
    """Nothing can be acknowledged before it was received.

    「确认受理时间不能早于接收时间。」
    """


class MoreNokThanChecked(Invalid):
    """No more pieces can be faulty than were checked.

    「不合格数不能大于检查数。」
    """


# --- cause and responsibility ---------------------------------------------------------------


class CauseNotInUse(Refused):
    """The cause catalogue has no active cause of this code.

    「故障原因目录中没有该有效原因代码。」
    """

    clause = "3.7"


class CauseNotHandedOver(Forbidden):
    """Engineering determines a cause when QA's was rejected or the case was forwarded to it.

    「未确认的原因才由技术部分析:须先传递至技术部或原判定被驳回。」
    """

    clause = "3.4"


class CauseAlreadyDetermined(Refused):
    """A cause stands; say why another supersedes it.

    「已有原因判定;重新判定须说明替代理由。」
    """

    clause = "3.4"


class NoCauseProposed(Refused):
    """No cause waits for approval.

    「没有待批准的原因判定。」
    """


class SodCause(Forbidden):
    """Whoever determined a cause does not approve or reject it.

    「原因的判定人与批准人不能为同一人。」
    """

    clause = "3.4"


class CauseNotApproved(Refused):
    """The cause is not approved yet.

    「原因尚未批准。」
    """

    clause = "3.4"


class AlreadyJudged(Refused):
    """Responsibility is judged; say why it is judged anew.

    「责任已判定;重新判定须说明理由。」
    """

    clause = "3.4"


class SharesMismatch(Invalid):
    """The shares do not add up to 10 000 basis points.

    「责任比例之和必须为 10000(100%)。」
    """

    clause = "4.5"


class PartyTwice(Invalid):
    """A party bears one share.

    「同一责任方只能出现一次。」
    """


class SodJudge(Forbidden):
    """A member of the blamed department does not judge.

    「被追究部门的人员不得判定责任。」
    """

    clause = "3.4"


# --- going out ------------------------------------------------------------------------------


class NotReplied(Refused):
    """There is no reply that the customer could answer.

    「尚未回复顾客,无答复可记录。」
    """


class CustomerNotSatisfied(Refused):
    """The customer neither accepted the final reply nor was silent long enough.

    「顾客未接受最终回复,且静默期未满。」
    """

    clause = "4.2.1"


class CaseIsOver(Refused):
    """The case is closed, voided or merged.

    「反馈单已关闭、作废或合并。」
    """


class CaseNotClosed(Refused):
    """Only a closed case can be reopened.

    「只有已关闭的反馈单才能重新打开。」
    """


class MergedIntoItself(Invalid):
    """A case cannot be merged into itself.

    「反馈单不能并入自身。」
    """


class MergeTargetUnusable(Refused):
    """There is no such case to merge into, or it was voided or merged itself.

    「目标反馈单不存在,或已作废、已合并。」
    """


class MergeAcrossCustomers(Refused):
    """Cases of two customers are not one matter.

    「不同顾客的反馈单不能合并。」
    """
