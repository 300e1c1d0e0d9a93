"""Every event of the demo is what the schema of its version says, as readers are handed it."""

from functools import cache

from jsonschema import Draft202012Validator

from app.api.event_schemas import event_schemas
from tests.demo.conftest import Told


@cache
def reads(type_: str, version: int) -> Draft202012Validator:
    """What holds an event to the schema of its version."""
    return Draft202012Validator(event_schemas()[type_, version].json_schema)


def test_every_event_of_the_demo_fits_its_schema(told: Told) -> None:
    wrong = [
        (each["position"], each["type"], fault.message)
        for each in told.events
        for fault in reads(each["type"], each["schema_version"]).iter_errors(each["data"])
    ]

    assert wrong == []
    assert len({each["type"] for each in told.events}) > 50
