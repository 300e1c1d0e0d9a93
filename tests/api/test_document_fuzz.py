"""The service does what its OpenAPI document says, for whatever schemathesis makes of it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.python import asgi

from app.boot import adopt_first_rule_pack
from app.domain.values import Role
from app.embedded import EmbeddedPostgres
from app.evidence.contents import BYTES_MAX, contents_at
from app.main import Plan, create_app, edge_at
from tests.conftest import PEPPER
from tests.databases import copy_of

SECONDS_MAX: Final = 15
"""A test; what is not reached in time is reached on a faster machine."""
PHASES: Final = ("examples", "coverage", "fuzzing", "stateful")
CHECKS: Final[dict[str, Any]] = {
    # What fits the schema may still be refused, as the document says: a rule of the domain on
    # several fields or on the record (409, 422), a revision that has moved on (412), no sandbox
    # (400); whole numbers written as 1.0 fit a schema, and are refused all the same (422).
    "positive_data_acceptance": {
        "expected-statuses": ["2xx", "3xx", 400, 401, 403, 404, 409, 412, 422, 429]
    },
    "missing_required_header": {"expected-statuses": [400, 401, 403, 422, 428]},
}
OPERATIONS: Final[list[dict[str, Any]]] = [
    {"include-path": "/v1/events/stream", "enabled": False},  # it has no end
    {
        # `GET` there reads the record of that name, `/v1/personal-data/{personal_data_id}`.
        "include-path": "/v1/personal-data/find",
        "checks": {
            "unsupported_method": {"enabled": False},
            "allow_header_conformance": {"enabled": False},
        },
    },
]
_numbers = count(1)


@schemathesis.hook
def before_call(_: Any, case: Any, __: Any) -> None:  # noqa: ANN401 - schemathesis' own
    """A command of its own each time; and nobody waits for positions that never come (503)."""
    headers, query = case.headers or {}, case.query or {}
    positive = case.meta is not None and case.meta.generation.mode.value == "positive"
    if positive and "Idempotency-Key" in headers:
        headers["Idempotency-Key"] = f"fuzz-{next(_numbers)}"
    if str(query.get("min_position", "")).isdigit():
        query["min_position"] = 0


@pytest.fixture
def plan(server: EmbeddedPostgres, template: str, tmp_path: Path) -> Iterator[Plan]:
    """A house around an empty log; not the common one, as no loop runs here."""
    with copy_of(server, template) as database:
        yield Plan(
            database=database,
            pepper=PEPPER,
            clock_is_given=True,
            contents=contents_at(None, tmp_path, BYTES_MAX),
        )
        asgi.shutdown_lifespans()


async def key_of_everybody(plan: Plan) -> str:
    """A key in every hat, so that requests get past the roles."""
    async with edge_at(replace(plan)) as edge:
        await adopt_first_rule_pack(edge, None)
        hats = [role for role in Role if role is not Role.SYSTEM]
        return await edge.keyring.issue("u.all", hats, "fuzz", datetime.now(UTC))


def findings(plan: Plan, phases: set[str], examples: int) -> tuple[int, list[str]]:
    """How many requests were made, and what each check found wrong."""
    config = SchemathesisConfig.from_dict(
        {
            "headers": {"Authorization": f"Bearer {asyncio.run(key_of_everybody(plan))}"},
            "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
            "phases": {each: {"enabled": each in phases} for each in PHASES},
            "max-time": SECONDS_MAX,
            "continue-on-failure": True,
            "checks": CHECKS,
            "operations": OPERATIONS,
        }
    )
    app = create_app(edge_at(plan))
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=config)
    asked, found = 0, []
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            found.append(f"{event.label}: {event.value!r}")
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.ScenarioFinished):
            asked += len(event.recorder.interactions)
            found += [
                f"{event.recorder.label} {check.name} {check.failure_info.failure.message}\n"
                f"{check.failure_info.code_sample}"
                for checks in event.recorder.checks.values()
                for check in checks
                if check.failure_info is not None
            ]
    return asked, found


@pytest.mark.parametrize(
    ("phases", "examples"),
    [
        pytest.param({"examples", "coverage"}, 1, id="every edge of every schema"),
        pytest.param({"fuzzing"}, 1, id="whatever fits, and whatever does not"),
        pytest.param({"stateful"}, 3, id="one after the other"),
    ],
)
def test_the_service_does_what_its_document_says(
    plan: Plan, phases: set[str], examples: int
) -> None:
    asked, found = findings(plan, phases, examples)

    assert not found, "\n\n".join(found[:20])
    assert asked > 20
