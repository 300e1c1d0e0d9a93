"""Why a risk-control project may say no."""

from app.domain.errors import Forbidden, Invalid, Refused


class ProjectSubjectMissing(Invalid):
    """A project is about a lot, or about a cause on a specification.

    Give `lot_no`, or `cause_code` with `spec_code`.

    「风险管控项目须针对批次,或针对某规格的某一原因。」
    """

    clause = "4.6.1"


class ProjectCauseNotInUse(Invalid):
    """The catalogue has no active cause of this code.

    「目录中没有该有效原因代码。」
    """


class ProjectOpenAlready(Refused):
    """A project about the same problem is open.

    Work in that one; `project_id` names it.

    「同一问题已有未关闭的风险管控项目。」
    """


class ProjectIsClosed(Refused):
    """The project is closed.

    「风险管控项目已关闭。」
    """


class MemberAssignedAlready(Refused):
    """This person is a member for this department already.

    「该人员已是该部门的小组成员。」
    """


class RevisionsMismatch(Invalid):
    """The revisions do not fit the result.

    CHANGED needs `doc_no` and another `revision_after`; NO_CHANGE needs `doc_no`, and its revision
    stays; NOT_APPLICABLE has no new revision.

    「版本与评审结果不一致。」
    """

    clause = "4.6.1"


class ReviewReasonMissing(Invalid):
    """A document that does not apply needs a reason.

    「评审结果为不适用时必须说明原因。」
    """

    clause = "4.6.1"


class SodDocumentReview(Forbidden):
    """Whoever reviews a document does not verify the review.

    「文件评审人与验证人不能为同一人。」
    """

    clause = "4.6.1"


class NoSuchMilestone(Invalid):
    """The project has no milestone of this number.

    「该项目没有此编号的节点。」
    """


class ProjectNotReady(Refused):
    """The team or the reviews are not complete; there is nothing to verify yet.

    Do what `missing` names: MEMBER_ and the department, DOCUMENT_ and its kind.

    「小组成员或文件评审不齐,不能验证。」
    """

    clause = "4.6.1"


class ProjectVerifiedAlready(Refused):
    """The project is verified.

    「该项目已验证。」
    """


class SodProjectVerification(Forbidden):
    """Whoever opened a project does not verify it.

    「项目的立项人与验证人不能为同一人。」
    """

    clause = "4.6.1"


class ProjectIncomplete(Refused):
    """Duties of clause 4.6.1 are still to be done.

    Do what `missing` names: MEMBER_ and the department, DOCUMENT_ and its kind, CUSTOMER_NOTICE_
    and the milestone (R-16), VERIFICATION.

    「小组成员、文件评审、顾客通知或项目验证尚未完成,不能关闭。」
    """

    clause = "4.6.1"
