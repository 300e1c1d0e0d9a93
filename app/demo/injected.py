"""The stories that every demo tells, under names that can be found again: ST1 to ST14.

Each has a specification of its own that no case of chance uses, so that counts are its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from app.demo import customers, parts
from app.demo.causes import BY_CODE as CAUSES
from app.demo.causes import CARRIERS, LEAK, LOOKS, SUPPLIERS
from app.demo.chance import Chance
from app.demo.claims import ClaimFacts
from app.demo.deliveries import Goods, Lot
from app.demo.diary import local, next_working_day
from app.demo.facts import RESERVED_CAUSE, CaseFacts, Kind, draw_case
from app.demo.notices import Line, material
from app.domain.values import Category, Party

QUARTER: Final = "2025Q1"
"""All of them are told in it."""
BEFORE_MIDNIGHT, AT_MIDNIGHT = "2024-12-31T15:59:59Z", "2024-12-31T16:00:00Z"
"""The last second of 2024 in Shanghai, and the first of 2025."""
OCCURRENCES: Final = (
    "01-06", "01-13", "01-20", "02-06", "02-13", "02-20", "03-03", "03-10", "03-17", "03-24",
    "03-31",
)  # fmt: skip
"""ST4: the target of clause 3.7 is ten a quarter; the eleventh comes on its last day."""


MADE_ON: Final = date(2024, 6, 18)
"""ST4: all eleven come from one lot."""
LATE_FAILURE_ON: Final = date(2024, 12, 19)
RESTATED_QUARTER, RESTATED_ON = "2024Q4", date(2025, 2, 12)
"""ST5: the quarter it failed in, and when its figures are frozen anew."""
RESTATED_BECAUSE: Final = "A failure of 19 December was told in January."
MADE_UNDER_MEASURE_ON: Final = date(2025, 2, 24)
NEW_YEAR_PART: Final = "CRK-R TC 100×120×12 FKM"
"""Of ST10, and of ST6 which comes back."""
BATCH_QUARTERS: Final = tuple(f"{year}Q1" for year in range(2017, 2026, 2))
"""One bad lot in two years."""
SQUEEZED_MADE_ON: Final = date(2024, 12, 24)
LINE_STOP_HOURS: Final = 5
LINE_STOP_FEN: Final = 20_000_00


@dataclass(frozen=True, slots=True)
class Told:
    """A story as it is written down: its case, and its claim if there is one."""

    facts: CaseFacts
    claim: ClaimFacts | None = None


def injected(seed: int) -> Iterator[Told]:
    """Every story, in the order of their numbers."""
    yield _claimed(seed, "ST1", "C07", "M03", "CRK-R TC 78×100×10 FKM", date(2025, 1, 14), 500_00)
    yield _claimed(seed, "ST2", "C07", "M03", "CRK-F TC 52×72×8 FKM", date(2025, 1, 15), 500_01)
    third = "AXL TB 72×95×12 NBR"
    yield _claimed(seed, "ST3-1", "C04", "M04", third, date(2025, 1, 6), 186_40)
    yield _claimed(seed, "ST3-2", "C01", "M04", third, date(2025, 1, 14), 243_00)
    yield _claimed(seed, "ST3-3", "C04", "M04", third, date(2025, 2, 6), 205_80)
    yield from _eleven(seed)
    yield _late(seed)
    yield _again(seed)
    yield _transport(seed)
    yield _disputed(seed)
    yield from _new_year(seed)
    yield _mistaken(seed)
    below = "HUB TB 100×130×12 HNBR"
    yield _claimed(seed, "ST14-1", "C11", "M02", below, date(2025, 2, 17), 481_20)
    yield _claimed(seed, "ST14-2", "C11", "M02", below, date(2025, 2, 18), 492_60)
    yield _claimed(seed, "ST14-3", "C11", "M02", below, date(2025, 2, 20), 498_80)
    yield _claimed(seed, "ST12", "C02", "NTF", "GBX TC 40×58×8 NBR", date(2025, 1, 21), 333_33)


def _case(  # noqa: PLR0913, PLR0917 - what a story fixes of its case
    seed: int, name: str, customer: str, cause: str, part: str, received_on: date
) -> CaseFacts:
    """A case whose particulars are chance, and whose point is not."""
    drawn = draw_case(Chance(seed, name), name, QUARTER, first_on=received_on)
    buys = customers.BY_CODE[customer]
    family_code, _, spec_code = part.partition(" ")
    family = parts.BY_CODE[family_code]
    age_days = 90 + 7 * (drawn.received_at.day + drawn.received_at.minute)
    produced_on = next_working_day(received_on - timedelta(days=age_days))
    return replace(
        drawn,
        kind=Kind.FAILURE,
        customer=buys,
        part=parts.Part(family, spec_code, family.price_fen[1]),
        cause=CAUSES[cause],
        mode=LEAK,
        pieces=1,
        zero_km=False,
        use=(drawn.use or 18_400) if not buys.counts_hours else 740,
        failed_on=received_on,
        day_known=True,
        received_at=local(received_on, 9, 10 + drawn.received_at.minute % 40),
        produced_on=produced_on,
        lot_no=f"L{produced_on:%y%m%d}-{drawn.lot_no[-1]}",
        vehicle=buys.vehicles[0],
        customer_ref=name,
        category=Category.PRODUCT,
        shares=None,
        visited_percent=0,
    )


def _claim(facts: CaseFacts, notice_no: str, total_fen: int) -> ClaimFacts:
    """A notice on the day after, with material and the rest as labour."""
    parts_line = material(facts, min(facts.part.price_fen, total_fen // 2))
    rest = Line("OTHER" if facts.zero_km else "LABOUR", total_fen - parts_line.amount_fen)
    return ClaimFacts(
        name=f"{facts.name}-claim",
        notice_no=notice_no,
        case=facts,
        lines=(parts_line, rest),
        failure_on=facts.failed_on.isoformat(),
        exemplary=True,
        notice_at=local(next_working_day(facts.received_at.date()), 10, 15),
    )


def _claimed(  # noqa: PLR0913, PLR0917 - what a story fixes
    seed: int,
    name: str,
    customer: str,
    cause: str,
    part: str,
    received_on: date,
    total_fen: int,
) -> Told:
    """A failure and its claim: ST1 at the threshold, ST2 a fen above it, ST3, ST12, ST14."""
    facts = _case(seed, name, customer, cause, part, received_on)
    return Told(facts, _claim(facts, name, total_fen))


def _eleven(seed: int) -> Iterator[Told]:
    """ST4: one cause, eleven times in a quarter."""
    for number, day in enumerate(OCCURRENCES, start=1):
        on = date.fromisoformat(f"2025-{day}")
        name = f"ST4-{number:02d}"
        buyer = ("C02", "C03", "C11")[number % 3]
        facts = _case(seed, name, buyer, RESERVED_CAUSE, "ORG O 56×3.55 HNBR", on)
        yield Told(replace(facts, produced_on=MADE_ON, lot_no=f"L{MADE_ON:%y%m%d}-2"))


def _late(seed: int) -> Told:
    """ST5: it failed in a quarter whose figures are frozen when we hear of it."""
    facts = _case(seed, "ST5", "C03", "M04", "CRK-F TC 48×65×8 ACM", date(2025, 1, 17))
    return Told(replace(facts, failed_on=LATE_FAILURE_ON))


def _again(seed: int) -> Told:
    """ST6: what ST10 led to was to prevent it; the part was made under the measure."""
    facts = _case(seed, "ST6", "C01", "M02", NEW_YEAR_PART, date(2025, 3, 12))
    return Told(replace(facts, produced_on=MADE_UNDER_MEASURE_ON, zero_km=True, use=None))


def _batch_name(year: int) -> str:
    """ST7 in the year of the stories; the plant has one every other year."""
    return "ST7" if f"{year}Q1" == QUARTER else f"batch-{year}"


def batch_goods(year: int) -> Goods:
    """ST7: three thousand pieces of one lot, on their way to the customer."""
    made_on = next_working_day(date(year, 1, 1))
    lot = Lot(f"L{made_on:%y%m%d}-1", "TB 110×140×12 NBR", made_on, 3_000)
    leaves_on = next_working_day(made_on, 5)
    return Goods(f"{_batch_name(year)}-delivery", customers.BY_CODE["C01"], (lot,), leaves_on)


def batch(seed: int, year: int) -> Told:
    """ST7: a bad lot stops the customer's line; eight in a hundred pieces are faulty.

    ST13 is in its project: nobody publishes in the third week.
    """
    goods, name = batch_goods(year), _batch_name(year)
    lot, told_on = goods.lots[0], next_working_day(goods.leaves_on, 4)
    facts = replace(
        _case(seed, name, "C01", "M02", f"HUB {lot.spec_code}", told_on),
        pieces=12,
        zero_km=True,
        use=None,
        produced_on=lot.produced_on,
        lot_no=lot.lot_no,
        visited_percent=100,
        contained=(("CUSTOMER", 640, 52), ("WAREHOUSE", 800, 61)),
    )
    lines = (
        material(facts, facts.part.price_fen),
        Line("LINE_STOP", LINE_STOP_HOURS * LINE_STOP_FEN, halves=2 * LINE_STOP_HOURS),
    )
    return Told(facts, replace(_claim(facts, name, 1_000_00), lines=lines))


def _mistaken(seed: int) -> Told:
    """ST11: approved as damage at assembly, and corrected: the lip was torn in our press."""
    facts = _case(seed, "ST11", "C02", "M01", "GBX TC 50×72×8 FKM", date(2025, 2, 11))
    return Told(replace(facts, first_cause=CAUSES["A01"]))


def _transport(seed: int) -> Told:
    """ST8: squeezed on the road; the carrier pays it back."""
    lot = Lot(f"L{SQUEEZED_MADE_ON:%y%m%d}-1", "TB 75×100×10 NBR", SQUEEZED_MADE_ON, 400)
    facts = replace(
        _case(seed, "ST8", "C04", "L01", "AXL TB 75×100×10 NBR", date(2025, 1, 10)),
        mode=LOOKS,
        pieces=3,
        zero_km=True,
        use=None,
        category=Category.TRANSPORT,
        produced_on=lot.produced_on,
        lot_no=lot.lot_no,
        shares=((Party.THIRD_PARTY, CARRIERS[0], 10_000),),
        goods=Goods("ST8-delivery", customers.BY_CODE["C04"], (lot,), date(2025, 1, 9)),
    )
    return Told(facts, _claim(facts, "ST8", 384_00))


def _disputed(seed: int) -> Told:
    """ST9: a sub-supplier is to blame; we object, and the claim is cancelled."""
    facts = replace(
        _case(seed, "ST9", "C03", "S01", "CRK-F TC 60×80×8 ACM", date(2025, 1, 13)),
        shares=((Party.THIRD_PARTY, SUPPLIERS[0], 10_000),),
    )
    claim = replace(_claim(facts, "ST9", 412_50), notice_at=None, dispute="CANCELLED")
    return Told(facts, claim)


def _new_year(seed: int) -> Iterator[Told]:
    """ST10: two failures a second apart, and a new agreement between them."""
    for year, instant in ((2024, BEFORE_MIDNIGHT), (2025, AT_MIDNIGHT)):
        name = f"ST10-{year}"
        drawn = _case(seed, name, "C01", "M02", NEW_YEAR_PART, date(2025, 1, 3))
        failed_on = datetime.fromisoformat(instant).astimezone(drawn.received_at.tzinfo).date()
        facts = replace(drawn, failed_on=failed_on)
        yield Told(facts, replace(_claim(facts, name, 1_000_00), failure_on=instant))
