"""An aggregate knows others by what happened to them, never by what they decide."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

DOMAIN = Path("app/domain")
SHOWN = {"events", "facts", "state", "words"}
"""The files of an aggregate that others may look at."""
ROOMS = sorted(path.parent.name for path in DOMAIN.glob("*/decisions.py"))


def imports_of(path: Path) -> Iterator[list[str]]:
    """Every module of ours that a file imports, in parts."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app."):
            yield str(node.module).split(".")


@pytest.mark.parametrize("room", ROOMS)
def test_an_aggregate_looks_at_nothing_of_another_but_events_and_state(room: str) -> None:
    seen = {
        f"{path.name} sees {'.'.join(parts)}"
        for path in (DOMAIN / room).glob("*.py")
        for parts in imports_of(path)
        if parts[:2] == ["app", "domain"]
        and parts[2] in ROOMS
        and parts[2] != room
        and parts[3] not in SHOWN
    }

    assert not seen


def test_registers_look_at_events_only() -> None:
    seen = {
        f"{path.name} sees {'.'.join(parts)}"
        for path in (DOMAIN / "registers").glob("*.py")
        for parts in imports_of(path)
        if parts[2] in ROOMS and parts[3] not in SHOWN
    }

    assert not seen
