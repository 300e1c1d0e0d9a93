"""People outside of the company in every place that can tell of one."""

from dataclasses import dataclass
from typing import Any

import asyncpg

from tests.api.desk import Desk, Json
from tests.api.stories import cny, feedback
from tests.api.test_deliveries import papers, prepared
from tests.api.test_service_visits import dispatched

VIN, OTHER_VIN = "LZZ5CLSB8NA123456", "LZZ5CLSB8NA999999"
SIGNER, DRIVER, GUEST, RECEIVER, TRUE_RECEIVER = "赵签字", "孔师傅甲", "郑来宾", "吴收货", "冯收货"
PEOPLE = (VIN, OTHER_VIN, SIGNER, DRIVER, GUEST, RECEIVER, TRUE_RECEIVER)
WHY = "Asked for in writing, GS-2025-11."
READ = (
    "/v1/events?limit=200",
    "/v1/ledgers/feedback",
    "/v1/ledgers/deliveries",
    "/v1/ledgers/service-visits",
    "/v1/ledgers/customer-visits",
    "/v1/ledgers/corrections",
)
CHANGED = ("feedback", "deliveries", "service-visits", "customer-visits")


@dataclass
class Told:
    """The addresses of the records, and the subject of each person."""

    records: list[str]
    subjects: dict[str, str]
    position: int
    """Before anybody is erased."""


async def tell(desk: Desk) -> Told:
    """Name everybody somewhere."""
    case = await feedback(desk, vehicle={"model": "WD615", "vin": VIN})
    at = f"/v1/feedback-cases/{case}"
    new = {"changes": {"vehicle": {"model": "WD615", "vin": OTHER_VIN}}, "reason": "Misread."}
    await desk.does(f"{at}/propose-correction", new, by="u.clerk")
    await desk.does(f"{at}/approve-correction", {}, by="u.qam")
    visit = f"/v1/service-visits/{await dispatched(desk, case)}"
    await desk.does(f"{visit}/start", {}, by="u.field")
    found = {"work": "ANALYSIS", "findings": "The lip is torn.", "qty": 1}
    await desk.does(f"{visit}/record-finding", found, by="u.field")
    when = {} if desk.at is None else {"signed_at": desk.at}
    signature = {"name": SIGNER, "signed_at": "2025-03-03T02:00:00Z", "doc_ref": "SR-1"} | when
    cost = {"travel": cny("1.00"), "labour": cny("0.00"), "material": cny("0.00")}
    await desk.does(
        f"{visit}/complete", {"customer_signature": signature, "cost": cost}, by="u.field"
    )
    call: Json = {"customer_id": "C01", "visited_on": "2025-03-03", "findings": "All is well."}
    called = await desk.does("/v1/customer-visits", call | {"participants": [GUEST]}, by="u.rep")
    goods = await prepared(desk, 40)
    signed = [{"role": r, "name": f"{DRIVER}"} for r in ("SHIPPER", "KEEPER", "CARRIER")]
    await desk.does(f"{goods}/release", papers(40, signatures=signed), by="u.ship")
    await desk.does(f"{goods}/record-signed", {"signed_by": RECEIVER, "doc_ref": "QS"}, by="u.rep")
    (event,) = await desk.events("DeliverySigned")
    wrong = {"event_id": event["event_id"], "stream": event["stream"], "field": "signed_by"}
    wrong |= {"recorded": RECEIVER, "correct": TRUE_RECEIVER, "reason": "Another one signed."}
    corrected = await desk.does("/v1/corrections", wrong, by="u.clerk")
    await desk.does(f"/v1/corrections/{corrected['id']}/approve", {}, by="u.qam")
    records = [at, visit, goods, f"/v1/customer-visits/{called['id']}"]
    records.append(f"/v1/corrections/{corrected['id']}")
    subjects = {each: await subject_of(desk, each) for each in PEOPLE}
    return Told(records, subjects, (await desk.get("/v1/events"))["head"])


async def subject_of(desk: Desk, value: str) -> str:
    """Under which id somebody is sealed."""
    whose: dict[str, Json] = {
        VIN: {"kind": "VEHICLE"},
        OTHER_VIN: {"kind": "VEHICLE"},
        DRIVER: {"kind": "CARRIER_PERSON", "owner": "SF"},
    }
    asked = whose.get(value, {"kind": "CUSTOMER_PERSON", "owner": "C01"}) | {"value": value}
    return str((await desk.does("/v1/personal-data/find", asked, by="u.qam"))["data_subject_id"])


async def erase(desk: Desk, subject: str) -> None:
    """Two people erase a third."""
    at = f"/v1/personal-data/{subject}"
    await desk.does(f"{at}/request-erasure", {"reason": WHY}, by="u.qam")
    await desk.does(f"{at}/erase-person", {"reason": WHY}, by="u.gm")


async def everything(desk: Desk, told: Told, by: str = "u.aud") -> str:
    """Whatever somebody is answered about them, now and as of before, and the stream."""
    before = {"as_of": str(told.position)}
    asked: list[tuple[str, Json]] = [
        *((each, {}) for each in (*READ, *told.records, f"{told.records[0]}/timeline")),
        *((each, before) for each in (*READ[1:], *told.records)),
        *(("/v1/changes", {"ledger": each, "since": "1"}) for each in CHANGED),
    ]
    answers = [str(await _get(desk, path, by, **more)) for path, more in asked]
    answers.append(await streamed(desk, told.position, by))
    return "\n".join(answers)


async def _get(desk: Desk, path: str, by: str, **more: Any) -> Json:  # noqa: ANN401
    path, _, query = path.partition("?")
    asked = dict(pair.split("=") for pair in query.split("&")) if query else {}
    return await desk.get(path, by=by, **asked, **more)


async def streamed(desk: Desk, up_to: int, by: str = "u.aud") -> str:
    """The stream of events from its beginning up to a position."""
    headers = {"Authorization": f"Bearer {desk.keys[by]}"}
    text = ""
    async with desk.http.stream("GET", "/v1/events/stream", headers=headers) as stream:
        async for piece in stream.aiter_text():
            text += piece
            if f"id: {up_to}\n" in text and text.endswith("\n\n"):
                break
    return text


async def dump(owner: "asyncpg.Connection[asyncpg.Record]") -> str:
    """Every row of every table of the plant and of its keys, as text."""
    tables = await owner.fetch("""
        SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname LIKE 'sanbao%'
    """)
    parts = [
        row[0]
        for table in tables
        for row in await owner.fetch(f"SELECT t::text FROM {table['name']} AS t")  # noqa: S608
    ]
    return "\n".join(parts)
