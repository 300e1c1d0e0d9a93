"""A plant for tests of evidence."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.events.database import Database
from tests.evidence.plant import Plant, connected_as_owner


@pytest.fixture
async def plant(database: Database, tmp_path: Path) -> AsyncIterator[Plant]:
    """An empty log, and a place for keys and copies."""
    owner, service = await connected_as_owner(database), await database.connect()
    yield Plant(owner, service, tmp_path)
    await service.close()
    await owner.close()
