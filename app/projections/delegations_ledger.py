"""授权委托台账: who lent which role to whom, for how long and why, and who took it back. Clause 3.

One row a delegation, read from its state. What was done under it stands in the log, each event
with `person`, `role` and `on_behalf_of`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from pydantic import Field

from app.domain.delegation.events import DELEGATION, Delegation, DelegationStatus
from app.domain.values import Role
from app.events.recorded import Recorded
from app.projections.ledger import Filter, Instant, Ledger, LedgerRow

MOMENT: Final = timedelta(microseconds=1)
"""The log's finest step: an end that is excluded is this much after the last instant within."""


class DelegationRow(LedgerRow):
    """One delegation."""

    delegation_id: str = Field(title="授权委托ID")
    delegation_no: str = Field(title="授权委托号")
    grantor: str = Field(title="授权人", description="Whose role it is.")
    to_person: str = Field(title="受托人", description="Who may act in the grantor's name.")
    role: Role = Field(title="角色")
    commands: tuple[str, ...] | None = Field(
        title="授权操作", description="By name; none: all of the role."
    )
    granted_at: Instant = Field(title="授权时间", description="When it was recorded.")
    from_at: Instant = Field(title="生效时间")
    until_at: Instant = Field(title="到期时间", description="The first instant that is too late.")
    reason: str = Field(title="授权原因")
    status: DelegationStatus = Field(
        title="状态", description="GRANTED, also when its time is over; or REVOKED."
    )
    revoked_at: Instant | None = Field(title="撤销时间")
    revoked_by: str | None = Field(title="撤销人")
    revoked_because: str | None = Field(title="撤销原因")
    last_at: Instant = Field(
        title="最后有效时刻",
        description="Before `until_at`, or before it was taken back; earlier than `from_at`: it "
        "never lent anything.",
    )


def keys_of(recorded: Recorded) -> Iterable[str]:
    """The delegation that an event concerns."""
    return (recorded.happened.to,)


def fold(row: DelegationRow | None, recorded: Recorded, key: str) -> DelegationRow:
    """The row after an event."""
    delegation: Delegation = recorded.state
    from_at, until_at = delegation.from_at, delegation.until_at
    assert from_at is not None  # noqa: S101 - every delegation begins with its grant
    assert until_at is not None  # noqa: S101 - and so it has an end
    return DelegationRow(
        delegation_id=key,
        delegation_no=delegation.delegation_no,
        grantor=delegation.grantor,
        to_person=delegation.to_person,
        role=delegation.role,
        commands=delegation.commands,
        granted_at=row.granted_at if row else recorded.happened.at,
        from_at=from_at,
        until_at=until_at,
        reason=delegation.reason,
        status=delegation.status,
        revoked_at=delegation.revoked_at,
        revoked_by=delegation.revoked_by,
        revoked_because=delegation.revoked_because,
        last_at=_last(until_at, delegation.revoked_at),
    )


def _last(until_at: datetime, revoked_at: datetime | None) -> datetime:
    """The last instant at which it lends; one that was over is revoked to no effect."""
    return (until_at if revoked_at is None else min(until_at, revoked_at)) - MOMENT


DELEGATIONS_LEDGER: Final = Ledger[DelegationRow](
    name="delegations_ledger",
    version=3,
    title="Ledger of delegations",
    title_zh="授权委托台账",
    clauses=("3",),
    row_type=DelegationRow,
    event_types=DELEGATION.event_types,
    keys_of=keys_of,
    fold_row=fold,
    columns={
        "delegation_no": "text",
        "from_at": "text",
        "until_at": "text",
        "last_at": "text",
        "grantor": "text",
        "to_person": "text",
        "role": "text",
        "status": "text",
        "revoked_by": "text",
    },
    sorts=("delegation_no", "from_at", "until_at"),
    filters={
        "delegation_no": Filter("delegation_no", "=", "授权委托号."),
        "grantor": Filter("grantor", "=", "授权人."),
        "to_person": Filter("to_person", "=", "受托人."),
        "role": Filter("role", "=", "角色."),
        "status": Filter("status", "=", "状态."),
        "revoked_by": Filter("revoked_by", "=", "撤销人."),
        "lent_at": Filter(
            "from_at",
            "within",
            "有效: delegations that lend their role at this instant.",
            until="last_at",
        ),
        "from_from": Filter("from_at", ">=", "生效时间, from this instant on."),
        "from_to": Filter("from_at", "<=", "生效时间, up to this instant."),
        "until_from": Filter("until_at", ">=", "到期时间, from this instant on."),
        "until_to": Filter("until_at", "<=", "到期时间, up to this instant."),
    },
)
