"""Words that several aggregates speak. Units stand in the names."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The company's calendar. It has had no daylight saving since 1991; it needs no tz database."""


def shanghai_day(instant: datetime) -> date:
    """The company's calendar day of an instant."""
    return instant.astimezone(SHANGHAI).date()


def end_of_day(day: date) -> datetime:
    """The last instant of a day of the company's calendar, as the first of the next one, UTC."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    return (midnight + timedelta(days=1)).astimezone(UTC)


def end_of_week(instant: datetime) -> datetime:
    """The last instant of the ISO week of the company's calendar: Monday 00:00 in Shanghai, UTC."""
    day = shanghai_day(instant)
    return end_of_day(day + timedelta(days=7 - day.isoweekday()))


def iso_week_of(day: date) -> str:
    """`2025-W09` for every day from Monday 24 February to Sunday 2 March 2025."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def quarter_of(day: date) -> str:
    """`2025Q1` for every day from 1 January to 31 March 2025."""
    return f"{day.year}Q{(day.month - 1) // 3 + 1}"


def days_of_quarter(quarter: str) -> tuple[date, date]:
    """The first and the last day of `2025Q1`."""
    year, number = int(quarter[:4]), int(quarter[5])
    after = date(year + number // 4, 3 * number % 12 + 1, 1)
    return date(year, 3 * number - 2, 1), after - timedelta(days=1)


_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(
    _DAY.pattern
    + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"  # seconds may be left out
    + r"(Z|[+-][0-9]{2}:?[0-9]{2})"  # the offset from UTC may not
)


def _day_of(value: object) -> object:
    """A day as it is written, or the day of an instant; a bare number is no day.

    Raises:
        ValueError: it is neither, it has no offset from UTC, or it lies beyond the calendar.
    """
    if isinstance(value, str) and _INSTANT.fullmatch(value.upper()):
        try:
            return shanghai_day(datetime.fromisoformat(value.upper()))
        except (ValueError, OverflowError):
            raise ValueError("there is no such instant in the calendar") from None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return shanghai_day(value)
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    if is_day or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("write a day as 2025-03-31, or an instant with its offset from UTC")


def _instant_of(value: object) -> object:
    """An instant in UTC; a bare number is no instant.

    Raises:
        ValueError: it is none, it has no offset from UTC, or it lies beyond the calendar.
    """
    if isinstance(value, str) and _INSTANT.fullmatch(value.upper()):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueError("there is no such instant in the calendar") from None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    raise ValueError("write an instant with its offset from UTC, as 2025-03-31T15:59:59Z")


def one_spelling(text: object) -> object:
    """Identifiers are compared and counted: `ＴＣ  85` (full width, two blanks) is `TC 85`.

    NFKC and single blanks; `×` stays, and so does the case. Blanks at the ends are left to be
    refused: somebody pasted more than the code.
    """
    if not isinstance(text, str) or (text.isascii() and "  " not in text):
        return text  # as most are
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", text))


Day = Annotated[
    date,
    BeforeValidator(_day_of),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "format": "date-time"},
            ]
        },
        mode="validation",
    ),
    Field(
        description="A day of the company's calendar (Asia/Shanghai), or an instant, of which "
        "the day in Shanghai is taken and stored. 日期(上海时间)。",
        examples=["2025-03-31"],
    ),
]
Instant = Annotated[
    datetime,
    BeforeValidator(_instant_of),
    WithJsonSchema({"type": "string", "format": "date-time"}),
    Field(
        description="An instant with its offset from UTC; kept as UTC. 时刻。",
        examples=["2025-03-31T15:59:59Z"],
    ),
]
_BLANKS: Final = re.compile(" {2,}")
CODE: Final = re.compile(r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$")
Code = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=CODE.pattern),
    BeforeValidator(one_spelling),
]
"""An identifier that people or other systems made up: no control characters, no outer blanks."""
Id = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$"),
    Field(description="The id that the service gave.", json_schema_extra={"format": "uuid"}),
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4_000, strip_whitespace=True)]
Reason = Annotated[
    str,
    StringConstraints(min_length=4, max_length=2_000, strip_whitespace=True),
    Field(description="Why, in words that an auditor understands. 原因。"),
]
Pieces = Annotated[int, Field(ge=1, le=1_000_000, strict=True, description="Pieces (件).")]
Count = Annotated[int, Field(ge=0, le=1_000_000, strict=True, description="Pieces (件), or none.")]
SpecCode = Annotated[
    Code, Field(description="规格: size, type and compound.", examples=["TC 85×105×10 FKM"])
]
CustomerId = Annotated[Code, Field(description="顾客: the customer's code.", examples=["C01"])]
Basis = Annotated[
    int, Field(ge=0, le=10_000, strict=True, description="Basis points: 7000 is 70 % (责任比例).")
]
Evidence = Annotated[
    tuple[Code, ...],
    Field(min_length=1, max_length=50, description="证据: document or photo numbers."),
]


class Role(StrEnum):
    """The hat a person wears when asking. Clause 3."""

    SALES_CLERK = "SALES_CLERK"
    SALES_REP = "SALES_REP"
    QA_ENGINEER = "QA_ENGINEER"
    QA_MANAGER = "QA_MANAGER"
    PRODUCTION = "PRODUCTION"
    TECH_ENGINEER = "TECH_ENGINEER"
    TECH_DIRECTOR = "TECH_DIRECTOR"
    FIELD_SERVICE = "FIELD_SERVICE"
    MARKET_SPECIALIST = "MARKET_SPECIALIST"
    WAREHOUSE = "WAREHOUSE"
    SHIPPER = "SHIPPER"
    GENERAL_MANAGER = "GENERAL_MANAGER"
    FINANCE = "FINANCE"
    AUDITOR = "AUDITOR"
    INTEGRATION = "INTEGRATION"
    ADMINISTRATOR = "ADMINISTRATOR"
    """Hands out access, decides nothing in the procedure."""
    SYSTEM = "SYSTEM"


class Party(StrEnum):
    """Who bears a share of a claim (责任方). The order settles who gets an odd fen."""

    COMPANY = "COMPANY"
    CUSTOMER = "CUSTOMER"
    THIRD_PARTY = "THIRD_PARTY"


class Category(StrEnum):
    """What kind of matter a feedback is (类别). Clauses 3.3 and 4.2.1."""

    DELIVERY = "DELIVERY"
    PRODUCT = "PRODUCT"
    PACKAGING = "PACKAGING"
    TRANSPORT = "TRANSPORT"
    SERVICE = "SERVICE"


class Department(StrEnum):
    """A department of the company. Clause 3."""

    SALES = "SALES"
    QA = "QA"
    PRODUCTION = "PRODUCTION"
    TECH = "TECH"
    LOGISTICS = "LOGISTICS"


class CauseClass(StrEnum):
    """The family a failure cause belongs to; agreements share costs by it. Clause 4.5."""

    MANUFACTURING = "MANUFACTURING"
    DESIGN = "DESIGN"
    SUPPLIER = "SUPPLIER"
    CUSTOMER_ASSEMBLY = "CUSTOMER_ASSEMBLY"
    USE_ENVIRONMENT = "USE_ENVIRONMENT"
    LOGISTICS = "LOGISTICS"
    PACKAGING = "PACKAGING"
    NTF = "NTF"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: the person, not the account, so that two hats stay one head."""

    person: str
    role: Role
    on_behalf_of: str | None = None
    client: str | None = None


SYSTEM: Final = Actor("system", Role.SYSTEM)
"""Policies and the first start ask in this name."""
