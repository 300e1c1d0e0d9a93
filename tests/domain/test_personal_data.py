"""Erasing a person takes two people, once; and which fields are personal is written down here."""

from app.domain.aggregates import AGGREGATES
from app.domain.decider import Event
from app.domain.delivery.events import DeliveryReleased
from app.domain.errors import WrongRole
from app.domain.feedback_case.commands import RegisterFeedback
from app.domain.feedback_case.corrections import ProposeFeedbackCorrection
from app.domain.personal import PersonalKind, holds_some, kind_at, normalised, places_of, said_in
from app.domain.personal_data.decisions import (
    ErasePerson,
    ErasureNotRequested,
    ErasureWaits,
    PersonErasedAlready,
    RejectErasure,
    RequestErasure,
    SodErasure,
    personal_data,
)
from app.domain.personal_data.events import ErasureRejected, ErasureRequested, PersonErased
from app.domain.values import Role
from tests.people import GENERAL_MANAGER, ONE, QUALITY_MANAGER
from tests.spec import Spec

WHY = "The customer asked for it in writing."
NOBODY_ASKED = Spec(personal_data)
REQUESTED = ErasureRequested(data_subject_id=ONE, reason=WHY)
ASKED = NOBODY_ASKED.given(QUALITY_MANAGER.did(REQUESTED))
ERASED = PersonErased(data_subject_id=ONE, reason=WHY, requested_by=QUALITY_MANAGER.name)
GONE = ASKED.given(QUALITY_MANAGER.did(REQUESTED), GENERAL_MANAGER.did(ERASED))


def test_the_quality_manager_asks_and_the_general_manager_erases() -> None:
    NOBODY_ASKED.when(QUALITY_MANAGER.asks(RequestErasure(reason=WHY))).then(REQUESTED)
    ASKED.when(GENERAL_MANAGER.asks(ErasePerson(reason=WHY))).then(ERASED)


def test_nobody_is_erased_unasked_twice_or_by_whoever_asked() -> None:
    erase, request = ErasePerson(reason=WHY), RequestErasure(reason=WHY)
    asker = QUALITY_MANAGER.wearing(Role.GENERAL_MANAGER)

    NOBODY_ASKED.when(GENERAL_MANAGER.asks(erase)).then_refused(ErasureNotRequested)
    ASKED.when(asker.asks(erase)).then_refused(SodErasure, person=QUALITY_MANAGER.name)
    ASKED.when(QUALITY_MANAGER.asks(erase)).then_refused(WrongRole)
    ASKED.when(QUALITY_MANAGER.asks(request)).then_refused(ErasureWaits)
    GONE.when(GENERAL_MANAGER.asks(erase)).then_refused(PersonErasedAlready)
    GONE.when(QUALITY_MANAGER.asks(request)).then_refused(PersonErasedAlready)


def test_a_request_that_was_turned_down_can_be_made_anew() -> None:
    rejected = ErasureRejected(data_subject_id=ONE, reason=WHY)
    ASKED.when(GENERAL_MANAGER.asks(RejectErasure(reason=WHY))).then(rejected)

    kept = ASKED.given(QUALITY_MANAGER.did(REQUESTED), GENERAL_MANAGER.did(rejected))
    kept.when(GENERAL_MANAGER.asks(ErasePerson(reason=WHY))).then_refused(ErasureNotRequested)
    kept.when(QUALITY_MANAGER.asks(RequestErasure(reason=WHY))).then(REQUESTED)


def test_these_fields_of_events_are_personal_and_no_others() -> None:
    events: list[type[Event]] = [e for one in AGGREGATES for e in one.stream.event_types]
    found = {
        f"{event.__name__}.{'.'.join(way)}": kind.value
        for event in events
        for way, kind in places_of(event)
    }

    assert found == {
        "FeedbackRegistered.vehicle.vin": "VEHICLE",
        "DeliveryReleased.signatures.*.name": "CARRIER_PERSON",
        "DeliverySigned.signed_by": "CUSTOMER_PERSON",
        "ServiceVisitCompleted.customer_signature.name": "CUSTOMER_PERSON",
        "CustomerVisitRecorded.participants.*": "CUSTOMER_PERSON",
    }
    assert kind_at(DeliveryReleased, "signatures.2.name") is PersonalKind.CARRIER_PERSON
    assert kind_at(DeliveryReleased, "signatures.2.role") is None
    assert holds_some(DeliveryReleased, "signatures.2")
    assert not holds_some(DeliveryReleased, "signatures.2.name")
    assert not holds_some(DeliveryReleased, "signatures.2.role")


def test_personal_values_are_found_in_what_a_command_says() -> None:
    body = {"changes": {"vehicle": {"model": "WD615", "vin": "LZZ5"}}, "reason": WHY}
    (said,) = said_in(ProposeFeedbackCorrection, body)

    assert (said.value, said.pointer) == ("LZZ5", "/changes/vehicle/vin")
    assert not said_in(ProposeFeedbackCorrection, {"changes": {"vehicle": None}})


def test_where_nothing_was_said_nobody_is_found() -> None:
    for unsaid in (None, 17, ["LY123"]):
        assert said_in(RegisterFeedback, {"vehicle": {"model": "LY4250", "vin": unsaid}}) == []
    (found,) = said_in(RegisterFeedback, {"vehicle": {"model": "LY4250", "vin": "LY123"}})
    assert (found.value, found.pointer) == ("LY123", "/vehicle/vin")


def test_a_person_is_the_same_however_the_name_is_spelt() -> None:
    assert normalised(PersonalKind.VEHICLE, "lzz5-clsb 8NA") == "lzz5clsb8na"
    assert normalised(PersonalKind.CUSTOMER_PERSON, "王 伟") == "王伟"
    assert normalised(PersonalKind.CUSTOMER_PERSON, "Li-Na") != "lina"
