"""A customer's warranty agreement: drafted, approved by another, in force by its days."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest

from app.domain.decider import Happened
from app.domain.errors import DomainError, InTheFuture, NotFound, WrongRole
from app.domain.values import CauseClass, Party, Role
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
)
from app.domain.warranty_agreement.decisions import warranty_agreement
from app.domain.warranty_agreement.events import (
    AgreementShare,
    AgreementVersionApproved,
    AgreementVersionDrafted,
    AgreementVersionRejected,
    BasisDate,
    CauseClassShares,
    WarrantyAgreementEvent,
)
from tests.people import CLERK, DIRECTOR, SALES, SPECIALIST, Person
from tests.spec import Spec

CUSTOMER: Final = "C01"
TODAY: Final = date(2025, 3, 3)
NTF: Final = CauseClass.NTF
MANUFACTURING: Final = CauseClass.MANUFACTURING
REASON: Final = "The customer has not signed."

new: Final = Spec(warranty_agreement, to=CUSTOMER)


def shared(company_bps: int) -> tuple[AgreementShare, ...]:
    """So much for the company, the rest for the customer."""
    return (
        AgreementShare(party=Party.COMPANY, bps=company_bps),
        AgreementShare(party=Party.CUSTOMER, bps=10_000 - company_bps),
    )


def table(company_bps: int, *classes: CauseClass) -> tuple[CauseClassShares, ...]:
    """The same shares for some classes."""
    shares = shared(company_bps)
    return tuple(CauseClassShares(cause_class=each, shares=shares) for each in classes)


def draft(
    year: int = 2025,
    starts: date | None = None,
    company_bps: int = 7_000,
    **said: Any,  # noqa: ANN401 - whatever a command takes
) -> DraftAgreementVersion:
    """The fixture of the scenarios: manufacturing shared, NTF 50/50, objection 7 days."""
    words = {
        "customer_name": "鲁岳重型汽车",
        "agreement_year": year,
        "effective_from": starts or date(year, 1, 1),
        "effective_to": date(year, 12, 31),
        "shares_by_cause_class": table(company_bps, MANUFACTURING),
        "ntf_shares": shared(5_000),
        "objection_days": 7,
        "basis_date": BasisDate.FAILURE,
        "signed_on": min(date(year, 1, 1), TODAY),
        "document_ref": f"SB-{year}-017",
    }
    return DraftAgreementVersion(**(words | said))


def heading(year: int, version: int) -> dict[str, Any]:
    """What every event says."""
    return {
        "customer_id": CUSTOMER,
        "agreement_no": f"AG-{CUSTOMER}-{year}",
        "agreement_year": year,
        "version": version,
    }


def drafted(
    version: int = 1, command: DraftAgreementVersion | None = None
) -> AgreementVersionDrafted:
    """The draft is recorded."""
    words = dict(command or draft())
    return AgreementVersionDrafted(**(words | heading(words["agreement_year"], version)))


def approved(event: AgreementVersionDrafted) -> AgreementVersionApproved:
    """The draft is approved."""
    return AgreementVersionApproved(
        **heading(event.agreement_year, event.version),
        effective_from=event.effective_from,
        effective_to=event.effective_to,
    )


def rejected(year: int = 2025, version: int = 1) -> AgreementVersionRejected:
    """The draft is turned down."""
    return AgreementVersionRejected(**heading(year, version), reason=REASON)


def history(*drafts: AgreementVersionDrafted) -> list[Happened[WarrantyAgreementEvent]]:
    """Drafted by sales, approved by the director, one after the other."""
    told: list[Happened[WarrantyAgreementEvent]] = []
    for each in drafts:
        told.append(SALES.did(each, to=CUSTOMER))
        told.append(DIRECTOR.did(approved(each), to=CUSTOMER))
    return told


def asks(person: Person, command: Any, to: str = CUSTOMER) -> Any:  # noqa: ANN401 - commands differ
    """A wish about the customer's agreement."""
    return person.asks(command, to=to)


APPROVE: Final = ApproveAgreementVersion(agreement_year=2025, version=1)
REJECT: Final = RejectAgreementVersion(agreement_year=2025, version=1, reason=REASON)
LAST_YEAR: Final = drafted(1, draft(2024, company_bps=6_000))
WHOLE_YEAR: Final = drafted(1)
FROM_JULY: Final = drafted(2, draft(starts=date(2025, 7, 1), company_bps=6_500))
waiting: Final = new.given(SALES.did(WHOLE_YEAR, to=CUSTOMER))
in_force: Final = new.given(*history(WHOLE_YEAR))
scenario: Final = new.given(*history(LAST_YEAR, WHOLE_YEAR, FROM_JULY))


# --- drafting -------------------------------------------------------------------------------


def test_sales_and_the_market_specialist_draft_an_agreement() -> None:
    for who in (SALES, SPECIALIST):
        new.when(asks(who, draft())).then(WHOLE_YEAR)
    for who in (CLERK, DIRECTOR):
        new.when(asks(who, draft())).then_refused(WrongRole)


def test_versions_are_numbered_within_their_year() -> None:
    again = draft(starts=date(2025, 7, 1), company_bps=6_500)

    waiting.when(asks(SALES, again)).then(FROM_JULY)
    in_force.when(asks(SALES, again)).then(FROM_JULY)
    in_force.when(asks(SALES, draft(2024, company_bps=6_000))).then(LAST_YEAR)
    scenario.when(asks(SALES, draft(starts=date(2025, 10, 1)))).then(
        drafted(3, draft(starts=date(2025, 10, 1)))
    )


def test_a_rejected_version_keeps_its_number_and_frees_its_day() -> None:
    turned_down = waiting.given(DIRECTOR.did(rejected(), to=CUSTOMER))

    turned_down.when(asks(SALES, draft())).then(drafted(2))


def test_a_version_may_last_one_day_and_does_not_end_before_it_begins() -> None:
    last = date(2025, 12, 31)
    one_day = draft(starts=last)

    new.when(asks(SALES, one_day)).then(drafted(1, one_day))
    new.when(asks(SALES, draft(starts=last, effective_to=date(2025, 12, 30)))).then_refused(
        AgreementEndsBeforeItBegins, effective_from="2025-12-31"
    )


@pytest.mark.parametrize(
    ("days", "field"),
    [
        pytest.param({"effective_from": date(2024, 12, 31)}, "effective_from", id="a day early"),
        pytest.param({"effective_to": date(2026, 1, 1)}, "effective_to", id="a day late"),
    ],
)
def test_both_days_lie_in_the_agreement_year(days: dict[str, date], field: str) -> None:
    asked = new.when(asks(SALES, draft(**days)))  # type: ignore[arg-type]  # days by field

    asked.then_refused(OutsideAgreementYear, agreement_year=2025)
    assert place_of(asked) == field


def test_what_is_drafted_is_signed_by_now() -> None:
    today = draft(signed_on=TODAY)

    new.when(asks(SALES, today)).then(drafted(1, today))
    new.when(asks(SALES, draft(signed_on=TODAY + timedelta(days=1)))).then_refused(
        InTheFuture, today="2025-03-03"
    )
    midnight = datetime(2025, 3, 3, 16, tzinfo=UTC)
    tomorrow = draft(signed_on=date(2025, 3, 4))
    new.when(SALES.asks(tomorrow, to=CUSTOMER, at=midnight)).then(drafted(1, tomorrow))


def test_a_cause_class_stands_in_the_table_once_and_ntf_apart() -> None:
    twice = table(7_000, MANUFACTURING, CauseClass.DESIGN, MANUFACTURING)
    both = table(7_000, MANUFACTURING, CauseClass.DESIGN)
    asked = new.when(asks(SALES, draft(shares_by_cause_class=twice)))

    asked.then_refused(CauseClassTwice, cause_class=MANUFACTURING)
    assert place_of(asked) == "shares_by_cause_class.2.cause_class"
    new.when(asks(SALES, draft(shares_by_cause_class=both))).then(
        drafted(1, draft(shares_by_cause_class=both))
    )
    within = new.when(asks(SALES, draft(shares_by_cause_class=table(7_000, NTF))))
    within.then_refused(NtfInCauseTable)
    assert place_of(within) == "shares_by_cause_class.0.cause_class"


def test_a_party_bears_one_share_of_a_table() -> None:
    twice = (shared(5_000)[0], shared(5_000)[0])
    row = CauseClassShares(cause_class=CauseClass.DESIGN, shares=twice)
    in_table = new.when(
        asks(SALES, draft(shares_by_cause_class=(*table(7_000, MANUFACTURING), row)))
    )
    in_ntf = new.when(asks(SALES, draft(ntf_shares=twice)))

    in_table.then_refused(AgreementPartyTwice, party=Party.COMPANY)
    assert place_of(in_table) == "shares_by_cause_class.1.shares.1.party"
    in_ntf.then_refused(AgreementPartyTwice, party=Party.COMPANY)
    assert place_of(in_ntf) == "ntf_shares.1.party"


@pytest.mark.parametrize("bps", [4_999, 5_001])
def test_every_table_adds_up(bps: int) -> None:
    broken = (shared(5_000)[0], AgreementShare(party=Party.THIRD_PARTY, bps=bps))
    row = CauseClassShares(cause_class=MANUFACTURING, shares=broken)
    in_table = new.when(asks(SALES, draft(shares_by_cause_class=(row,))))
    in_ntf = new.when(asks(SALES, draft(ntf_shares=broken)))

    in_table.then_refused(AgreementSharesMismatch, total_bps=5_000 + bps, wanted_bps=10_000)
    assert place_of(in_table) == "shares_by_cause_class.0.shares"
    in_ntf.then_refused(AgreementSharesMismatch, total_bps=5_000 + bps)
    assert place_of(in_ntf) == "ntf_shares"


def test_two_versions_never_begin_on_one_day() -> None:
    waiting.when(asks(SALES, draft())).then_refused(
        AgreementVersionsOverlap, version="2025 v1", version_status="DRAFT"
    )
    asked = in_force.when(asks(SALES, draft(company_bps=6_000)))
    asked.then_refused(AgreementVersionsOverlap, version="2025 v1", effective_to="2025-12-31")
    assert place_of(asked) == "effective_from"
    next_day = draft(starts=date(2025, 1, 2))
    in_force.when(asks(SALES, next_day)).then(drafted(2, next_day))


def test_the_number_of_an_agreement_has_room_for_a_code_of_56_characters() -> None:
    just, over = "C" * 56, "C" * 57

    (told,) = new.when(asks(SALES, draft(), to=just)).answer()
    assert told.agreement_no == f"AG-{just}-2025"
    new.when(asks(SALES, draft(), to=over)).then_refused(
        AgreementCustomerCodeTooLong, length_max=56
    )


def place_of(spec: Spec[Any, Any, Any]) -> str | None:
    """Where in the command the cause of a refusal lies."""
    with pytest.raises(DomainError) as refusal:
        spec.answer()
    return refusal.value.field


# --- deciding -------------------------------------------------------------------------------


def test_the_technical_director_approves_what_another_drafted() -> None:
    waiting.when(asks(DIRECTOR, APPROVE)).then(approved(WHOLE_YEAR))
    waiting.when(asks(SALES, APPROVE)).then_refused(WrongRole)
    waiting.when(asks(SALES.wearing(Role.TECH_DIRECTOR), APPROVE)).then_refused(
        SodAgreement, person="Gao"
    )


def test_the_technical_director_rejects_with_a_reason() -> None:
    waiting.when(asks(DIRECTOR, REJECT)).then(rejected())
    waiting.when(asks(SPECIALIST, REJECT)).then_refused(WrongRole)


@pytest.mark.parametrize("command", [APPROVE, REJECT])
def test_only_a_waiting_version_is_decided_on(
    command: ApproveAgreementVersion | RejectAgreementVersion,
) -> None:
    turned_down = waiting.given(DIRECTOR.did(rejected(), to=CUSTOMER))
    other = command.model_copy(update={"version": 2})
    other_year = command.model_copy(update={"agreement_year": 2024})

    new.when(asks(DIRECTOR, command)).then_refused(NotFound)
    in_force.when(asks(DIRECTOR, command)).then_refused(
        AgreementVersionNotWaiting, version_status="APPROVED", waiting=[]
    )
    turned_down.when(asks(DIRECTOR, command)).then_refused(
        AgreementVersionNotWaiting, version_status="REJECTED"
    )
    for unknown in (other, other_year):
        waiting.when(asks(DIRECTOR, unknown)).then_refused(
            AgreementVersionNotWaiting, version_status=None, waiting=["2025 v1"]
        )


def test_nobody_approves_a_second_version_that_begins_on_one_day() -> None:
    twin = drafted(2)
    both = in_force.given(SALES.did(twin, to=CUSTOMER))
    asked = both.when(asks(DIRECTOR, APPROVE.model_copy(update={"version": 2})))

    asked.then_refused(AgreementVersionsOverlap, version="2025 v1", version_status="APPROVED")
    assert place_of(asked) == "version"
