"""Who may do what: every operation with every role, as the matrix says and the service does."""

import asyncio
import re
from collections.abc import Iterable

import httpx

from app.api.matrix import Operation, operations
from app.boot import FIRST_PEOPLE
from app.catalogues import document
from app.domain.delegation.decisions import LENDERS
from app.domain.values import Role
from tests.api.desk import Desk
from tests.api.test_conventions import problem_of

PERSON_OF = {role: person for person, role in FIRST_PEOPLE}
ROLES = tuple(PERSON_OF)
OPERATIONS = tuple(operations(document()))
NONSENSE = "no_such_parameter"
FACTS = {
    "withdrawAttachment",
    "addAttachment",
    "announceReturn",
    "prepareDelivery",
    "recordCost",
    "recordProductionLot",
    "recordSalesFigure",
    "registerClaim",
    "registerFeedback",
    "withdrawClaim",
}
"""What integrations say: that something is so, and not what follows from it."""


def address(operation: Operation) -> str:
    """Its path, with an id that nothing has."""
    return re.sub(r"\{[^}]+\}", "0190f000-0000-7000-8000-000000000000", operation.path)


async def ask(desk: Desk, operation: Operation, key: str | None) -> httpx.Response:
    """Ask in a way that is refused behind the door, whatever it is: nothing happens, none waits."""
    headers = {"Idempotency-Key": "walk", "If-Match": "*", "Content-Type": "application/json"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    return await desk.http.request(
        operation.method, address(operation), headers=headers, params={NONSENSE: "1"}
    )


def test_every_role_of_the_procedure_has_somebody_at_the_first_start() -> None:
    assert set(ROLES) == set(Role) - {Role.SYSTEM}


async def test_every_operation_opens_to_every_role_as_the_matrix_says(desk: Desk) -> None:
    head = await desk.edge.reader.head()

    for role in ROLES:
        key = desk.keys[PERSON_OF[role]]
        answers = await asyncio.gather(*(ask(desk, each, key) for each in OPERATIONS))
        for each, answer in zip(OPERATIONS, answers, strict=True):
            told = f"{each.method} {each.path} as {role}: {answer.status_code} {answer.text[:200]}"
            if each.roles is None or role in each.roles:
                assert answer.status_code in {400, 404, 422}, told
            else:
                assert problem_of(answer, 403, "WRONG_ROLE"), told
    assert await desk.edge.reader.head() == head


async def test_without_a_key_only_what_tells_nothing_of_the_record_is_open(desk: Desk) -> None:
    answers = await asyncio.gather(*(ask(desk, each, None) for each in OPERATIONS))

    for each, answer in zip(OPERATIONS, answers, strict=True):
        if each.roles is not None:
            problem_of(answer, 401, "UNAUTHENTICATED")
    assert {each.path for each in OPERATIONS if each.roles is None} == {
        "/problems/{code}",
        "/v1/event-schemas",
        "/v1/event-schemas/{type}/{version}",
    }


def commands() -> Iterable[Operation]:
    """The operations that make something happen."""
    for each in OPERATIONS:
        if each.method == "POST" and each.path not in {"/v1/what-if", "/v1/personal-data/find"}:
            yield each


def test_an_auditor_reads_everything_and_makes_nothing_happen() -> None:
    assert not [each.path for each in commands() if Role.AUDITOR in (each.roles or ())]
    assert not [
        each.path
        for each in OPERATIONS
        if each.method == "GET" and each.roles is not None and Role.AUDITOR not in each.roles
    ]


def test_an_integration_only_says_what_is_so() -> None:
    paths = document()["paths"]
    asked = {
        paths[each.path]["post"]["operationId"]
        for each in commands()
        if Role.INTEGRATION in (each.roles or ())
    }

    assert asked == FACTS | {"askBatch"}  # each of its items is one of them, or refused
    assert Role.INTEGRATION not in LENDERS
    assert Role.AUDITOR not in LENDERS
