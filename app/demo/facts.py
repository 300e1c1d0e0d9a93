"""What is true of a case before anybody tells us of it: drawn by chance, once, from its stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto
from typing import Final

from app.demo import causes
from app.demo.causes import CARRIERS, CAUSES, SUPPLIERS, Cause
from app.demo.chance import Chance
from app.demo.customers import CUSTOMERS, Customer
from app.demo.deliveries import Goods
from app.demo.diary import Diary, local, next_working_day
from app.demo.parts import FAMILIES, Part, part_of
from app.demo.people import Crew, crew
from app.domain.values import Category, CauseClass, Party, quarter_of

MONTH_FACTORS: Final = (0.82, 0.62, 1.02, 1.04, 1.02, 1.10, 1.22, 1.24, 1.08, 0.94, 0.92, 0.98)
"""Less around the spring festival, more when seals are hot."""
PIECES: Final[Mapping[int, float]] = {
    1: 68, 2: 18, 3: 8, 4: 2.5, 5: 1, 6: 1, 8: 0.8, 12: 0.5, 20: 0.2,
}  # fmt: skip
LATE_DAYS: Final[Mapping[tuple[int, int], float]] = {
    (0, 3): 55, (4, 14): 30, (15, 60): 12, (61, 200): 3,
}  # fmt: skip
"""Days between failure and report."""
RESERVED_CAUSE: Final = "M05"
RESERVED_QUARTER: Final = "2025Q1"
"""The story ST4 alone uses this cause in this quarter, so that its eleventh is the eleventh."""
ZERO_KM_PERCENT: Final = 22
KILOMETRES_MEDIAN: Final = 31_000
KILOMETRES_AN_HOUR: Final = 25


class Kind(Enum):
    """What becomes of a case, in one word."""

    FAILURE = auto()
    SERVICE = auto()
    """A complaint about a delivery or a service: no part failed."""
    VOID = auto()
    """It was no case of ours."""
    TWICE = auto()
    """It was told before."""


@dataclass(slots=True)
class CaseFile:
    """What the stories of one case know of how far it is."""

    case_id: str = ""
    judged: bool = False
    returned: bool = False
    """Whether parts came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """One failure, as it was."""

    name: str
    kind: Kind
    customer: Customer
    part: Part
    cause: Cause
    mode: str
    pieces: int
    zero_km: bool
    failed_on: date
    day_known: bool
    """Whether the customer can say the day; else the day of receipt stands for it."""
    received_at: datetime
    produced_on: date
    lot_no: str
    vehicle: str
    use: int | None
    """Kilometres, or hours of a machine; none before it is delivered."""
    customer_ref: str
    category: Category
    shares: tuple[tuple[Party, str | None, int], ...] | None
    """What engineering judges; None leaves it to the agreement."""
    crew: Crew
    visited_percent: int = 25
    """How often somebody goes to the customer for such a case."""
    first_cause: Cause | None = None
    """What was approved at first, and corrected later."""
    contained: tuple[tuple[str, int, int], ...] = ()
    """A bad lot: where it was looked at, how many pieces, and how many of them are faulty."""
    goods: Goods | None = None
    """The delivery that was damaged on its way: its report opens the case."""

    @property
    def begins_at(self) -> datetime:
        """When the story of the case begins."""
        return self.received_at if self.goods is None else local(self.goods.leaves_on, 8, 30)

    @property
    def customer_alone(self) -> bool:
        """Whether the customer is judged to bear all of it."""
        return self.shares is not None and self.shares[0][0] is Party.CUSTOMER

    @property
    def third_party(self) -> str | None:
        """The carrier or supplier that is judged to bear most of it."""
        named = (who for party, who, _ in self.shares or () if party is Party.THIRD_PARTY)
        return next(named, None)


def draw_case(chance: Chance, name: str, quarter: str, *, first_on: date) -> CaseFacts:
    """A case that is told in a quarter; its part did not fail before the first agreements."""
    kind = chance.weighted({Kind.FAILURE: 92, Kind.SERVICE: 5, Kind.VOID: 1.5, Kind.TWICE: 1.5})
    customer = chance.weighted({each: each.weight for each in CUSTOMERS})
    received_at = _received_at(chance, quarter)
    least, most = chance.weighted(LATE_DAYS)
    day_known = chance.happens(94)
    days = chance.whole(least, most) if day_known and kind is not Kind.SERVICE else 0
    failed_on = max(received_at.date() - timedelta(days=days), first_on)
    family = chance.weighted(
        {each: each.weight for each in FAMILIES if each.code in customer.families}
    )
    part = part_of(family, chance.one_of(family.specs))
    cause = _cause(chance, family.code, failed_on)
    no_part = kind is Kind.SERVICE
    zero_km = _is_zero_km(cause, drawn=chance.happens(ZERO_KM_PERCENT)) and not no_part
    months = min(chance.weibull(1.3, 14), 36.0)
    age_days = chance.whole(18, 80) + (0 if zero_km else int(months * 30.4))
    produced_on = next_working_day(failed_on - timedelta(days=age_days))
    use = _use(chance, customer)
    return CaseFacts(
        name=name,
        kind=kind,
        customer=customer,
        part=part,
        cause=cause,
        mode=chance.weighted(cause.modes),
        pieces=1 if no_part else chance.weighted(PIECES),
        zero_km=zero_km,
        failed_on=failed_on,
        day_known=day_known,
        received_at=received_at,
        produced_on=produced_on,
        lot_no=f"L{produced_on:%y%m%d}-{chance.whole(1, 4)}",
        vehicle=chance.one_of(customer.vehicles),
        use=None if zero_km else use,
        customer_ref=f"{customer.code}-{received_at:%y%m}-{chance.whole(100, 999)}",
        category=_category(chance, kind, cause),
        shares=_shares(chance, cause),
        crew=crew(chance),
    )


def _received_at(chance: Chance, quarter: str) -> datetime:
    """Some working hour of the quarter; months differ."""
    year, first = int(quarter[:4]), 3 * int(quarter[5]) - 2
    month = chance.weighted({first + n: MONTH_FACTORS[first + n - 1] for n in range(3)})
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    drawn = date(year, month, chance.whole(1, last))
    day = next_working_day(drawn, 0)
    while quarter_of(day) != quarter:  # the quarter ended with days off
        drawn -= timedelta(days=7)
        day = next_working_day(drawn, 0)
    return Diary(chance, local(day, 8)).minutes(5, 540)


def _cause(chance: Chance, family: str, failed_on: date) -> Cause:
    reserved = RESERVED_CAUSE if quarter_of(failed_on) == RESERVED_QUARTER else None
    return chance.weighted(
        {each: each.weight for each in CAUSES if family in each.families and each.code != reserved}
    )


def _is_zero_km(cause: Cause, *, drawn: bool) -> bool:
    """Transport and packing show before anything is built; heat and use only in the field."""
    if cause.cause_class in {CauseClass.LOGISTICS, CauseClass.PACKAGING}:
        return True
    used = cause.cause_class is CauseClass.USE_ENVIRONMENT or cause.cause_class is CauseClass.DESIGN
    return drawn and not used


def _use(chance: Chance, customer: Customer) -> int:
    """How far it went, or how long it ran."""
    kilometres = max(int(chance.lognormal(KILOMETRES_MEDIAN, 0.8)) // 100 * 100, 300)
    return kilometres // KILOMETRES_AN_HOUR if customer.counts_hours else kilometres


def _category(chance: Chance, kind: Kind, cause: Cause) -> Category:
    if kind is Kind.SERVICE:
        return chance.weighted({Category.DELIVERY: 3, Category.SERVICE: 2})
    return {
        CauseClass.LOGISTICS: Category.TRANSPORT,
        CauseClass.PACKAGING: Category.PACKAGING,
    }.get(cause.cause_class, Category.PRODUCT)


def _shares(chance: Chance, cause: Cause) -> tuple[tuple[Party, str | None, int], ...] | None:
    alone = ((Party.CUSTOMER, None, 10_000),)
    match cause.verdict:
        case "AGREEMENT":
            return None
        case "CUSTOMER":
            return alone
        case "EITHER":
            return alone if chance.happens(50) else None
        case "THIRD_PARTY" if cause.cause_class is CauseClass.LOGISTICS:
            return ((Party.THIRD_PARTY, chance.one_of(CARRIERS), 10_000),)
        case "THIRD_PARTY":
            supplier = chance.one_of(SUPPLIERS)
            return ((Party.THIRD_PARTY, supplier, 7_000), (Party.COMPANY, None, 3_000))


def told(facts: CaseFacts) -> str:
    """The failure in a sentence, as a clerk writes it down."""
    where = f"{facts.part.family.where} {facts.part.spec_code}"
    seen = causes.MODES_EN[facts.mode]
    if facts.zero_km:
        return f"{facts.customer.city}, assembly line: {where} {seen}; {facts.vehicle}."
    unit = "h" if facts.customer.counts_hours else "km"
    use = f"{facts.use:,} {unit}".replace(",", " ")
    return f"{facts.vehicle}, {use}: {where} {seen}."
