"""A body is one JSON value that everybody reads the same way, or a problem that says where not."""

import json
import time
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.bodies import BODY_BYTES_MAX, DEPTH_MAX, must_be_plain
from app.api.kinds import (
    MALFORMED,
    NOT_JSON,
    Kind,
)
from app.api.problems import (
    POINTER_MAX,
    ProtocolError,
)

CAUSE_TEXT: Final = '{"code": "M01", "zh": "缺胶"}'

ODD_BODIES: Final[tuple[Any, ...]] = (
    ("a key twice", b'{"code": "M01", "code": "M02"}', NOT_JSON, [("/code", "duplicate_key")]),
    (
        "a key twice, further down",
        b'{"a": [{}, {"b/c": 1, "b/c": 1}]}',
        NOT_JSON,
        [("/a/1/b~1c", "duplicate_key")],
    ),
    (
        "a key twice, spelt differently",
        b'{"a": 1, "\\u0061": 1}',
        NOT_JSON,
        [("/a", "duplicate_key")],
    ),
    (
        "halves of pairs",
        b'{"a": "\\ud800", "\\udfff": 1}',
        NOT_JSON,
        [("/a", "lone_surrogate"), ("/\\udfff", "lone_surrogate")],
    ),
    (
        "U+0000",
        b'{"a": ["\\u0000"], "b\\u0000": 1}',
        MALFORMED,
        [("/a/0", "nul"), ("/b\\u0000", "nul")],
    ),
    ("NaN", b'{"a": NaN}', NOT_JSON, [("/a", "not_a_number")]),
    ("Infinity", b"[-Infinity]", NOT_JSON, [("/0", "not_a_number")]),
    ("1e400", b'{"a": 1e400}', MALFORMED, [("/a", "out_of_range")]),
    ("6000 digits", b'{"a": ' + b"9" * 6_000 + b"}", MALFORMED, [("/a", "out_of_range")]),
    ("UTF-16", CAUSE_TEXT.encode("utf-16"), NOT_JSON, [("", "not_utf8")]),
    ("Latin-1", '{"zh": "é"}'.encode("latin-1"), NOT_JSON, [("", "not_utf8")]),
    ("a BOM", CAUSE_TEXT.encode("utf-8-sig"), NOT_JSON, [("", "byte_order_mark")]),
    ("nothing", b" \n", NOT_JSON, [("", "empty")]),
    ("two values", b"{} {}", NOT_JSON, [("", "json_invalid")]),
    ("something behind it", b"{},", NOT_JSON, [("", "json_invalid")]),
    ("single quotes", b"{'a': 1}", NOT_JSON, [("", "json_invalid")]),
    ("a bare line feed", b'{"a": "\n"}', NOT_JSON, [("", "json_invalid")]),
    ("a form", b"a=1&b=2", NOT_JSON, [("", "json_invalid")]),
    (
        "one level too deep",
        b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1),
        NOT_JSON,
        [("", "too_deep")],
    ),
    ("far too deep", b'{"a":' * 100_000, NOT_JSON, [("", "too_deep")]),
)


def refused(body: bytes) -> ProtocolError:
    """Why a body is not read."""
    with pytest.raises(ProtocolError) as caught:
        must_be_plain(body)
    return caught.value


@pytest.mark.parametrize(
    ("body", "kind", "places"), [pytest.param(*rest, id=case) for case, *rest in ODD_BODIES]
)
def test_a_body_that_two_readers_would_read_differently_is_refused(
    body: bytes, kind: Kind, places: list[tuple[str, str]]
) -> None:
    error = refused(body)

    assert error.kind is kind
    assert [(each.pointer, each.code) for each in error.faults] == places


def test_a_body_may_be_just_as_deep_as_is_allowed() -> None:
    must_be_plain(b"[" * DEPTH_MAX + b"]" * DEPTH_MAX)
    must_be_plain(b"[" + b"[[]]," * 1_000 + b"{}]")
    must_be_plain(b'{"a": "' + b"[" * 500 + b'", "b": "\\"[[["}')


def test_a_name_that_somebody_made_up_is_short_and_seen() -> None:
    name = "\u202e" + "x" * 10_000
    (fault,) = refused(json.dumps({name: 10**30}).encode()).faults

    assert fault.pointer.startswith("/\\u202exxx")
    assert len(fault.pointer) < POINTER_MAX + 10


@pytest.mark.parametrize(
    "piece",
    [b"[", b"[]", b"[],", b'{"a":', b'"', b'\\"', b"{}", b"\\", b"0", b"\xc3\xa9", b'{"":1,"":2},'],
)
def test_a_hostile_body_costs_no_more_than_its_size(piece: bytes) -> None:
    for front in (b"", b"[", b'"'):
        body = (front + piece * BODY_BYTES_MAX)[:BODY_BYTES_MAX]
        begun = time.process_time()
        refused(body)
        assert (
            time.process_time() - begun < 2
        )  # a tenth of it alone; what is not linear takes hours


def codes(body: bytes) -> set[str]:
    """What is wrong with a body; nothing, where it is read."""
    try:
        must_be_plain(body)
    except ProtocolError as error:
        return {each.code for each in error.faults} or {"unexplained"}
    return set()


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    found = codes(body)

    assert "unexplained" not in found
    assert found or json.loads(body) is not Ellipsis


texts = st.text(st.characters(), max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)


@given(values)
def test_any_json_is_read_or_refused_with_the_place(value: Any) -> None:  # noqa: ANN401
    body = json.dumps(value).encode()

    assert codes(body) <= {"nul", "lone_surrogate", "out_of_range", "not_a_number"}
