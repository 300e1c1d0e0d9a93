"""What is kept apart: keys of persons, secrets, attachments, and checkpoints of a newer log."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.backup.apart import put_secrets, save_secrets
from app.backup.errors import BackupFailed, CannotRestore, NotABackup
from app.boot import person_key_in, prepare
from app.domain.personal import ERASED
from app.events.database import Database
from app.evidence.signing import SigningPlan
from app.evidence.signing_keys import SigningKeys
from app.main import Plan
from tests.api.desk import Desk, open_desk
from tests.api.personal import VIN, erase, subject_of
from tests.api.service import Service
from tests.api.stories import feedback
from tests.backup.conftest import Ask, Hands, Line


async def vin_of(desk: Desk, case: str) -> str:
    """What is answered for the vehicle of a case."""
    return str((await desk.get(f"/v1/feedback-cases/{case}"))["state"]["vehicle"]["vin"])


async def test_keys_of_persons_are_not_in_the_backup_and_come_back_from_their_own(
    plan: Plan, elsewhere: Database, hands: Hands, asked: Ask
) -> None:
    async with open_desk(plan) as desk:
        case = await feedback(desk, vehicle={"model": "WD615", "vin": VIN})
    wrapped = await asked(plan.database, "SELECT wrapped FROM sanbao_keys.person_keys")
    await hands.take(plan.database)

    without = await hands.restore(elsewhere)
    there = await asked(elsewhere, "SELECT count(*) FROM sanbao_keys.person_keys")
    back = await hands.restore(elsewhere, backup=hands.keys, replace=True)

    assert (without.settled.keys, there) == ("none", 0)
    assert (back.settled.keys, back.faults) == ("restored", [])
    assert await asked(elsewhere, "SELECT wrapped FROM sanbao_keys.person_keys") == wrapped
    async with open_desk(replace(plan, database=elsewhere)) as desk:
        assert await vin_of(desk, case) == VIN


async def test_whoever_was_erased_stays_erased_whatever_keys_are_put_back(
    plan: Plan, elsewhere: Database, hands: Hands
) -> None:
    async with open_desk(plan) as desk:
        case = await feedback(desk, vehicle={"model": "WD615", "vin": VIN})
        await hands.take(plan.database)
        await erase(desk, await subject_of(desk, VIN))
        newer = Hands(hands.folder / "newer", hands.house)
        await newer.take(plan.database)

    # a newer log with keys from before the erasure: the log destroys them again
    await newer.restore(elsewhere, keys=hands.keys)
    async with open_desk(replace(plan, database=elsewhere)) as desk:
        assert await vin_of(desk, case) == ERASED
    # log and keys from before, over a plant that knows of the erasure
    restored = await hands.restore(plan.database, keys=hands.keys, replace=True)
    assert restored.settled.erased == 1
    async with open_desk(plan) as desk:
        assert await vin_of(desk, case) == ERASED
    await prepare(plan.database, "live")  # a later start changes nothing of it
    async with open_desk(plan) as desk:
        assert await vin_of(desk, case) == ERASED


async def test_attachments_are_copied_once_and_held_to_their_names(
    plan: Plan, elsewhere: Database, hands: Hands
) -> None:
    store, shared = hands.folder / "store", hands.folder / "shared"
    photo, report = kept(store, b"photo"), kept(store, b"report")
    await hands.take(plan.database, attachments=store)
    inside = hands.backup / "attachments" / photo.relative_to(store)
    assert inside.read_bytes() == b"photo"
    first, second = (Hands(hands.folder / each, hands.house) for each in ("a", "b"))
    await first.take(plan.database, attachments=store, attachments_to=shared)
    once = (shared / photo.relative_to(store)).stat().st_ino
    later = kept(store, b"later")
    taken = await second.take(plan.database, attachments=store, attachments_to=shared)

    assert taken.plant.attachments is not None
    assert (taken.plant.attachments.files, taken.plant.attachments.inside) == (3, False)
    assert (shared / photo.relative_to(store)).stat().st_ino == once
    back = hands.folder / "back"
    restored = await first.restore(elsewhere, attachments=back, attachments_from=shared)
    assert restored.faults == []
    assert (back / report.relative_to(store)).read_bytes() == b"report"
    assert not (back / later.relative_to(store)).exists()
    report.write_bytes(b"REPORT")
    third = Hands(hands.folder / "c", hands.house)
    with pytest.raises(BackupFailed, match="not what its name says"):
        await third.take(plan.database, attachments=store)
    assert not third.backup.exists()


async def test_an_attachment_that_is_missing_is_a_fault(
    plan: Plan, elsewhere: Database, hands: Hands
) -> None:
    store, shared = hands.folder / "store", hands.folder / "shared"
    photo = kept(store, b"photo")
    await hands.take(plan.database, attachments=store, attachments_to=shared)
    (shared / photo.relative_to(store)).unlink()

    restored = await hands.restore(
        elsewhere, attachments=hands.folder / "back", attachments_from=shared
    )

    assert len(restored.faults) == 1
    assert "quarantined" in restored.settled.schema


def kept(store: Path, content: bytes) -> Path:
    """A file in a store, under its hash."""
    name = hashlib.sha256(content).hexdigest()
    path = store / "sha256" / name[:2] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_secrets_go_to_a_folder_of_their_own_and_never_over_others(tmp_path: Path) -> None:
    old, safe, new = tmp_path / "old", tmp_path / "safe", tmp_path / "new"
    with pytest.raises(BackupFailed, match="keeps no secrets"):
        save_secrets(old, safe)
    secret = person_key_in(old)

    assert save_secrets(old, safe) == ["person-key"]
    assert put_secrets(safe, new) == ["person-key"]
    assert person_key_in(new) == secret
    assert (new / "person-key").stat().st_mode & 0o777 == 0o600
    (new / "person-key").write_text("another")
    with pytest.raises(CannotRestore, match="other ones stand"):
        put_secrets(safe, new)
    assert (new / "person-key").read_text() == "another"


def test_a_store_is_not_filled_with_what_it_is_not(tmp_path: Path) -> None:
    from app.backup.attachments import put  # noqa: PLC0415 - only here

    photo = kept(tmp_path / "store", b"photo")
    place = tmp_path / "other" / photo.relative_to(tmp_path / "store")
    place.parent.mkdir(parents=True)
    place.write_bytes(b"x")
    with pytest.raises(NotABackup):
        put(photo, tmp_path / "other")


async def test_an_older_state_is_told_and_goes_on_under_another_name(
    plan: Plan, hands: Hands, line: Line, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    signing = SigningPlan(
        keys=SigningKeys(data, "sanbao/sanbao"),
        directory=data / "checkpoints/sanbao",
        seconds_min=0.1,
    )
    async with open_desk(replace(plan, signing=signing)) as desk:
        await feedback(desk)
        await all_is_signed(desk)
        await hands.take(plan.database)
        await feedback(desk)
        head = await all_is_signed(desk)

    done = await line("restore", str(hands.backup), "--replace", "--json")
    assert done.exit_code == 0, done.output
    lost = f"events 5 to {head} were recorded once and are lost"
    assert lost in json.loads(done.stdout)["not_continued"]
    env = {"DATABASE_URL": plan.database.url, "SANBAO_PERSON_KEY": plan.pepper.decode()}
    service = Service(data, environment=env)
    await service.start(until=503)
    service.interrupt(10)
    assert "THIS LOG IS NOT THE ONE THAT WAS SIGNED" in service.printed()
    assert lost in service.printed()

    new = {
        "SANBAO_CHECKPOINT_ORIGIN": "sanbao/sanbao/2",
        "SANBAO_CHECKPOINT_DIR": str(tmp_path / "second"),
    }
    rotated = await line("keys", "rotate", **new)
    assert rotated.exit_code == 0, rotated.output
    assert "Until now   sanbao/sanbao+" in rotated.output
    assert "From now    sanbao/sanbao/2+" in rotated.output
    again = Service(data, environment=env | new)
    await again.start()
    again.interrupt(10)
    verified = await line("verify", "--outside", str(tmp_path / "second"), **new)
    assert verified.exit_code == 0, verified.output


async def all_is_signed(desk: Desk) -> int:
    """The head of the log, once a checkpoint of it is kept outside."""
    head = int((await desk.get("/v1/events"))["head"])
    while (await signed_outside(desk)) != head:
        pass
    return head


async def signed_outside(desk: Desk) -> int:
    """How many events are covered by the copy outside."""
    ready = (await desk.http.get("/readyz")).json()
    return int(ready["checks"]["checkpoints"]["in_directory"] or 0)
