"""The tree of hashes over HTTP, checked by somebody who has only the standards."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.evidence.signer import Signer
from app.evidence.signing_keys import SigningKeys
from app.main import Plan
from tests.api.desk import Desk
from tests.api.stories import define_cause, feedback
from tests.api.test_conventions import problem_of
from tests.evidence import rfc
from tests.evidence.plant import Plant, connected_as_owner

ORIGIN = "plant.example/sanbao"


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    """Whoever signs for the service."""
    return Signer(SigningKeys(tmp_path, ORIGIN), lambda: datetime.now(UTC))


async def signs(plan: Plan, signer: Signer) -> int:
    """The log is signed as it stands; the size."""
    connection = await plan.database.connect()
    kept = await signer.sign(connection, lambda _: None)
    await connection.close()
    assert kept is not None
    return kept.size


async def get(desk: Desk, path: str, **params: Any) -> httpx.Response:  # noqa: ANN401
    """One query, whatever the answer."""
    headers = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    return await desk.http.get(path, headers=headers, params=params or None)


async def text_of(desk: Desk, path: str) -> str:
    """The text at an address."""
    answer = await get(desk, path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    return answer.text


async def tile(desk: Desk, path: str) -> list[bytes]:
    """The hashes of a tile."""
    answer = await get(desk, f"/v1/tree/tile/{path}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "immutable" in answer.headers["cache-control"]
    return [answer.content[at : at + 32] for at in range(0, len(answer.content), 32)]


async def test_an_auditor_checks_the_whole_log_with_the_standards_alone(
    desk: Desk, plan: Plan, signer: Signer
) -> None:
    await feedback(desk)
    size = await signs(plan, signer)

    vkey = (await desk.get("/v1/tree/keys"))["data"][0]["verifier_key"]
    note = await text_of(desk, "/v1/tree/checkpoint")
    origin, signed_size, root = rfc.read_checkpoint(note, vkey)
    assert (origin, signed_size) == (ORIGIN, size)

    leaves = await tile(desk, f"0/000.p/{size}")
    assert rfc.mth(leaves) == root

    raw = (await get(desk, f"/v1/tree/tile/entries/000.p/{size}")).content
    entries = []
    while raw:
        length = int.from_bytes(raw[:2], "big")
        entries.append(raw[2 : 2 + length])
        raw = raw[2 + length :]
    assert [rfc.leaf(each) for each in entries] == leaves
    assert len(entries) == len(await desk.events()) == size

    for position in range(1, size + 1):
        proof = await desk.get("/v1/tree/inclusion", position=position)
        assert proof["checkpoint"] == note
        way = [base64.b64decode(each) for each in proof["hashes"]]
        assert rfc.included(leaves[position - 1], position - 1, size, way, root)
        assert base64.b64decode(proof["leaf_hash"]) == leaves[position - 1]


async def test_a_later_checkpoint_continues_an_earlier_one(
    desk: Desk, plan: Plan, signer: Signer
) -> None:
    await feedback(desk)
    first = await signs(plan, signer)
    await define_cause(desk)
    second = await signs(plan, signer)

    page = await desk.get("/v1/tree/checkpoints", limit=1)
    rest = await desk.get("/v1/tree/checkpoints", after=page["next_after"])
    roots = [base64.b64decode(each["root"]) for each in (*page["data"], *rest["data"])]
    proof = await desk.get("/v1/tree/consistency", first=first)

    assert (page["has_more"], rest["has_more"]) == (True, False)
    assert (proof["first"], proof["second"]) == (first, second)
    way = [base64.b64decode(each) for each in proof["hashes"]]
    assert rfc.continued(first, second, roots[0], roots[1], way)
    assert [base64.b64decode(proof[each]) for each in ("first_root", "second_root")] == roots
    empty = await desk.get("/v1/tree/consistency", first=0, second=first)
    assert empty["hashes"] == []
    assert base64.b64decode(empty["first_root"]) == rfc.mth([])


async def test_what_is_not_signed_yet_is_told_so(desk: Desk, plan: Plan, signer: Signer) -> None:
    answers = [
        await get(desk, "/v1/tree/inclusion", position=1),
        await get(desk, "/v1/tree/consistency", first=0),
    ]
    problem_of(await get(desk, "/v1/tree/checkpoint"), 404, "NOT_FOUND")
    problem_of(await get(desk, "/v1/tree/tile/0/000.p/1"), 404, "NOT_FOUND")
    assert (await desk.get("/v1/tree/keys"))["data"] == []
    size = await signs(plan, signer)
    await define_cause(desk)
    answers += [
        await get(desk, "/v1/tree/inclusion", position=size + 1),
        await get(desk, "/v1/tree/inclusion", position=1, size=size + 1),
        await get(desk, "/v1/tree/consistency", first=size + 1),
        await get(desk, "/v1/tree/consistency", first=1, second=size + 1),
    ]

    for answer in answers:
        problem_of(answer, 409, "NOT_SIGNED_YET")


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("/v1/tree/tile/0/000", (404, "NOT_FOUND")),
        ("/v1/tree/tile/0/0", (404, "NOT_FOUND")),
        ("/v1/tree/tile/0/x000/001", (404, "NOT_FOUND")),
        ("/v1/tree/tile/64/000.p/1", (404, "NOT_FOUND")),
        ("/v1/tree/tile/0/000.p/300", (404, "NOT_FOUND")),
        ("/v1/tree/tile/1/000.p/1", (404, "NOT_FOUND")),
        ("/v1/tree/tile/entries/000", (404, "NOT_FOUND")),
        ("/v1/tree/tile/data/000", (422, "MALFORMED")),
        ("/v1/tree/tile/0/000.p/1?x=1", (422, "MALFORMED")),
        ("/v1/tree/inclusion", (422, "MALFORMED")),
        ("/v1/tree/inclusion?position=0", (422, "MALFORMED")),
        ("/v1/tree/inclusion?position=2&size=1", (422, "MALFORMED")),
        ("/v1/tree/inclusion?position=99999999999999999999", (422, "MALFORMED")),
        ("/v1/tree/consistency?first=2&second=1", (422, "MALFORMED")),
        ("/v1/tree/consistency?first=-1", (422, "MALFORMED")),
        ("/v1/tree/nothing", (404, "NO_SUCH_ROUTE")),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(
    desk: Desk, plan: Plan, signer: Signer, path: str, refused: tuple[int, str]
) -> None:
    await define_cause(desk)
    await signs(plan, signer)

    problem_of(await get(desk, path), *refused)


async def test_nobody_reads_the_tree_without_a_key(desk: Desk) -> None:
    for path in ("checkpoint", "checkpoints", "keys", "tile/0/000", "inclusion?position=1"):
        problem_of(await desk.http.get(f"/v1/tree/{path}"), 401, "UNAUTHENTICATED")


@pytest.fixture
async def large(plan: Plan, tmp_path: Path) -> AsyncIterator[Plant]:
    """A plant whose log can be made long without asking for each event."""
    owner, service = await connected_as_owner(plan.database), await plan.database.connect()
    yield Plant(owner, service, tmp_path)
    await service.close()
    await owner.close()


async def test_a_long_log_is_read_by_tiles(large: Plant, desk: Desk) -> None:
    before = await desk.http.get("/readyz")
    head = before.json()["checks"]["database"]["position"]
    rows = await large.owner.fetch("SELECT leaf_hash FROM events ORDER BY position")
    large.leaves = [row[0] for row in rows]
    size = 256 * 256 + 513
    await large.grows_to(size)
    await large.signs()

    root = base64.b64decode((await desk.get("/v1/tree/checkpoints"))["data"][-1]["root"])
    levels = [await tile(desk, "2/000.p/1"), await tile(desk, "1/001.p/2")]
    assert await tile(desk, "1/000") == [
        rfc.mth(large.leaves[at : at + 256]) for at in range(0, 65_536, 256)
    ]
    last = await tile(desk, "0/258.p/1")
    below = rfc.mth(levels[1])
    assert rfc.node(levels[0][0], rfc.node(below, last[0])) == root
    for position in (1, head + 1, 65_536, 65_537, size):
        proof = await desk.get("/v1/tree/inclusion", position=position, size=size)
        way = [base64.b64decode(each) for each in proof["hashes"]]
        assert rfc.included(large.leaves[position - 1], position - 1, size, way, root)


async def test_an_event_too_long_for_a_bundle_is_told(large: Plant, desk: Desk) -> None:
    await large.forgets("UPDATE events SET canonical = repeat('x', 70000) WHERE position = 1")
    leaf = rfc.leaf(b"x" * 70_000)
    await large.forgets("UPDATE events SET leaf_hash = $1", leaf)
    await large.forgets("UPDATE log_head SET tree = ARRAY[$1::bytea]", leaf)
    await large.signs()

    answer = await get(desk, "/v1/tree/tile/entries/000.p/1")

    problem = problem_of(answer, 409, "ENTRY_TOO_LONG")
    assert problem["details"] == {"position": 1, "bytes": 70_000}


async def test_a_tree_that_lacks_hashes_is_told_and_not_made_up(large: Plant, desk: Desk) -> None:
    rows = await large.owner.fetch("SELECT leaf_hash FROM events ORDER BY position")
    large.leaves = [row[0] for row in rows]
    await large.grows_to(600)
    await large.signs()
    await large.forgets("DELETE FROM tree_tiles WHERE index = 0")

    for path in ("inclusion?position=600", "consistency?first=599", "tile/1/000.p/2"):
        problem_of(await get(desk, f"/v1/tree/{path}"), 409, "TREE_INCOMPLETE")
