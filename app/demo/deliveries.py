"""How goods leave the plant: lots, storage, the release gate, the way, the signed list. Clause 4.1.

Every customer gets a delivery a quarter; two stories need one of their own (ST7, ST8).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from app.demo import parts
from app.demo.causes import CARRIERS
from app.demo.chance import Chance
from app.demo.customers import CUSTOMERS, Customer
from app.demo.diary import Diary, local, next_working_day
from app.demo.people import ERP, in_role
from app.demo.schedule import Json, Step, Steps, StepsTo, Story
from app.domain.values import Role, days_of_quarter

WORKSHOPS: Final = ("WS-1", "WS-2", "WS-3")
BOX_PIECES: Final = 50
CALLED_PERCENT: Final = 55
BAD_STORE_PERCENT: Final = 3
LATE_PROOF_PERCENT: Final = 8
"""Signed lists that are not back within the seven days of T19."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Pieces that were made together."""

    lot_no: str
    spec_code: str
    produced_on: date
    qty: int


@dataclass(frozen=True, slots=True)
class Goods:
    """A delivery: lots of a customer, and when they leave."""

    name: str
    customer: Customer
    lots: tuple[Lot, ...]
    leaves_on: date
    carrier_id: str = CARRIERS[0]

    @property
    def lines(self) -> list[Json]:
        """As prepared, packed and shipped."""
        return [
            {"line": number, "spec_code": lot.spec_code, "lot_no": lot.lot_no, "qty": lot.qty}
            for number, lot in enumerate(self.lots, start=1)
        ]


def deliveries(seed: int, quarters: Sequence[str]) -> Iterator[Story]:
    """One delivery a customer and quarter."""
    for quarter in quarters:
        for index, customer in enumerate(CUSTOMERS, start=1):
            name = f"delivery-{quarter}-{customer.code}"
            chance = Chance(seed, name)
            goods = _draw(name, index, customer, quarter, chance)
            begins_at = local(goods.leaves_on, 8, 5)
            yield Story(name, begins_at, ship(goods, Diary(chance, begins_at), chance))


def _draw(name: str, index: int, customer: Customer, quarter: str, chance: Chance) -> Goods:
    """Two lots of what the customer buys; their numbers end above those of failed parts."""
    first, last = days_of_quarter(quarter)
    leaves_on = next_working_day(first + timedelta(days=chance.whole(1, (last - first).days - 14)))
    lots = []
    for line in (1, 2):
        family = parts.BY_CODE[chance.one_of(customer.families)]
        made_on = next_working_day(leaves_on - timedelta(days=chance.whole(9, 24)), 0)
        lots.append(
            Lot(
                lot_no=f"L{made_on:%y%m%d}-{2 * index + line + 7}",
                spec_code=chance.one_of(family.specs),
                produced_on=made_on,
                qty=chance.whole(4, 40) * BOX_PIECES,
            )
        )
    return Goods(name, customer, tuple(lots), leaves_on, chance.one_of(CARRIERS))


def ship(goods: Goods, diary: Diary, chance: Chance) -> Steps:
    """From the store to the signed list in the file."""
    yield from store(goods.lots, diary, chance)
    at = yield from leave(goods, diary, chance)
    rep = chance.one_of(in_role(Role.SALES_REP))
    if chance.happens(CALLED_PERCENT):
        said: Json = {
            "kind": chance.one_of(("PHONE_CALL", "TRACKING_NODE")),
            "note": "On the way, expected as planned.",
            "place": goods.customer.city,
        }
        yield Step(diary.days(1, 1), rep, f"{at}/track", said)
    signed: Json = {"signed_by": f"{goods.customer.code} store", "doc_ref": f"QS-{goods.name}"}
    if chance.happens(4):
        signed["differences"] = "One box with a dented corner, contents sound."
    yield Step(diary.days(1, 3), rep, f"{at}/record-signed", signed)
    late = chance.happens(LATE_PROOF_PERCENT)
    when = diary.days(7, 9) if late else diary.days(1, 4)
    yield Step(when, rep, f"{at}/return-proof", {"doc_ref": f"QS-{goods.name}"})


def store(lots: Sequence[Lot], diary: Diary, chance: Chance) -> Steps:
    """Take lots into store, and look at how they lie."""
    keeper = chance.one_of(in_role(Role.WAREHOUSE))
    for lot in lots:
        at = f"/v1/production-lots/{lot.lot_no}"
        stored_on = min(next_working_day(lot.produced_on, 1), diary.at.date())
        made: Json = {
            "spec_code": lot.spec_code,
            "produced_on": lot.produced_on.isoformat(),
            "workshop": chance.one_of(WORKSHOPS),
            "qty": lot.qty,
            "warehoused_on": stored_on.isoformat(),
        }
        yield Step(diary.minutes(1, 6), keeper, f"{at}/record", made)
        wet = "FAIL" if chance.happens(BAD_STORE_PERCENT) else "PASS"
        kept: Json = {
            "place": f"A-{chance.whole(1, 24):02d}",
            "checks": {
                "identification": "PASS",
                "water": wet,
                "sun": "PASS",
                "rust": "PASS",
                "ventilation": wet,
            },
        }
        yield Step(diary.minutes(1, 6), keeper, f"{at}/record-storage-condition", kept)


def leave(goods: Goods, diary: Diary, chance: Chance) -> StepsTo[str]:
    """Prepare, pass the gate of clause 4.1.3, hand over to the carrier.

    Returns:
        The address of the delivery.
    """
    keeper, shipper = chance.one_of(in_role(Role.WAREHOUSE)), in_role(Role.SHIPPER)[0]
    prepared: Json = {
        "customer_id": goods.customer.code,
        "contract_ref": f"HT-{goods.customer.code}-{goods.leaves_on.year}",
        "carrier_id": goods.carrier_id,
        "lines": goods.lines,
    }
    by_erp = chance.happens(50)
    if by_erp:
        prepared |= {"source_system": "ERP", "external_ref": f"SO-{goods.name}"}
    when, by = diary.minutes(5, 30), ERP if by_erp else keeper
    answer = yield Step(when, by, "/v1/deliveries", prepared, awaited=True)
    at, number = f"/v1/deliveries/{answer['id']}", answer["state"]["delivery_no"]
    when = diary.minutes(20, 90)
    yield Step(when, shipper, f"{at}/release", _papers(goods, number, keeper, shipper))
    waybill: Json = {"waybill": f"WB{chance.whole(10**8, 10**9 - 1)}"}
    yield Step(diary.minutes(10, 60), shipper, f"{at}/dispatch", waybill)
    return at


def _papers(goods: Goods, number: str, keeper: str, shipper: str) -> Json:
    suffix = number.removeprefix("DL-")
    signed = {"SHIPPER": shipper, "KEEPER": keeper, "CARRIER": f"{goods.carrier_id} driver"}
    return {
        "inspection_report_no": f"CJ-{suffix}",
        "certificate_no": f"HG-{suffix}",
        "packing_list_no": f"ZX-{suffix}",
        "packing_list": goods.lines,
        "shipping_list": goods.lines,
        "signatures": [{"role": role, "name": name} for role, name in signed.items()],
    }


def damaged_on_the_way(  # noqa: PLR0913, PLR0917 - what is seen on the spot
    goods: Goods, pieces: int, reported_at: datetime, seen: str, diary: Diary, chance: Chance
) -> StepsTo[str]:
    """Goods of which pieces arrive squeezed; the report opens a feedback case (R-10).

    Returns:
        The id of the case.
    """
    yield from store(goods.lots, diary, chance)
    at = yield from leave(goods, diary, chance)
    rep, leader = in_role(Role.SALES_REP)[0], in_role(Role.TECH_DIRECTOR)[0]
    diary.not_before(reported_at)
    damage: Json = {
        "line": 1,
        "qty": pieces,
        "discovered": "DELIVERY_POINT",
        "description": seen,
    }
    path = f"{at}/report-transport-damage"
    answer = yield Step(diary.minutes(1, 9), rep, path, damage, awaited=True)
    order = {"instruction": "Photograph the boxes, keep them; the carrier pays. Send new pieces."}
    yield Step(diary.minutes(30, 90), leader, f"{at}/acknowledge-transport-damage", order)
    case_id: str = answer["state"]["damages"][0]["case_id"]
    return case_id
