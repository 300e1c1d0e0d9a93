"""What finance books: net sales of a month, what service costs beside claims. Clause 3.7."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from app.demo.chance import Chance
from app.demo.diary import Diary, local, next_working_day
from app.demo.facts import MONTH_FACTORS, CaseFacts, CaseFile
from app.demo.notices import money
from app.demo.people import in_role
from app.demo.schedule import Json, Pause, Step, Steps, Story
from app.domain.values import Role

SALES_A_MONTH_YUAN: Final = 1_000_000
SALES_SWING_PERCENT: Final = 4
FREIGHT_YUAN: Final = (15, 90)
SORTING_YUAN: Final = (60, 600)
BATCH_SORTING_YUAN: Final = (14_000, 22_000)
BATCH_REPLACEMENT_YUAN: Final = (30_000, 42_000)
SORTED_PERCENT: Final = 35


def sales(seed: int, quarters: tuple[str, ...], ends_on: date) -> Iterator[Story]:
    """The net sales of every month, booked on the first days of the next."""
    for quarter in quarters:
        year, first = int(quarter[:4]), 3 * int(quarter[5]) - 2
        for month in range(first, first + 3):
            over_on = date(year + month // 12, month % 12 + 1, 1)
            if over_on > ends_on:
                return
            name = f"sales-{year}-{month:02d}"
            chance = Chance(seed, name)
            opens_at = local(next_working_day(over_on, 0), 8)
            yield Story(name, opens_at, _book(year, month, Diary(chance, opens_at), chance))


def _book(year: int, month: int, diary: Diary, chance: Chance) -> Steps:
    swing = chance.whole(-SALES_SWING_PERCENT * 100, SALES_SWING_PERCENT * 100)
    month_fen = round(SALES_A_MONTH_YUAN * 100 * MONTH_FACTORS[month - 1])
    body: Json = {
        "month": month,
        "net_sales": money(month_fen * (10_000 + swing) // 10_000),
        "source_ref": f"FI-{year}-{month:02d}",
    }
    by = in_role(Role.FINANCE)[0]
    yield Step(diary.days(0, 1), by, f"/v1/sales-figures/{year}/record-figure", body)


def book_costs(facts: CaseFacts, file: CaseFile, chance: Chance) -> Steps:
    """What a case cost beside claims and visits, booked some days after it arose."""
    diary = Diary(chance, facts.received_at)
    while not file.judged:
        yield Pause(diary.days(2, 4))
    spent: dict[str, tuple[int, int]] = {}
    if file.returned:
        spent["FREIGHT"] = FREIGHT_YUAN
    if facts.pieces > 1 and chance.happens(SORTED_PERCENT):
        spent["SORTING"] = SORTING_YUAN
    if facts.contained:
        spent = {"SORTING": BATCH_SORTING_YUAN, "REPLACEMENT": BATCH_REPLACEMENT_YUAN}
    for kind, (least, most) in spent.items():
        arose_at = diary.days(2, 6)
        body: Json = {
            "kind": kind,
            "amount": money(chance.whole(least, most) * 100),
            "on": arose_at.date().isoformat(),
            "case_id": file.case_id,
            "voucher": f"FY-{facts.name}-{kind[0]}",
        }
        yield Step(diary.days(1, 4), facts.crew.cashier, "/v1/cost-entries", body)
