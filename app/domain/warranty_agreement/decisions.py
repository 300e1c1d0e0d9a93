"""What a warranty agreement answers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, assert_never

from app.domain.decider import Asked, Decider, World
from app.domain.errors import InTheFuture, NotFound
from app.domain.values import CauseClass, shanghai_day
from app.domain.warranty_agreement.commands import (
    AgreementCustomerCodeTooLong,
    AgreementEndsBeforeItBegins,
    AgreementPartyTwice,
    AgreementSharesMismatch,
    AgreementVersionNotWaiting,
    AgreementVersionsOverlap,
    ApproveAgreementVersion,
    CauseClassTwice,
    DraftAgreementVersion,
    NtfInCauseTable,
    OutsideAgreementYear,
    RejectAgreementVersion,
    SodAgreement,
    WarrantyAgreementCommand,
)
from app.domain.warranty_agreement.events import (
    WARRANTY_AGREEMENT,
    AgreementShare,
    AgreementVersion,
    AgreementVersionApproved,
    AgreementVersionDrafted,
    AgreementVersionRejected,
    AgreementVersionStatus,
    WarrantyAgreement,
    WarrantyAgreementEvent,
)

WHOLE_BPS: Final = 10_000
"""What the shares of a table add up to: 100 %."""
CUSTOMER_CODE_LENGTH_MAX: Final = 56
"""A number of 64 characters has this room beside `AG-` and `-2025`."""


def decide(
    asked: Asked[WarrantyAgreementCommand], agreement: WarrantyAgreement, _: World
) -> Sequence[WarrantyAgreementEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case DraftAgreementVersion() as command:
            return draft(asked, command, agreement)
        case ApproveAgreementVersion() as command:
            return approve(asked, command, agreement)
        case RejectAgreementVersion() as command:
            return reject(command, agreement)
        case _:
            assert_never(asked.command)


def draft(
    asked: Asked[WarrantyAgreementCommand],
    command: DraftAgreementVersion,
    agreement: WarrantyAgreement,
) -> list[WarrantyAgreementEvent]:
    """Draft the next version of a year; the first draft begins the customer's agreement.

    Source:
        Clause 4.5: responsibility is shared by the agreement that both sides sign every year.

    Raises:
        AgreementCustomerCodeTooLong: the number would not fit.
        AgreementEndsBeforeItBegins: the last day is before the first.
        OutsideAgreementYear: a day lies in another year.
        InTheFuture: signed later than today.
        CauseClassTwice: a class has two rows.
        NtfInCauseTable: a row is about parts without a fault.
        AgreementPartyTwice: a party stands twice in a table.
        AgreementSharesMismatch: a table does not add up.
        AgreementVersionsOverlap: a waiting or approved version begins on the same day.
    """
    if len(asked.to) > CUSTOMER_CODE_LENGTH_MAX:
        raise AgreementCustomerCodeTooLong(length_max=CUSTOMER_CODE_LENGTH_MAX)
    _must_lie_in_its_year(command)
    _must_be_signed(command.signed_on, asked.at)
    _must_share_everything(command)
    _must_begin_alone(agreement, command.effective_from)
    drafted = AgreementVersionDrafted(
        customer_id=asked.to,
        agreement_no=f"AG-{asked.to}-{command.agreement_year}",
        version=agreement.next_version(command.agreement_year),
        **dict(command),
    )
    return [drafted]


def approve(
    asked: Asked[WarrantyAgreementCommand],
    command: ApproveAgreementVersion,
    agreement: WarrantyAgreement,
) -> list[WarrantyAgreementEvent]:
    """Approve what another person drafted.

    Raises:
        NotFound: nothing was ever drafted for the customer.
        AgreementVersionNotWaiting: no such version, or it was decided on.
        SodAgreement: the same person drafted it.
        AgreementVersionsOverlap: another version begins on the same day.
    """
    version = _waiting(command, agreement)
    if asked.by.person == version.drafted_by:
        raise SodAgreement(person=asked.by.person, drafted_by=version.drafted_by)
    _must_begin_alone(agreement, version.effective_from, but=version)
    approved = AgreementVersionApproved(
        **_heading(agreement, version),
        effective_from=version.effective_from,
        effective_to=version.effective_to,
    )
    return [approved]


def reject(
    command: RejectAgreementVersion, agreement: WarrantyAgreement
) -> list[WarrantyAgreementEvent]:
    """Turn a waiting version down; its number stays used."""
    version = _waiting(command, agreement)
    return [AgreementVersionRejected(**_heading(agreement, version), reason=command.reason)]


def _heading(agreement: WarrantyAgreement, version: AgreementVersion) -> dict[str, Any]:
    """The fields of `AgreementFact`."""
    return {
        "customer_id": agreement.customer_id,
        "agreement_no": version.agreement_no,
        "agreement_year": version.agreement_year,
        "version": version.version,
    }


def _waiting(
    command: ApproveAgreementVersion | RejectAgreementVersion, agreement: WarrantyAgreement
) -> AgreementVersion:
    """The version to decide on."""
    if not agreement.versions:
        raise NotFound
    version = agreement.version_of(command.agreement_year, command.version)
    if version is None or version.status is not AgreementVersionStatus.DRAFT:
        waiting = [
            each.label for each in agreement.versions if each.status is AgreementVersionStatus.DRAFT
        ]
        status = None if version is None else version.status
        raise AgreementVersionNotWaiting(field="version", version_status=status, waiting=waiting)
    return version


def _must_lie_in_its_year(command: DraftAgreementVersion) -> None:
    if command.effective_to < command.effective_from:
        raise AgreementEndsBeforeItBegins(
            field="effective_to", effective_from=command.effective_from.isoformat()
        )
    ends = {"effective_from": command.effective_from, "effective_to": command.effective_to}
    for field, day in ends.items():
        if day.year != command.agreement_year:
            raise OutsideAgreementYear(field=field, agreement_year=command.agreement_year)


def _must_be_signed(signed_on: date, at: datetime) -> None:
    today = shanghai_day(at)
    if signed_on > today:
        raise InTheFuture(field="signed_on", today=today.isoformat())


def _must_share_everything(command: DraftAgreementVersion) -> None:
    """Each class once, NTF apart, and each table whole."""
    named: set[CauseClass] = set()
    for index, row in enumerate(command.shares_by_cause_class):
        place = f"shares_by_cause_class.{index}"
        if row.cause_class is CauseClass.NTF:
            raise NtfInCauseTable(field=f"{place}.cause_class")
        if row.cause_class in named:
            raise CauseClassTwice(field=f"{place}.cause_class", cause_class=row.cause_class)
        named.add(row.cause_class)
        _must_be_whole(row.shares, field=f"{place}.shares")
    _must_be_whole(command.ntf_shares, field="ntf_shares")


def _must_be_whole(shares: Sequence[AgreementShare], *, field: str) -> None:
    parties = [each.party for each in shares]
    for index, party in enumerate(parties):
        if party in parties[:index]:
            raise AgreementPartyTwice(field=f"{field}.{index}.party", party=party)
    total = sum(each.bps for each in shares)
    if total != WHOLE_BPS:
        raise AgreementSharesMismatch(field=field, total_bps=total, wanted_bps=WHOLE_BPS)


def _must_begin_alone(
    agreement: WarrantyAgreement, effective_from: date, *, but: AgreementVersion | None = None
) -> None:
    """Of versions that begin on one day none could be said to be the later one."""
    for each in agreement.versions:
        stands = each is not but and each.status is not AgreementVersionStatus.REJECTED
        if stands and each.effective_from == effective_from:
            raise AgreementVersionsOverlap(
                field="effective_from" if but is None else "version",
                version=each.label,
                version_status=each.status,
                effective_from=effective_from.isoformat(),
                effective_to=each.effective_to.isoformat(),
            )


warranty_agreement: Decider[WarrantyAgreementCommand, WarrantyAgreement, WarrantyAgreementEvent] = (
    Decider(
        stream=WARRANTY_AGREEMENT,
        decide=decide,
        collection="warranty-agreements",
        label_zh="三包售后协议",
        identity="code",
        code_name="customer_id",
    )
)
