"""A house that keeps files, in a directory of its own."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.evidence.contents import Contents, contents_at
from app.main import Plan
from tests.api.desk import Desk, open_desk
from tests.api.files import BYTES_MAX
from tests.api.stories import feedback


@pytest.fixture
def contents(tmp_path: Path) -> Contents:
    """A real store in a directory of its own, for small files."""
    return contents_at(None, tmp_path, BYTES_MAX)


@pytest.fixture
async def files(plan: Plan, contents: Contents) -> AsyncIterator[Desk]:
    """A desk of a house with a store."""
    async with open_desk(replace(plan, contents=contents)) as one:
        yield one


@pytest.fixture
async def case(files: Desk) -> str:
    """What the files are about: `feedback-cases/<id>`."""
    return f"feedback-cases/{await feedback(files)}"
