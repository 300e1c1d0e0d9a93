"""What can be asked of a service visit, and why it may say no."""

from typing import ClassVar, TypeAlias

from pydantic import Field

from app.domain.corrections import NothingCorrected
from app.domain.decider import Command
from app.domain.errors import AlreadyExists, Forbidden, InTheFuture, Invalid, NotFound, Refused
from app.domain.money import Money
from app.domain.service_visit.state import (
    CustomerSignature,
    ServiceWork,
    VisitCost,
    VisitProvince,
)
from app.domain.values import Code, Count, Id, Instant, Reason, Role, Text

# --- why it may say no ----------------------------------------------------------------------


class CaseNotVisitable(Refused):
    """There is no such feedback case, it is not classified yet, or it is over.

    Classify the case first; one that is closed is reopened first.

    「反馈单不存在、尚未分类或已结束,不能派出现场服务。」
    """

    clause = "4.3"


class VisitIsOver(Refused):
    """The visit is complete or cancelled.

    「该现场服务已完成或已取消。」
    """


class VisitAlreadyStarted(Refused):
    """The visit has begun.

    「现场服务已开始。」
    """


class VisitNotStarted(Refused):
    """The visit has not begun yet.

    「现场服务尚未开始。」
    """


class VisitWithoutFinding(Refused):
    """The customer signs what was found and done; nothing is recorded yet.

    「尚未记录服务内容,不能完成现场服务。」
    """

    clause = "4.3"


class VisitBackwards(Invalid):
    """A visit begins after it was dispatched, and ends after it began.

    「现场服务的开始不能早于派出,完成不能早于开始。」
    """


class VisitCostTooLarge(Invalid):
    """Travel, labour and material come to more than can be written.

    「现场服务费用合计超出范围。」
    """


class SignatureOrReason(Invalid):
    """Either the customer signed, or it is told why not.

    Give `customer_signature` or `not_signed_because`, and not both.

    「须填写顾客签字或未签字原因,二者择一。」
    """

    clause = "4.3"


class VisitNotComplete(Refused):
    """What a visit cost is told when it is completed; there is nothing to correct before.

    Complete the visit. What a cancelled one cost is recorded as a cost entry that names it.

    「现场服务尚未完成或已取消,没有可更正的费用。」
    """

    clause = "4.3"


class SodVisitCost(Forbidden):
    """Whoever completed a visit does not correct what it cost.

    「现场服务的完成人与费用更正人不能为同一人。」
    """

    clause = "3.7"


# --- what can be asked ----------------------------------------------------------------------


class DispatchServiceVisit(Command):
    """Send somebody to the customer of a feedback case (派出现场服务)."""

    clause: ClassVar[str] = "4.3"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    opens: ClassVar[bool] = True
    refusals = (AlreadyExists, CaseNotVisitable)

    case_id: Id = Field(description="The feedback case (反馈单).")
    person: Code = Field(description="Who goes (服务人员).")
    place: Text = Field(description="Where to (服务地点).")
    province: VisitProvince = Field(description="24 h to begin in the SAME one, 48 h in an OTHER.")
    bring: Text | None = Field(
        default=None, description="What to bring: parts, tools, papers (携带物品)."
    )
    purpose: Text = Field(description="What for (服务目的).")


class StartServiceVisit(Command):
    """Record the arrival on the spot (开始现场服务)."""

    clause: ClassVar[str] = "4.3"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.FIELD_SERVICE})
    refusals = (NotFound, VisitIsOver, VisitAlreadyStarted, InTheFuture, VisitBackwards)

    started_at: Instant | None = Field(
        default=None, description="When it began; now, when not given."
    )


class RecordServiceFinding(Command):
    """Record what was seen and done on the spot (记录服务内容).

    Nobody admits liability on the spot: engineering judges responsibility, on the feedback case.
    """

    clause: ClassVar[str] = "3.6"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.FIELD_SERVICE})
    refusals = (NotFound, VisitIsOver, VisitNotStarted)

    work: ServiceWork
    findings: Text
    qty: Count = Field(description="Pieces seen, changed, sorted or repaired (件数).")
    photos: tuple[Code, ...] = Field(
        default=(), max_length=50, description="照片: photo or document numbers."
    )


class CompleteServiceVisit(Command):
    """Record the end of the work, the customer's signature and the cost (完成现场服务)."""

    clause: ClassVar[str] = "4.3"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.FIELD_SERVICE})
    refusals = (
        NotFound,
        VisitIsOver,
        VisitNotStarted,
        VisitWithoutFinding,
        SignatureOrReason,
        InTheFuture,
        VisitBackwards,
        VisitCostTooLarge,
    )

    customer_signature: CustomerSignature | None = None
    not_signed_because: Reason | None = Field(
        default=None, description="Why the customer did not sign (未签字原因)."
    )
    cost: VisitCost
    completed_at: Instant | None = Field(
        default=None, description="When the work ended; now, when not given."
    )


class CancelServiceVisit(Command):
    """Call a visit off (取消现场服务)."""

    clause: ClassVar[str] = "4.3"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_ENGINEER})
    refusals = (NotFound, VisitIsOver)

    reason: Reason


class CorrectVisitCost(Command):
    """Say that a visit cost something else, or ended at another time (更正现场服务费用)."""

    clause: ClassVar[str] = "3.7"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE, Role.QA_ENGINEER})
    refusals = (
        NotFound,
        VisitNotComplete,
        SodVisitCost,
        InTheFuture,
        VisitBackwards,
        VisitCostTooLarge,
        NothingCorrected,
    )

    travel: Money | None = Field(default=None, description="差旅费; as it was, when not given.")
    labour: Money | None = Field(default=None, description="人工费; as it was, when not given.")
    material: Money | None = Field(default=None, description="材料费; as it was, when not given.")
    completed_at: Instant | None = Field(
        default=None, description="When the work ended: its day decides the year of the cost."
    )
    reason: Reason


ServiceVisitCommand: TypeAlias = (
    DispatchServiceVisit
    | StartServiceVisit
    | RecordServiceFinding
    | CompleteServiceVisit
    | CancelServiceVisit
    | CorrectVisitCost
)
