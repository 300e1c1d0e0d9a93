"""Which roles one person may hold together, whatever he proves himself with."""

from collections.abc import Collection
from typing import Final

from app.domain.values import Role

ALONE: Final = (Role.ADMINISTRATOR, Role.AUDITOR, Role.INTEGRATION)
"""Who hands out access decides nothing, who audits does nothing, and machines report facts."""

SERVICE: Final = "system"
OPERATOR_MARK: Final = "operator:"
"""Whoever works on the database itself, from the command line: `operator:` and his login."""


def alone_among(roles: Collection[Role]) -> Role | None:
    """A role that must stand alone and does not; None where all may stand together."""
    return next((role for role in ALONE if role in roles and len(set(roles)) > 1), None)


def is_reserved(person: str) -> bool:
    """Whether the log means the service itself or its operator by this name."""
    return person == SERVICE or person.startswith(OPERATOR_MARK)
