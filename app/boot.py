"""The first start, and every start: schema, tables, the first rule pack, the first keys."""

import json
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.api.edge import Edge, Mode
from app.api.keys import Keyring
from app.domain.decider import SINGLE
from app.domain.rule_pack.decisions import AdoptFirstRulePack
from app.domain.rule_pack.events import RULE_PACKS
from app.domain.rule_pack.first import FIRST_FIGURES
from app.domain.values import SYSTEM, Role
from app.events.database import Database
from app.events.migrate import migrate, newest_revision
from app.events.store import Key
from app.events.turn import Submission
from app.evidence.rebuild import build_missing
from app.evidence.replay import is_replay
from app.main import workings

SINCE: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The first rule pack has always been in force; a sandbox's clock can begin anywhere after."""

FIRST_PEOPLE: Final[Sequence[tuple[str, Role]]] = (
    ("u.clerk", Role.SALES_CLERK),
    ("u.rep", Role.SALES_REP),
    ("u.qa1", Role.QA_ENGINEER),
    ("u.qam", Role.QA_MANAGER),
    ("u.prod", Role.PRODUCTION),
    ("u.tech", Role.TECH_ENGINEER),
    ("u.td", Role.TECH_DIRECTOR),
    ("u.field", Role.FIELD_SERVICE),
    ("u.mkt", Role.MARKET_SPECIALIST),
    ("u.store", Role.WAREHOUSE),
    ("u.ship", Role.SHIPPER),
    ("u.gm", Role.GENERAL_MANAGER),
    ("u.fin", Role.FINANCE),
    ("u.aud", Role.AUDITOR),
    ("erp", Role.INTEGRATION),
    ("u.admin", Role.ADMINISTRATOR),
)
"""One person a role, for the embedded default."""


class WrongMode(Exception):
    """The database was used as a sandbox and is opened as none, or the other way round.

    Or it holds a past that cannot be shown: half built, or built by another version.
    """


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key that was just made: its text is known only now."""

    person: str
    role: str
    key: str


async def prepare(database: Database, mode: Mode) -> Mode:
    """Bring the schema and the read tables up to date, and hold the database to its mode.

    Returns:
        The mode that it is served in: a replayed past is shown as one, and is not touched.

    Raises:
        WrongMode: it was used in the other mode before.
    """
    if mode == "live" and await is_replay(database):
        await _must_be_whole(database)
        return "replay"
    engine = database.owner()
    try:
        await migrate(engine, database.schema)
    finally:
        await engine.dispose()
    connection = await database.connect()
    try:
        await connection.execute("UPDATE log_head SET mode = $1 WHERE mode IS NULL", mode)
        found = await connection.fetchval("SELECT mode FROM log_head")
        if found != mode:
            raise WrongMode(
                f"This database was used as {found}; it cannot be opened as {mode}. "
                "A sandbox stays a sandbox: choose another data directory or schema."
            )
    finally:
        await connection.close()
    await build_missing(database, workings())
    return mode


async def _must_be_whole(database: Database) -> None:
    """A past is shown by the version of the service that built it, once it is whole."""
    connection = await database.connect()
    try:
        revision = await connection.fetchval("SELECT version_num FROM alembic_version")
        rows = await connection.fetch("SELECT name, version FROM read_tables")
    finally:
        await connection.close()
    ours = {name: table.version for name, table in workings().tables.items()}
    if revision != newest_revision() or {row["name"]: row["version"] for row in rows} != ours:
        raise WrongMode(
            "This schema holds a past that was not finished, or was built by another version of "
            "the service: `sanbao replay` it again."
        )


async def adopt_first_rule_pack(edge: Edge, at: datetime | None) -> None:
    """Bring YTCXQP034, revision A0, into force, unless a rule pack is.

    Args:
        edge: where.
        at: when; None is now. A sandbox and a demo begin at `SINCE`, before all that they tell.
    """
    async with edge.reader.log() as log:
        known = await log.streams([f"{RULE_PACKS.name}-{SINGLE}"])
    if any(known.values()):
        return
    command = AdoptFirstRulePack(
        procedure_revision="A0", effective_from=SINCE, figures=FIRST_FIGURES
    )
    submission = Submission(
        decider=RULE_PACKS.name,
        to=SINGLE,
        command=command,
        by=SYSTEM,
        at=at,
        expected=None,
        request_id="first-start",
    )
    key = Key("system", type(command).__name__, "first-start")
    await edge.writer.ask(submission, key, b"first-start", 30)


async def issue_first_keys(keyring: Keyring, database: Database) -> list[IssuedKey]:
    """One key a role, when there is none at all; nothing otherwise."""
    connection = await database.connect()
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('sanbao.keys'))")
            if await connection.fetchval("SELECT count(*) FROM api_keys"):
                return []
            now = datetime.now(UTC)
            issuing = keyring.over(connection)
            return [
                IssuedKey(person, role, await issuing.issue(person, [role], "first start", now))
                for person, role in FIRST_PEOPLE
            ]
    finally:
        await connection.close()


def write_keys(data_dir: Path, keys: Sequence[IssuedKey]) -> Path:
    """Keep the keys of the first start in a file that its owner alone can read."""
    path = data_dir / "keys.json"
    rows = [{"person": each.person, "role": each.role, "key": each.key} for each in keys]
    _write_private(path, json.dumps(rows, indent=2) + "\n", replace=True)
    return path


def known_key(data_dir: Path) -> str | None:
    """The clerk's key of the first start, where this user may read it."""
    try:
        rows = json.loads((data_dir / "keys.json").read_text())
        return str(next(row["key"] for row in rows if row["role"] == Role.SALES_CLERK))
    except (OSError, ValueError, KeyError, StopIteration):
        return None


def pepper_in(data_dir: Path) -> bytes:
    """The secret that keys are hashed with, made at the first start."""
    return _secret_in(data_dir / "pepper")


def person_key_in(data_dir: Path) -> bytes:
    """The master key that wraps the keys of persons, made at the first start."""
    return _secret_in(data_dir / "person-key")


def _secret_in(path: Path) -> bytes:
    if not path.exists():
        _write_private(path, secrets.token_urlsafe(48), replace=False)
    return path.read_bytes()


def _write_private(path: Path, text: str, *, replace: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    if replace:
        partial.replace(path)
        return
    with suppress(FileExistsError):
        os.link(partial, path)
    partial.unlink()
