"""The people in the tests. A person did something, or asks for something, at noon."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from app.domain.decider import Asked, C, F, Happened
from app.domain.values import SYSTEM, Actor, Role

NOON: Final = datetime(2025, 3, 3, 4, tzinfo=UTC)
"""Noon of 3 March 2025 in Shanghai."""
ONE: Final = "00000000-0000-7000-8000-000000000001"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with a hat."""

    name: str
    role: Role
    principal: str | None = None
    """In whose name, where it is not the person's own."""

    @property
    def actor(self) -> Actor:
        """The person as the house knows it."""
        return Actor(self.name, self.role, self.principal)

    def did(self, event: F, *, to: str = ONE, at: datetime = NOON) -> Happened[F]:
        """An event of the past."""
        return Happened(event, to=to, by=self.actor, at=at)

    def asks(self, command: C, *, to: str = ONE, at: datetime = NOON) -> Asked[C]:
        """A wish for the present."""
        return Asked(command, to=to, by=self.actor, at=at)

    def wearing(self, role: Role) -> "Person":
        """The same head under another hat."""
        return Person(self.name, role)

    def standing_in_for(self, other: "Person") -> "Person":
        """The same head in another one's name and hat."""
        return Person(self.name, other.role, other.name)


CLERK: Final = Person("Lin", Role.SALES_CLERK)
SALES: Final = Person("Gao", Role.SALES_REP)
ENGINEER: Final = Person("Wang", Role.QA_ENGINEER)
QUALITY_MANAGER: Final = Person("Xu", Role.QA_MANAGER)
PRODUCTION: Final = Person("Ma", Role.PRODUCTION)
TECHNICIAN: Final = Person("He", Role.TECH_ENGINEER)
DIRECTOR: Final = Person("Guo", Role.TECH_DIRECTOR)
SERVICE: Final = Person("Luo", Role.FIELD_SERVICE)
SPECIALIST: Final = Person("Zhao", Role.MARKET_SPECIALIST)
STOREKEEPER: Final = Person("Sun", Role.WAREHOUSE)
SHIPPER: Final = Person("Qian", Role.SHIPPER)
GENERAL_MANAGER: Final = Person("Chen", Role.GENERAL_MANAGER)
CASHIER: Final = Person("Tang", Role.FINANCE)
ERP: Final = Person("erp", Role.INTEGRATION)
ADMINISTRATOR: Final = Person("Ren", Role.ADMINISTRATOR)
POLICY: Final = Person(SYSTEM.person, SYSTEM.role)
