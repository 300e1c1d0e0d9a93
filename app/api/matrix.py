"""The matrix of authority: every operation of the OpenAPI document, and whose keys open it."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from app.api.document import ROLES
from app.domain.decider import JsonObject
from app.domain.values import Role

METHODS: Final = ("get", "post", "put", "patch", "delete")
MAY: Final = "●"

HEAD: Final = """# Authority

Who may ask for what: one line an operation, one column a role (`●` may ask). A command's roles are
those of its clause; that the same person may not do two things of one record (propose and approve,
determine and confirm) is decided by the rules, person by person, whatever the hats. In another
person's name (`Sanbao-On-Behalf-Of`) a command is asked with a role that was lent. An operation
without a key is open to anybody: it tells nothing of the record.
"""


class Operation(NamedTuple):
    """One operation of the document."""

    method: str
    path: str
    tag: str
    roles: frozenset[Role] | None
    """Who may ask; None: anybody, without a key."""


def operations(document: JsonObject) -> Iterator[Operation]:
    """Every operation, in the document's order."""
    for path, item in document["paths"].items():
        for method in METHODS:
            said = item.get(method)
            if said is not None:
                named = said.get(ROLES)
                roles = None if named is None else frozenset(map(Role, named))
                yield Operation(method.upper(), path, said.get("tags", ["service"])[0], roles)


def authority(document: JsonObject) -> str:
    """The matrix as a page, a table a tag."""
    columns = [role for role in Role if role is not Role.SYSTEM]
    found = list(operations(document))
    page = [HEAD]
    for tag in dict.fromkeys(each.tag for each in found):
        page.append(f"\n## {tag}\n\n| operation | {' | '.join(columns)} | no key |")
        page.append(f"|{' --- |' * (len(columns) + 2)}")
        for each in found:
            if each.tag == tag:
                cells = [MAY if _may(each, role) else "" for role in columns]
                cells.append(MAY if each.roles is None else "")
                page.append(f"| `{each.method} {each.path}` | {' | '.join(cells)} |")
    return "\n".join(page) + "\n"


def _may(operation: Operation, role: Role) -> bool:
    return operation.roles is None or role in operation.roles
