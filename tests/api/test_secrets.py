"""Secrets come by environment or file, and are in no line that is printed and in no answer."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
import httpx
import pytest
import structlog
from typer.testing import CliRunner

from app.cli import cli
from app.config import Settings
from app.embedded import EmbeddedPostgres
from app.events.database import Database
from tests.api.service import Service

PEPPER, PERSON, PASSWORD = "ZQX7-pepper-" + "p" * 32, "ZQX7-person-" + "q" * 32, "ZQX7-word-/@:"
SEED = "5ec4e7" * 10 + "a1b2"
BEARER = "sk_0123456789_ZQX7-bearer"
MARKS = ("ZQX7", quote(PASSWORD, safe=""), SEED)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place for a data directory and for files with secrets."""
    made = Path(tempfile.mkdtemp(prefix="sanbao-secrets-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def marked(database: Database, folder: Path) -> dict[str, str]:
    """Every secret there is, recognisable; the pepper out of a file, as containers have it."""
    (folder / "pepper").write_text(f"{PEPPER}\n")
    return {
        "DATABASE_URL": f"{database.url}&password={quote(PASSWORD, safe='')}",
        "SANBAO_KEY_PEPPER_FILE": str(folder / "pepper"),
        "SANBAO_PERSON_KEY": PERSON,
        "SANBAO_CHECKPOINT_KEY": SEED,
        "SANBAO_CHECKPOINT_URL": "http://127.0.0.1:9/ZQX7-address",
        "PYTHONASYNCIODEBUG": "1",
    }


def nothing_of_it(text: str) -> None:
    """No secret, and no part of one that tells it."""
    found = [line for line in text.splitlines() if any(mark in line for mark in MARKS)]
    assert found == []


async def test_no_secret_is_printed_or_answered_when_things_go_wrong(
    database: Database, server: EmbeddedPostgres, folder: Path
) -> None:
    service = Service(folder / "data", environment=marked(database, folder))
    await service.start()
    answers = []
    async with httpx.AsyncClient(base_url=service.address, timeout=20) as http:
        clerk = {"Authorization": f"Bearer {service.keys['u.clerk']}", "Idempotency-Key": "k-1"}
        stranger = {"Authorization": f"Bearer {BEARER}"}
        answers += [await http.get("/v1/events", headers=stranger)]
        answers += [await http.post("/v1/claims", headers=clerk, content=b'{"a": ')]
        answers += [await http.get("/readyz"), await http.get("/v1/nowhere", headers=clerk)]
        await shut(server, database)
        answers += [await http.get("/v1/ledgers/claims", headers=clerk)]
        answers += [await http.post("/v1/feedback-cases", headers=clerk, json={})]
        answers += [await http.get("/readyz")]
    service.interrupt(15)

    assert {each.status_code for each in answers[-3:]} <= {422, 503}
    for each in answers:
        nothing_of_it(each.text + str(dict(each.headers)))
    nothing_of_it(service.printed())


async def shut(server: EmbeddedPostgres, database: Database) -> None:
    """Nobody gets into the database any more."""
    name = database.url.partition("///")[2].partition("?")[0]
    connection = await asyncpg.connect(server.dsn)
    await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
    )
    await connection.close()


@pytest.mark.parametrize(
    ("setting", "word"),
    [
        ({"DATABASE_URL": "postgresql://app:ZQX7/word@host:5432/plant"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://app:ZQX7@127.0.0.1:1/plant"}, "Error"),
        ({"DATABASE_URL": "mysql://app:ZQX7@host/plant"}, "DATABASE_URL"),
        ({"SANBAO_KEY_PEPPER": "ZQX7-short"}, "key_pepper"),
        ({"SANBAO_CHECKPOINT_KEY": "ZQX7-no-key"}, "checkpoint_key"),
        ({"SANBAO_KEY_PEPPER": PEPPER, "SANBAO_KEY_PEPPER_FILE": "/x"}, "both given"),
        ({"SANBAO_PERSON_KEY_FILE": "/nowhere/at/all"}, "cannot be read"),
    ],
)
def test_a_setting_that_does_not_fit_is_named_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, folder: Path, setting: dict[str, str], word: str
) -> None:
    before = structlog.get_config()
    for name, value in setting.items():
        monkeypatch.setenv(name, value)

    done = CliRunner().invoke(cli, ["verify", f"--data-dir={folder / 'data'}"])

    structlog.configure(**before)
    assert done.exit_code == 2
    assert word in done.output
    nothing_of_it(done.output + str(done.exception))


def test_settings_show_no_secret_whoever_prints_them(
    monkeypatch: pytest.MonkeyPatch, database: Database, folder: Path
) -> None:
    for name, value in marked(database, folder).items():
        monkeypatch.setenv(name, value)

    settings = Settings()

    assert settings.key_pepper is not None
    assert settings.key_pepper.get_secret_value() == PEPPER
    nothing_of_it(repr(settings) + str(settings.model_dump()))
    nothing_of_it(repr(Database(f"postgresql://u:{PASSWORD}@host/name")))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app:pw@db1:5433,[::1]:5434/plant?sslmode=verify-full",
        "postgresql+asyncpg://app@host/plant",
        "postgresql:///postgres?host=/run/postgres&port=5432&user=postgres",
        "postgres://host",
    ],
)
def test_addresses_as_people_write_them_are_taken(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    assert Settings().database_url is not None
