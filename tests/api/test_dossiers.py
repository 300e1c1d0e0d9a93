"""The dossier of a claim: everything in one archive, checked by a script that stands alone."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.evidence.signer import Signer
from app.evidence.signing_keys import SigningKeys
from app.main import Plan
from tests.api.desk import Desk
from tests.api.stories import agree, define_cause, feedback, split_claim
from tests.api.test_tree import signs

SCRIPT = "sanbao_verify_dossier.py"


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    """Whoever signs for the service."""
    return Signer(SigningKeys(tmp_path, "plant.example/sanbao"), lambda: datetime.now(UTC))


async def fetched(desk: Desk, path: str) -> bytes:
    """An archive."""
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    answer = await desk.http.get(f"{path}/dossier", headers=bearer)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    return answer.content


def unpacked(whole: bytes, to: Path) -> Path:
    """Its folder."""
    with zipfile.ZipFile(io.BytesIO(whole)) as zipped:
        zipped.extractall(to)
    (folder,) = to.iterdir()
    return folder


def checked(folder: Path, *options: str) -> tuple[int, str]:
    """What the script says; it knows nothing of this house."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-I", str(folder / SCRIPT), str(folder), *options],
        check=False,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def read(folder: Path, name: str) -> Any:  # noqa: ANN401 - any JSON
    """One of its files."""
    return json.loads((folder / name).read_text())


async def test_a_claims_dossier_holds_everything_and_is_checked_without_us(
    sandbox: Desk, plan: Plan, signer: Signer, tmp_path: Path
) -> None:
    desk = sandbox
    desk.at = "2025-03-03T02:00:00Z"
    await define_cause(desk)
    await agree(desk)
    claim = f"/v1/claims/{(await split_claim(desk, '520.00'))['id']}"
    await signs(plan, signer)

    whole = await fetched(desk, claim)
    folder = unpacked(whole, tmp_path / "dossier")

    assert await fetched(desk, claim) == whole  # the same to the byte
    lines = (folder / "events.jsonl").read_bytes().splitlines()
    events = [json.loads(line)["event"] for line in lines]
    types = {each["type"] for each in events}
    assert {"FeedbackRegistered", "RootCauseApproved", "ClaimRegistered", "EscalationRaised",
            "ClaimSplitCalculated"} <= types  # fmt: skip
    assert [each["position"] for each in events] == sorted(each["position"] for each in events)
    timeline = read(folder, "timeline.json")["data"]
    assert {each["event_id"] for each in timeline} == {each["event_id"] for each in events}
    explanations = {each["event_id"]: each for each in read(folder, "explanations.json")}
    raised = next(each for each in events if each["type"] == "EscalationRaised")
    assert "520.00 CNY > 500.00 CNY" in explanations[raised["event_id"]]["text_en"]
    for event_id, explained in explanations.items():  # all at once, or one by one
        assert await desk.get(f"/v1/events/{event_id}/explanation") == explained
    assert {each["no"] for each in read(folder, "documents.json")} >= {"IMG-1"}
    assert "验证" in (folder / "README.md").read_text()

    key = (folder / "keys").read_text().strip()
    assert checked(folder, f"--key={key}") == (0, "all holds\n")
    other = tmp_path / "other"
    other.mkdir()
    strange = str(SigningKeys(other, "another.example/log").candidates()[0].verifier)
    assert "not signed by a given key" in checked(folder, f"--key={strange}")[1]


async def test_whatever_is_changed_in_a_dossier_is_seen(
    sandbox: Desk, plan: Plan, signer: Signer, tmp_path: Path
) -> None:
    desk = sandbox
    desk.at = "2025-03-03T02:00:00Z"
    await define_cause(desk)
    await agree(desk)
    claim = f"/v1/claims/{(await split_claim(desk, '333.33'))['id']}"
    await signs(plan, signer)
    folder = unpacked(await fetched(desk, claim), tmp_path / "dossier")
    path, proofs = folder / "events.jsonl", folder / "proofs.json"
    good, paths = path.read_bytes(), proofs.read_text()
    lines = good.splitlines(keepends=True)

    path.write_bytes(good.replace(b"u.tech", b"u.tecX", 1))
    assert "not the one that was hashed" in checked(folder)[1]
    path.write_bytes(b"".join(lines[:3] + lines[4:]))
    assert "was taken out" in checked(folder)[1]
    path.write_bytes(good)
    first = next(each for each in json.loads(paths)["proofs"].values() if each)
    proofs.write_text(paths.replace(first[0], first[-1], 1))
    code, said = checked(folder)
    assert (code, "does not lead to the root" in said) == (1, True) or first[0] == first[-1]
    proofs.unlink()
    assert checked(folder)[0] == 2


async def test_events_newer_than_the_checkpoint_are_told_so(
    desk: Desk, plan: Plan, signer: Signer, tmp_path: Path
) -> None:
    case = await feedback(desk)
    await signs(plan, signer)
    at = f"/v1/feedback-cases/{case}"
    await desk.does(f"{at}/acknowledge", {"channel": "PHONE"}, by="u.clerk")

    folder = unpacked(await fetched(desk, at), tmp_path / "dossier")

    assert "newer than the checkpoint" in (folder / "README.md").read_text()
    code, said = checked(folder)
    assert code == 1
    assert "not proven" in said


async def test_a_dossier_of_nothing_is_not_found(desk: Desk) -> None:
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    nobody = "01946dcc-8eb0-7b7e-8ef3-8e62c7e3b5c3"

    answer = await desk.http.get(f"/v1/claims/{nobody}/dossier", headers=bearer)

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
