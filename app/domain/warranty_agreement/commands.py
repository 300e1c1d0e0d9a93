"""What can be asked of a warranty agreement, and why it may say no."""

from typing import ClassVar, TypeAlias

from pydantic import Field

from app.domain.decider import Command
from app.domain.errors import Forbidden, InTheFuture, Invalid, NotFound, Refused
from app.domain.values import Code, Day, Reason, Role, Text
from app.domain.warranty_agreement.events import (
    AgreementYear,
    BasisDate,
    CauseClassTable,
    NtfShares,
    ObjectionDays,
    VersionNo,
)

# --- why it may say no ----------------------------------------------------------------------


class AgreementCustomerCodeTooLong(Invalid):
    """The customer's code is too long for the number of an agreement.

    The number is `AG-<customer>-<year>`; `length_max` says how long the code may be.

    「顾客代码过长,无法生成协议编号。」
    """


class AgreementEndsBeforeItBegins(Invalid):
    """The last day of a version is not before its first.

    「协议终止日不能早于生效日。」
    """


class OutsideAgreementYear(Invalid):
    """The days of a version lie in its agreement year.

    Draft one version for each calendar year; clause 4.5 has the agreement signed every year.

    「协议的生效日与终止日必须在协议年度之内。」
    """

    clause = "4.5"


class CauseClassTwice(Invalid):
    """A cause class stands in the table once.

    「同一原因类别在比例表中只能出现一次。」
    """


class NtfInCauseTable(Invalid):
    """Parts in which no fault was found have shares of their own.

    Give them as `ntf_shares`, not as a row of `shares_by_cause_class`.

    「未发现故障(NTF)的比例应填入 ntf_shares。」
    """


class AgreementPartyTwice(Invalid):
    """A party bears one share of a table.

    「同一责任方在一张比例表中只能出现一次。」
    """


class AgreementSharesMismatch(Invalid):
    """The shares of a table do not add up to 10 000 basis points.

    「比例表中各方比例之和必须为 10000(100%)。」
    """

    clause = "4.5"


class AgreementVersionsOverlap(Refused):
    """Another version of the customer begins on the same day.

    Reject the other one while it waits, or begin on another day: of two versions that cover a
    day, the one that began last is in force.

    「该顾客已有同一生效日的协议版本。」
    """

    clause = "4.5"


class AgreementVersionNotWaiting(Refused):
    """No version of this year and number waits for the technical director.

    `waiting` names those that do.

    「没有该年度和版本号的待批准协议。」
    """


class SodAgreement(Forbidden):
    """Whoever drafted a version does not approve it.

    「协议版本的起草人与批准人不能为同一人。」
    """

    clause = "4.5"


# --- what can be asked ----------------------------------------------------------------------


class DraftAgreementVersion(Command):
    """Put what was agreed with a customer before the technical director (起草协议版本)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_REP, Role.MARKET_SPECIALIST})
    refusals = (
        AgreementCustomerCodeTooLong,
        AgreementEndsBeforeItBegins,
        OutsideAgreementYear,
        InTheFuture,
        CauseClassTwice,
        NtfInCauseTable,
        AgreementPartyTwice,
        AgreementSharesMismatch,
        AgreementVersionsOverlap,
    )

    customer_name: Text = Field(description="顾客名称.", examples=["鲁岳重型汽车"])
    agreement_year: AgreementYear
    effective_from: Day
    effective_to: Day
    shares_by_cause_class: CauseClassTable
    ntf_shares: NtfShares
    objection_days: ObjectionDays
    basis_date: BasisDate
    signed_on: Day
    document_ref: Code = Field(description="The signed paper (协议文件号).")


class ApproveAgreementVersion(Command):
    """Let a version count for the days that it names (批准协议版本)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.TECH_DIRECTOR})
    refusals = (NotFound, AgreementVersionNotWaiting, SodAgreement, AgreementVersionsOverlap)

    agreement_year: AgreementYear
    version: VersionNo


class RejectAgreementVersion(Command):
    """Turn a version down, with a reason (驳回协议版本)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.TECH_DIRECTOR})
    refusals = (NotFound, AgreementVersionNotWaiting)

    agreement_year: AgreementYear
    version: VersionNo
    reason: Reason


WarrantyAgreementCommand: TypeAlias = (
    DraftAgreementVersion | ApproveAgreementVersion | RejectAgreementVersion
)
