"""The people of the demo, and keys that open nothing but the demo's own house.

There are colleagues in every office that a second person must look into. The keys are made from
the names, live in memory while the demo loads, and are never written to the database.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from app.api.keys import Keyring
from app.boot import FIRST_PEOPLE
from app.demo.chance import Chance
from app.domain.values import Role

COLLEAGUES: Final[tuple[tuple[str, Role], ...]] = (
    ("chen.yan", Role.SALES_CLERK),
    ("zhou.hao", Role.SALES_REP),
    ("liu.min", Role.QA_ENGINEER),
    ("wu.jie", Role.QA_ENGINEER),
    ("sun.bo", Role.PRODUCTION),
    ("zhang.wei", Role.TECH_ENGINEER),
    ("ma.lin", Role.TECH_ENGINEER),
    ("gao.fei", Role.MARKET_SPECIALIST),
    ("xu.peng", Role.WAREHOUSE),
    ("tang.li", Role.FINANCE),
)
PEOPLE: Final = (*FIRST_PEOPLE, *COLLEAGUES)

QA_MANAGER: Final = "u.qam"
TECHNICAL_DIRECTOR: Final = "u.td"
GENERAL_MANAGER: Final = "u.gm"
ERP: Final = "erp"


def in_role(role: Role) -> tuple[str, ...]:
    """Everybody who wears a hat."""
    return tuple(person for person, hat in PEOPLE if hat is role)


@dataclass(frozen=True, slots=True)
class Crew:
    """Who looks after one case and all that comes of it."""

    clerk: str
    rep: str
    quality: str
    production: str
    engineer: str
    specialist: str
    storekeeper: str
    cashier: str


def crew(chance: Chance) -> Crew:
    """One person of each office."""
    offices = (
        Role.SALES_CLERK,
        Role.SALES_REP,
        Role.QA_ENGINEER,
        Role.PRODUCTION,
        Role.TECH_ENGINEER,
        Role.MARKET_SPECIALIST,
        Role.WAREHOUSE,
        Role.FINANCE,
    )
    return Crew(*(chance.one_of(in_role(office)) for office in offices))


# --- their keys -----------------------------------------------------------------------------


def _secret(person: str) -> str:
    return urlsafe_b64encode(sha256(f"demo:{person}".encode()).digest()).decode().rstrip("=")


def _key_id(person: str) -> str:
    return sha256(f"demo:key:{person}".encode()).hexdigest()[:12]


def key_of(person: str) -> str:
    """The text of a person's key."""
    return f"sk_{_key_id(person)}_{_secret(person)}"


class Drawer:
    """Holds the keys in memory, where a keyring expects a database."""

    def __init__(self, pepper: bytes, people: Iterable[tuple[str, Role]]) -> None:
        self._rows: Mapping[str, Mapping[str, Any]] = {
            _key_id(person): {
                "key_hash": hmac.new(pepper, _secret(person).encode(), sha256).digest(),
                "person": person,
                "roles": [str(role)],
                "expires_at": None,
                "account": None,
            }
            for person, role in people
        }

    async def fetchrow(self, _: str, *args: Any) -> Any:  # noqa: ANN401 - see `Fetch`
        """The row of a key's id."""
        return self._rows.get(args[0])

    async def execute(self, _: str, *args: Any) -> Any:  # noqa: ANN401 - see `Fetch`
        """Nothing is ever written."""
        raise AssertionError(args)


def demo_keyring(pepper: bytes) -> Keyring:
    """The keys of everybody in the demo."""
    return Keyring(Drawer(pepper, PEOPLE), pepper)
