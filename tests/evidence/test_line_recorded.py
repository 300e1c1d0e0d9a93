"""What an operator takes on the line is written down before it is read. Clause 5.2."""

import getpass
import importlib
import json
from pathlib import Path
from typing import Any, Final

import pytest

from app.events.migrate import APP_ROLE
from app.events.writer import LogUnavailable, Writer
from app.main import Plan
from tests.api.desk import Desk, Json
from tests.evidence.conftest import Line

sanbao_verify: Final[Any] = importlib.import_module("app.evidence.sanbao_verify")
"""The stand-alone script, which has no types."""


async def accesses(desk: Desk) -> list[Json]:
    """What was written down."""
    page = await desk.get("/v1/ledgers/audit-accesses", by="u.qam", sort="access_no")
    found: list[Json] = page["data"]
    return found


async def test_an_export_on_the_line_holds_its_own_beginning(
    lived: Desk, line: Line, tmp_path: Path
) -> None:
    head = await lived.edge.reader.head()

    done = await line("export", str(tmp_path), "--person=y.ops", "--purpose=ISO 9001 年审")

    assert done.exit_code == 0, done.output
    lines = (tmp_path / "events.jsonl").read_bytes().splitlines(keepends=True)
    assert list(sanbao_verify.check(iter(lines))) == []
    own, manifest = json.loads(lines[-2])["event"], json.loads(lines[-1])["manifest"]
    assert manifest["last"] == manifest["count"] == own["position"] == head + 1
    assert own["data"] | {"access_no": ""} == {
        "access_no": "",
        "kind": "EXPORT",
        "person": "y.ops",
        "role": "SYSTEM",
        "key_id": "cli",
        "what": "sanbao export --after 0",
        "after": 0,
        "up_to": head + 1,
        "count": head + 1,
        "purpose": "ISO 9001 年审",
    }
    assert [row["person"] for row in await accesses(lived)] == ["y.ops"]


async def test_an_export_that_was_cut_off_goes_on_to_the_same_end(
    lived: Desk, line: Line, tmp_path: Path
) -> None:
    await line("export", str(tmp_path / "whole"))
    whole = (tmp_path / "whole" / "events.jsonl").read_bytes().splitlines()
    last = json.loads(whole[-1])["manifest"]["last"]

    rest = await line("export", str(tmp_path / "rest"), "--after=7", f"--up-to={last}")

    assert rest.exit_code == 0, rest.output
    lines = (tmp_path / "rest" / "events.jsonl").read_bytes().splitlines()
    assert lines[1:-1] == whole[8:-1]
    assert json.loads(lines[-1])["manifest"]["root"] == json.loads(whole[-1])["manifest"]["root"]
    for wrong in (("--after=9999",), ("--up-to=9999",), ("--after=7", "--up-to=6")):
        assert (await line("export", str(tmp_path), *wrong)).exit_code == 2
    assert len(await accesses(lived)) == 2


async def test_a_replay_and_a_what_if_are_written_down_under_the_systems_user(
    lived: Desk, line: Line
) -> None:
    user = getpass.getuser()

    assert (await line("replay", "--to=7", "--into=past")).exit_code == 0
    asked = await line("what-if", "--set=single_claim_fen_max=30000", "--person=u.ops")

    assert asked.exit_code == 0, asked.output
    told = [(r["kind"], r["person"], r["what"], r["up_to"]) for r in await accesses(lived)]
    assert told == [
        ("REPLAY", user, "sanbao replay --to 7 --into past", 7),
        ("WHAT_IF", "u.ops", "sanbao what-if --set single_claim_fen_max=30000", None),
    ]


async def test_what_was_refused_was_not_read_and_is_not_written_down(
    lived: Desk, line: Line, tmp_path: Path
) -> None:
    head = await lived.edge.reader.head()

    for words in (
        ("replay", f"--to={head + 1}", "--into=past"),
        ("replay", "--to=3", "--into=sanbao"),
        ("what-if", "--set=nothing=1"),
        ("export", str(tmp_path), "--person= x"),
        ("export", str(tmp_path), "--purpose="),
    ):
        assert (await line(*words)).exit_code in {1, 2}, words

    assert await accesses(lived) == []


async def test_what_cannot_be_written_down_is_not_done(
    lived: Desk, line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object) -> None:
        raise LogUnavailable

    monkeypatch.setattr(Writer, "ask", gone)

    for words in (
        ("export", str(tmp_path)),
        ("replay", "--to=3", "--into=past"),
        ("what-if", "--set=single_claim_fen_max=30000"),
    ):
        done = await line(*words)
        assert (done.exit_code, "NotRecorded" in done.output) == (1, True), done.output

    assert not (tmp_path / "events.jsonl").exists()
    assert await lived.edge.reader.fetch("SELECT FROM pg_namespace WHERE nspname = 'past'") == []


async def test_a_past_is_not_taken_out(
    lived: Desk, line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await line("replay", "--to=7", "--into=past")).exit_code == 0
    monkeypatch.setenv("SANBAO_SCHEMA", "past")

    looked = await line("rebuild", "--all", "--check")
    done = await line("export", str(tmp_path))

    assert (looked.exit_code, "Not written down" in looked.output) == (0, False)

    assert (done.exit_code, "--up-to" in done.output) == (2, True)
    assert len(await accesses(lived)) == 1


async def test_what_was_looked_after_and_holds_is_written_down(lived: Desk, line: Line) -> None:
    head = await lived.edge.reader.head()
    person = "--person=y.ops"

    for words in (
        ("verify", "--no-attachments", "--purpose=nightly"),
        ("rebuild", "--all", "--check"),
        ("rebuild", "claims_ledger", "numbers"),
    ):
        done = await line(*words, person)
        assert done.exit_code == 0, done.output

    told = [
        (r["kind"], r["person"], r["what"], r["up_to"], r["purpose"]) for r in await accesses(lived)
    ]
    assert told == [
        ("VERIFY", "y.ops", "sanbao verify --no-attachments", head, "nightly"),
        ("VERIFY", "y.ops", "sanbao rebuild --all --check", head + 1, None),
        ("REBUILD", "y.ops", "sanbao rebuild claims_ledger numbers", head + 2, None),
    ]
    assert (await line("verify", "--no-attachments")).exit_code == 0


async def test_what_does_not_hold_is_left_as_it_is(lived: Desk, line: Line, plan: Plan) -> None:
    head = await lived.edge.reader.head()
    owner = await plan.database.connect_as_owner()
    await owner.execute("UPDATE registers SET value = '7' WHERE register = 'numbers'")
    await owner.execute("ALTER TABLE events DISABLE TRIGGER USER")
    await owner.execute("UPDATE events SET person = 'nobody' WHERE position = 3")
    await owner.close()

    verified = await line("verify", "--no-attachments")
    checked = await line("rebuild", "numbers", "--check")

    assert (verified.exit_code, checked.exit_code) == (1, 1), verified.output + checked.output
    assert await lived.edge.reader.head() == head


async def test_where_nothing_can_be_written_it_is_done_and_said(
    lived: Desk, line: Line, plan: Plan
) -> None:
    head = await lived.edge.reader.head()
    owner = await plan.database.connect_as_owner()
    await owner.execute(f"REVOKE INSERT ON events FROM {APP_ROLE}")

    for words in (("verify", "--no-attachments"), ("rebuild", "numbers")):
        done = await line(*words)
        assert (done.exit_code, "Not written down" in done.output) == (0, True), done.output
    await owner.execute(f"GRANT INSERT ON events TO {APP_ROLE}")
    await owner.close()

    assert await lived.edge.reader.head() == head
    assert await accesses(lived) == []
