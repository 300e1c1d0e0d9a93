"""Audit accesses: written down by the service alone, once, with what was asked for."""

from typing import Any

import pytest

from app.domain.aggregates import AGGREGATES
from app.domain.audit_access.decisions import RecordAuditAccess, audit_access
from app.domain.audit_access.events import AccessKind, AuditAccessRecorded
from app.domain.errors import AlreadyExists, WrongRole
from app.domain.values import Role
from tests.people import CLERK, POLICY, Person
from tests.spec import Spec

WHAT = "/v1/events/export?after=3"


def asked(kind: AccessKind = AccessKind.EXPORT, **said: Any) -> RecordAuditAccess:  # noqa: ANN401 - any field
    """Somebody is about to read."""
    body = {"kind": kind, "person": "u.aud", "role": Role.AUDITOR, "key_id": "k1", "what": WHAT}
    return RecordAuditAccess.model_validate(body | said)


def recorded(kind: AccessKind = AccessKind.EXPORT, **said: Any) -> AuditAccessRecorded:  # noqa: ANN401 - any field
    """What is written down."""
    body = asked(kind).model_dump() | {"access_no": "AA-2025-000001"}
    return AuditAccessRecorded.model_validate(body | said)


def test_an_export_without_an_end_ends_with_the_event_of_its_own_beginning() -> None:
    spec = Spec(audit_access).when(POLICY.asks(asked(after=0)))

    spec.then(recorded(after=0, up_to=2, count=2))  # behind the first rule pack


def test_an_export_up_to_a_position_counts_what_it_asks_for() -> None:
    spec = Spec(audit_access).when(POLICY.asks(asked(after=3, up_to=10, purpose="ISO 9001")))

    spec.then(recorded(after=3, up_to=10, count=7, purpose="ISO 9001"))


@pytest.mark.parametrize("kind", [each for each in AccessKind if each is not AccessKind.EXPORT])
def test_other_accesses_say_how_much_was_read(kind: AccessKind) -> None:
    Spec(audit_access).when(POLICY.asks(asked(kind, count=5001))).then(recorded(kind, count=5001))


def test_an_access_is_recorded_once() -> None:
    spec = Spec(audit_access).given(POLICY.did(recorded(up_to=1, count=1)))

    spec.when(POLICY.asks(asked())).then_refused(AlreadyExists)


def test_nobody_but_the_service_records_an_access() -> None:
    Spec(audit_access).when(CLERK.asks(asked())).then_refused(WrongRole)


def test_an_auditor_can_ask_for_no_command_at_all() -> None:
    auditor = Person("u.aud", Role.AUDITOR)

    assert auditor.role is Role.AUDITOR
    for decider in AGGREGATES:
        for command in decider.command_types:
            assert Role.AUDITOR not in command.roles, command
