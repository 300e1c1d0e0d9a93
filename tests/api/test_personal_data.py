"""Erasing a person: nothing answers who it was, and every hash stays what it was."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from app.boot import prepare
from app.domain.aggregates import AGGREGATES
from app.domain.delivery.commands import RecordDeliverySigned
from app.domain.personal import ERASED, SEALED
from app.domain.values import Actor, Role
from app.events.codec import Codec
from app.events.database import Database
from app.events.reading import Snapshot
from app.events.store import Key
from app.events.tree import extended, root_hash
from app.events.turn import Submission
from app.evidence.checkpoints import Checkpoint
from app.evidence.export import export_lines
from app.evidence.verify import Known, check_export, check_log
from app.main import Plan
from tests.api.desk import Desk, Json, open_desk
from tests.api.personal import (
    DRIVER,
    GUEST,
    OTHER_VIN,
    PEOPLE,
    RECEIVER,
    SIGNER,
    TRUE_RECEIVER,
    VIN,
    WHY,
    Told,
    dump,
    erase,
    everything,
    subject_of,
    tell,
)
from tests.api.stories import define_cause, feedback
from tests.api.test_deliveries import papers, prepared

CODEC = Codec(each.stream for each in AGGREGATES)


@pytest.fixture
async def desk(sandbox: Desk) -> Desk:
    """Monday 3 March 2025, ten o'clock in Shanghai."""
    sandbox.at = "2025-03-03T02:00:00Z"
    await define_cause(sandbox)
    return sandbox


@pytest.fixture
async def told(desk: Desk) -> Told:
    """Everybody was named somewhere."""
    return await tell(desk)


@pytest.fixture
async def owner(database: Database) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Somebody who sees every table."""
    settings = {"search_path": f"{database.schema},{database.schema}_keys", "timezone": "UTC"}
    connection = await asyncpg.connect(database.url, server_settings=settings)
    yield connection
    await connection.close()


async def verified(owner: "asyncpg.Connection[asyncpg.Record]", known: Known) -> bytes:
    """The log holds, live and as an export; the export."""
    head = await owner.fetchval("SELECT position FROM log_head")
    snapshot = Snapshot(head, head, owner, CODEC)
    assert [each async for each in check_log(snapshot, known, (), lambda _: None)] == []
    lines = export_lines(snapshot, after=0, up_to=head, before=(), checkpoint=None)
    whole = b"".join([piece async for piece in lines])
    assert list(check_export(iter(whole.splitlines(keepends=True)), known, lambda _: None)) == []
    return whole


async def test_before_an_erasure_people_are_read_and_stand_nowhere_in_the_database(
    desk: Desk, told: Told, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    read, stored = await everything(desk, told), await dump(owner)

    assert [each for each in PEOPLE if each not in read] == []
    assert SEALED.search(read) is None
    assert [each for each in PEOPLE if each in stored] == []
    (row,) = (await desk.get("/v1/ledgers/customer-visits"))["data"]
    assert row["participants"] == [GUEST]
    again = await desk.post(
        told.records[2] + "/record-signed", {"signed_by": RECEIVER, "doc_ref": "QS"}, by="u.rep"
    )
    assert (again.status_code, again.json()["details"]["signed_by"]) == (409, RECEIVER)


async def test_after_an_erasure_nothing_answers_who_it_was_and_every_hash_holds(
    desk: Desk, told: Told, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    leaves = [row[0] for row in await owner.fetch("SELECT leaf_hash FROM events ORDER BY position")]
    _, compact = extended(0, (), leaves)
    known = Known([Checkpoint("a log", len(leaves), root_hash(compact))], b"".join(leaves))

    for subject in told.subjects.values():
        await erase(desk, subject)

    read = await everything(desk, told)
    assert [each for each in PEOPLE if each in read] == []
    assert ERASED in read
    assert SEALED.search(read) is None
    export = await verified(owner, known)
    assert [each for each in PEOPLE if each.encode() in export] == []
    assert [each for each in PEOPLE if each in await dump(owner)] == []
    assert await owner.fetchval("SELECT count(*) FROM person_keys WHERE wrapped IS NOT NULL") == 0
    (erased, *_) = await desk.events("PersonErased")
    assert erased["data"]["data_subject_id"] == told.subjects[VIN]
    gone = {"kind": "VEHICLE", "value": VIN}
    assert (await desk.post("/v1/personal-data/find", gone, by="u.qam")).status_code == 404


async def test_a_cloud_event_says_what_the_event_says(desk: Desk, told: Told) -> None:
    plain = {each["event_id"]: each["data"] for each in await desk.events()}
    bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
    batch = bearer | {"Accept": "application/cloudevents-batch+json"}
    one = bearer | {"Accept": "application/cloudevents+json"}

    answer = await desk.http.get("/v1/events", params={"limit": 200}, headers=batch)

    assert answer.headers["content-type"] == batch["Accept"]
    assert {each["id"]: each["data"] for each in answer.json()} == plain
    (visited,) = await desk.events("CustomerVisitRecorded")
    alone = await desk.http.get(f"/v1/events/{visited['event_id']}", headers=one)
    assert alone.json()["data"] == visited["data"]
    assert alone.json()["data"]["participants"] == [GUEST]
    await erase(desk, told.subjects[GUEST])
    alone = await desk.http.get(f"/v1/events/{visited['event_id']}", headers=one)
    assert alone.json()["data"]["participants"] == [ERASED]


async def test_one_person_is_erased_and_the_others_are_still_read(desk: Desk, told: Told) -> None:
    await erase(desk, told.subjects[SIGNER])

    (visit,) = (await desk.get("/v1/ledgers/service-visits"))["data"]
    (goods,) = (await desk.get("/v1/ledgers/deliveries"))["data"]
    assert (visit["signed_by"], goods["signed_by"]) == (ERASED, RECEIVER)
    release = (await desk.get(told.records[2]))["state"]["release"]
    assert {each["name"] for each in release["signatures"]} == {DRIVER}


async def test_tables_are_built_anew_and_a_restart_goes_on_without_the_person(
    plan: Plan, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async with open_desk(plan) as desk:
        case = await feedback(desk, vehicle={"model": "WD615", "vin": VIN})
        subject = await subject_of(desk, VIN)
        kept = await owner.fetchrow("SELECT * FROM person_keys")
        await erase(desk, subject)
        before = (await desk.get("/v1/ledgers/feedback"))["data"]
    assert kept is not None
    # a backup of the keys from before the erasure is put back
    await owner.execute(
        "UPDATE person_keys SET pseudonym = $1, wrapped = $2, erased_at = NULL",
        kept["pseudonym"],
        kept["wrapped"],
    )
    await owner.execute("DELETE FROM read_tables")

    await prepare(plan.database, "live")

    async with open_desk(plan) as desk:
        state = (await desk.get(f"/v1/feedback-cases/{case}"))["state"]
        assert state["vehicle"]["vin"] == ERASED
        assert (await desk.get("/v1/ledgers/feedback"))["data"] == before
        await verified(owner, Known([], b""))


async def test_who_comes_back_is_a_new_person_and_a_key_answers_as_before(
    desk: Desk, told: Told
) -> None:
    body = {
        "customer_id": "C01",
        "channel": "PHONE",
        "life_phase": "FIELD",
        "spec_code": "TC 85×105×10 FKM",
        "failure_mode": "漏油",
        "qty_reported": 1,
        "vehicle": {"model": "WD615", "vin": VIN},
        "description": "Again.",
    }
    first = await desk.post("/v1/feedback-cases", body, by="u.clerk", key="once")
    other = await desk.post(
        "/v1/feedback-cases",
        body | {"vehicle": {"model": "WD615", "vin": "LZZ5"}},
        by="u.clerk",
        key="once",
    )
    assert (first.status_code, other.json()["code"]) == (201, "KEY_REUSED")
    await erase(desk, told.subjects[VIN])

    again = await desk.post("/v1/feedback-cases", body, by="u.clerk", key="once")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json() | {
        "state": first.json()["state"] | {"vehicle": again.json()["state"]["vehicle"]}
    }
    assert again.json()["state"]["vehicle"]["vin"] == ERASED
    new = await desk.does("/v1/feedback-cases", body, by="u.clerk")
    assert new["state"]["vehicle"]["vin"] == VIN
    assert await subject_of(desk, VIN) != told.subjects[VIN]


async def test_whoever_is_named_while_being_erased_is_erased_or_new(
    desk: Desk, told: Told, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async def named() -> str:
        return await feedback(desk, vehicle={"model": "WD615", "vin": VIN})

    cases = await asyncio.gather(*(named() for _ in range(6)), erase(desk, told.subjects[VIN]))

    vins = {
        (await desk.get(f"/v1/feedback-cases/{case}"))["state"]["vehicle"]["vin"]
        for case in cases[:-1]
    }
    assert vins <= {VIN, ERASED}
    destroyed = await owner.fetchval("SELECT count(*) FROM person_keys WHERE wrapped IS NULL")
    assert destroyed == 1


async def test_two_people_stand_by_it_and_only_those_who_may_look_for_somebody(
    desk: Desk, told: Told
) -> None:
    at = f"/v1/personal-data/{told.subjects[VIN]}"
    unasked = await desk.post(f"{at}/erase-person", {"reason": WHY}, by="u.gm")
    assert (unasked.status_code, unasked.json()["code"]) == (409, "ERASURE_NOT_REQUESTED")
    clerk = await desk.post(f"{at}/request-erasure", {"reason": WHY}, by="u.clerk")
    assert clerk.status_code == 403
    nobody = "/v1/personal-data/0194f3a2-7c1e-7b53-9d0a-3f6c2e8b1a47/request-erasure"
    assert (await desk.post(nobody, {"reason": WHY}, by="u.qam")).status_code == 404
    looks = {"kind": "VEHICLE", "value": VIN}
    assert (await desk.post("/v1/personal-data/find", looks, by="u.clerk")).status_code == 403
    wrong = looks | {"kind": "HORSE"}
    assert (await desk.post("/v1/personal-data/find", wrong, by="u.qam")).status_code == 422
    spelt = {"kind": "VEHICLE", "value": f"  {VIN.lower()[:8]}-{VIN[8:]}".strip()}
    found = await desk.does("/v1/personal-data/find", spelt, by="u.aud")
    assert found["data_subject_id"] == told.subjects[VIN]


async def test_nobody_has_a_sealed_text_opened_by_sending_it_in(
    desk: Desk, told: Told, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    text = await owner.fetchval(
        "SELECT data->'vehicle'->>'vin' FROM events WHERE type = 'FeedbackRegistered'"
    )
    case = {"customer_id": "C01", "channel": "PHONE", "life_phase": "FIELD", "qty_reported": 1}
    case |= {"spec_code": "TC", "failure_mode": "漏油", "description": text}

    sent = await desk.post("/v1/feedback-cases", case, by="u.clerk")
    named = await desk.post(
        "/v1/feedback-cases", {}, by="u.clerk", headers={"X-Request-Id": text[:128]}
    )
    asked = await desk.http.get(
        f"/v1/production-lots/{text[:64]}",
        headers={"Authorization": f"Bearer {desk.keys['u.aud']}"},
    )
    await erase(desk, told.subjects[VIN])
    mark = {"model": "WD615", "vin": ERASED}
    sent_back = await desk.post(
        "/v1/feedback-cases", case | {"description": "x", "vehicle": mark}, by="u.clerk"
    )

    assert (sent.status_code, sent.json()["errors"][0]["code"]) == (422, "sealed")
    assert "sealed:1:" not in named.json()["request_id"]
    assert asked.status_code == 404
    assert VIN not in sent.text + named.text + asked.text
    assert sent_back.json()["errors"][0] | {"detail": ""} == {
        "pointer": "/vehicle/vin",
        "code": "not_a_value",
        "detail": "",
    }


async def test_the_log_cannot_read_the_keys_nor_the_keys_the_log(
    told: Told, database: Database
) -> None:
    log = await database.connect()
    for statement in (
        "SELECT * FROM sanbao_keys.person_keys",
        "DELETE FROM sanbao_keys.person_keys",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await log.execute(statement)
    await log.close()
    async with database.keys_pool(connections_max=1) as keys:
        assert await keys.fetchval("SELECT count(*) FROM person_keys") == len(told.subjects)
        for statement in (
            "SELECT * FROM sanbao.events",
            "DELETE FROM person_keys",
            "UPDATE person_keys SET made_at = made_at",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await keys.execute(statement)


async def proposed(desk: Desk, event: Json, field: str, recorded: object, correct: object) -> Json:
    """A correction that is asked for, whatever becomes of it."""
    wrong = {"event_id": event["event_id"], "stream": event["stream"], "field": field}
    wrong |= {"recorded": recorded, "correct": correct, "reason": "Another one signed."}
    answer: Json = (await desk.post("/v1/corrections", wrong, by="u.clerk")).json()
    return answer


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("correct", [13_800_138_000, True, "x" * 65, " x", ""])
async def test_a_person_is_corrected_to_a_name_and_to_nothing_else(
    desk: Desk, correct: object
) -> None:
    (signed,) = await desk.events("DeliverySigned")
    head = (await desk.get("/v1/events"))["head"]

    refused = await proposed(desk, signed, "signed_by", RECEIVER, correct)

    assert (refused["code"], refused["errors"][0]["pointer"]) == ("MALFORMED", "/correct")
    assert (await desk.get("/v1/events"))["head"] == head


async def test_who_is_named_in_the_correction_of_a_correction_is_the_customers_person(
    desk: Desk, told: Told
) -> None:
    (corrected,) = await desk.events("FactCorrected")

    done = await proposed(desk, corrected, "correct", TRUE_RECEIVER, "钱正确")
    again = await proposed(desk, (await desk.events())[-1], "correct", "钱正确", RECEIVER)

    assert (done["state"]["recorded"], done["state"]["correct"]) == (TRUE_RECEIVER, "钱正确")
    assert again["state"]["correct"] == RECEIVER
    await erase(desk, await subject_of(desk, "钱正确"))
    await erase(desk, told.subjects[RECEIVER])
    found = await desk.get(f"/v1/corrections/{done['id']}")
    assert (found["state"]["recorded"], found["state"]["correct"]) == (TRUE_RECEIVER, ERASED)
    found = await desk.get(f"/v1/corrections/{again['id']}")
    assert (found["state"]["recorded"], found["state"]["correct"]) == (ERASED, ERASED)


async def test_a_vehicle_that_a_correction_left_out_is_sealed_where_it_is_put_in(
    desk: Desk, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    case = await feedback(desk, vehicle={"model": "WD615"})
    new = {"changes": {"vehicle": {"model": "WD615", "vin": VIN}}, "reason": "Misread."}
    await desk.does(f"/v1/feedback-cases/{case}/propose-correction", new, by="u.clerk")
    (event,) = await desk.events("FeedbackCorrectionProposed")

    done = await proposed(desk, event, "changes.0.old.vin", None, OTHER_VIN)
    other = await feedback(desk)
    await desk.does(f"/v1/feedback-cases/{other}/propose-correction", new, by="u.clerk")
    (_, event) = await desk.events("FeedbackCorrectionProposed")
    whole = await proposed(desk, event, "changes.0.old", None, OTHER_VIN)

    assert done["state"]["correct"] == OTHER_VIN
    assert (whole["code"], whole["errors"][0]["pointer"]) == ("MALFORMED", "/field")
    assert OTHER_VIN not in await dump(owner)
    await erase(desk, await subject_of(desk, OTHER_VIN))
    state = (await desk.get(f"/v1/corrections/{done['id']}"))["state"]
    assert state["correct"] == ERASED


async def test_what_was_recorded_before_is_shown_as_it_is_and_can_be_corrected(desk: Desk) -> None:
    goods = await prepared(desk, 40)
    await desk.does(f"{goods}/release", papers(40), by="u.ship")
    command = RecordDeliverySigned(signed_by="吴旧时", doc_ref="QS")  # as before this release
    to = goods.rpartition("/")[2]
    rep = Actor("u.rep", Role.SALES_REP)
    past = Submission(
        decider="delivery", to=to, command=command, by=rep, at=None, expected=None, request_id="old"
    )
    await desk.edge.writer.ask(past, Key("old", "RecordDeliverySigned", "old"), b"old", 10)

    (event,) = await desk.events("DeliverySigned")
    assert event["data"]["signed_by"] == "吴旧时"
    wrong = {"event_id": event["event_id"], "stream": event["stream"], "field": "signed_by"}
    wrong |= {"recorded": "吴旧时", "correct": "冯收货", "reason": "Another one signed."}
    done = await desk.does("/v1/corrections", wrong, by="u.clerk")
    assert (done["state"]["recorded"], done["state"]["correct"]) == ("吴旧时", "冯收货")
    async with desk.edge.reader.log() as log:
        (proposed,) = (await log.streams([f"correction-{done['id']}"])).values()
    assert SEALED.fullmatch(proposed[0].data["recorded"])
    assert SEALED.fullmatch(proposed[0].data["correct"])
