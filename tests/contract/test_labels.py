"""No code that people meet is without a Chinese and an English label."""

import re
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.api.commands import state_of
from app.domain.aggregates import AGGREGATES
from app.domain.labels import CODE_LISTS, CodeList, code_list_of
from app.main import create_app
from app.projections.catalogue import LEDGERS

CHINESE = re.compile("[\u4e00-\u9fff]")


def schemas() -> dict[str, Any]:
    """Everything that is said by commands, events, states and rows, and every answer."""
    inputs: list[Any] = []
    for each in AGGREGATES:
        inputs.append((each.name, "serialization", state_of(each)))
        inputs += [(c.__name__, "validation", TypeAdapter(c)) for c in each.command_types]
        inputs += [(e.__name__, "serialization", TypeAdapter(e)) for e in each.stream.event_types]
    inputs += [(each.name, "serialization", TypeAdapter(each.row_type)) for each in LEDGERS]
    _, definitions = TypeAdapter.json_schemas(inputs)
    unopened: nullcontext[Any] = nullcontext()
    components = create_app(unopened).openapi()["components"]["schemas"]
    return {"recorded": definitions["$defs"], "answered": components}


NAMES = {"CommandName"}
"""What programs call things by, and nobody reads as a code."""


def enumerations(schema: Any, where: str = "") -> Iterator[tuple[str, str | None, list[str]]]:  # noqa: ANN401
    """Where an enumeration stands, what it is called, and its values."""
    if isinstance(schema, dict):
        values = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if str(schema.get("title")) in NAMES:
            return
        if isinstance(values, list) and all(isinstance(each, str) for each in values):
            yield where, schema.get("title"), values
        for name, part in schema.items():
            if name not in {"default", "examples"}:
                yield from enumerations(part, f"{where}.{name}")
    elif isinstance(schema, list):
        for number, part in enumerate(schema):
            yield from enumerations(part, f"{where}.{number}")


def test_every_value_of_every_enumeration_has_a_label() -> None:
    found = list(enumerations(schemas()))

    assert len(found) > 100
    for where, title, values in found:
        codes = code_list_of(values, title)
        assert codes is not None, f"app/domain/labels: {title or where} needs labels of {values}"
        is_a_class = where.count(".") == 2
        assert codes.name == title or not is_a_class, f"{title} needs a list of its own"


def test_a_code_list_has_no_code_that_nobody_uses() -> None:
    used: dict[str, set[str]] = {}
    for _, title, values in enumerations(schemas()):
        codes = code_list_of(values, title)
        assert codes is not None
        used.setdefault(codes.name, set()).update(values)

    for each in CODE_LISTS.values():
        if each.name != "TimeLimit":  # a row names a limit in a plain text
            assert used.get(each.name) == set(each.codes), each.name


@pytest.mark.parametrize("codes", CODE_LISTS.values(), ids=CODE_LISTS)
def test_labels_are_words_of_their_language_and_tell_codes_apart(codes: CodeList) -> None:
    labels = [(codes.zh, codes.en), *codes.codes.values()]

    for zh, en in labels:
        assert CHINESE.search(zh)
        assert en.strip()
        assert en.isascii()
    for language in ("zh", "en"):
        said = [getattr(each, language) for each in codes.codes.values()]
        assert len(set(said)) == len(said)


def test_every_enumeration_of_the_document_says_where_its_labels_are() -> None:
    def named(schema: Any) -> Iterator[str]:  # noqa: ANN401
        if isinstance(schema, dict):
            if str(schema.get("title")) in NAMES:
                return
            if isinstance(schema.get("enum"), list):
                yield schema["x-labels"]
            for part in schema.values():
                yield from named(part)
        elif isinstance(schema, list):
            for part in schema:
                yield from named(part)

    addresses = set(named(schemas()["answered"]))

    assert "/v1/labels/ClaimStatus" in addresses
    assert addresses <= {f"/v1/labels/{name}" for name in CODE_LISTS}
