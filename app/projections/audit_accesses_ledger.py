"""审核访问台账: who took or read how much of the log, when, and for what. Clause 5.2."""

from collections.abc import Iterable
from typing import Final

from pydantic import Field

from app.domain.audit_access.events import AUDIT_ACCESS, AccessKind, AuditAccess
from app.domain.values import Role
from app.events.recorded import Recorded
from app.projections.ledger import Filter, Instant, Ledger, LedgerRow


class AuditAccessRow(LedgerRow):
    """One access."""

    audit_access_id: str = Field(title="审核访问ID")
    access_no: str = Field(title="审核访问号")
    at: Instant = Field(title="时间")
    kind: AccessKind = Field(title="访问方式")
    person: str = Field(title="访问人")
    role: Role = Field(title="角色")
    key_id: str = Field(title="密钥编号")
    what: str = Field(title="访问内容", description="The address, with its question.")
    after: int | None = Field(title="起始位置", description="Positions above this one.")
    up_to: int | None = Field(title="结束位置", description="The last position.")
    count: int = Field(title="数量", description="Events or rows.")
    purpose: str | None = Field(title="目的", description="As the reader states it.")


def keys_of(recorded: Recorded) -> Iterable[str]:
    """The access that an event concerns."""
    return (recorded.happened.to,)


def fold(_: AuditAccessRow | None, recorded: Recorded, key: str) -> AuditAccessRow:
    """The row after an event."""
    access: AuditAccess = recorded.state
    at, kind = access.at, access.kind
    assert at is not None  # noqa: S101 - an access begins with its record
    assert kind is not None  # noqa: S101 - which says what it is
    return AuditAccessRow(
        audit_access_id=key,
        access_no=access.access_no,
        at=at,
        kind=kind,
        person=access.person,
        role=access.role,
        key_id=access.key_id,
        what=access.what,
        after=access.after,
        up_to=access.up_to,
        count=access.count,
        purpose=access.purpose,
    )


AUDIT_ACCESSES_LEDGER: Final = Ledger[AuditAccessRow](
    name="audit_accesses_ledger",
    version=2,
    title="Ledger of audit accesses",
    title_zh="审核访问台账",
    clauses=("5.2",),
    row_type=AuditAccessRow,
    event_types=AUDIT_ACCESS.event_types,
    keys_of=keys_of,
    fold_row=fold,
    columns={
        "access_no": "text",
        "at": "text",
        "kind": "text",
        "person": "text",
        "key_id": "text",
    },
    sorts=("access_no", "at"),
    filters={
        "access_no": Filter("access_no", "=", "审核访问号."),
        "kind": Filter("kind", "=", "访问方式."),
        "person": Filter("person", "=", "访问人."),
        "key_id": Filter("key_id", "=", "密钥编号."),
        "at_from": Filter("at", ">=", "时间, from this instant on."),
        "at_to": Filter("at", "<=", "时间, up to this instant."),
    },
)
