"""What others wrote comes by a hash, or not at all."""

import tomllib
from pathlib import Path

import pytest

LOCK = tomllib.loads(Path("uv.lock").read_text())


@pytest.mark.parametrize("package", LOCK["package"], ids=lambda each: each["name"])
def test_every_package_is_locked_by_hash(package: dict[str, object]) -> None:
    if package["source"] == {"editable": "."}:
        return
    assert set(package["source"]) == {"registry"}  # type: ignore[call-overload]  # a table
    files = [*package.get("wheels", []), package.get("sdist")]  # type: ignore[misc]  # a list
    found = [each for each in files if each is not None]
    assert found
    assert all(each["hash"].startswith("sha256:") for each in found)


def test_the_image_runs_as_nobody_in_particular_and_is_built_from_what_is_locked() -> None:
    lines = Path("Dockerfile").read_text().splitlines()

    assert "USER 10001:10001" in lines
    assert sum("uv sync --locked" in line for line in lines) == 2
    assert not [line for line in lines if line.startswith(("ADD ", "ARG "))]
    assert "*" in Path(".dockerignore").read_text().splitlines()
