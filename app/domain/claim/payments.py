"""What can be asked when a claim is paid, and when a third party pays back. Clause 4.5."""

from typing import ClassVar

from pydantic import Field

from app.domain.claim.objections import (
    ProposalWaits,
)
from app.domain.claim.refusals import (
    ClaimAlreadySettled,
    ClaimIsOver,
    ClaimNotSplit,
    ExecutionNotApproved,
    MoreReceivedThanOwed,
    NotRecoverable,
    RecoveryUnknown,
    SettlementMismatch,
    SodSettlement,
)
from app.domain.claim.words import (
    SettlementMethod,
)
from app.domain.decider import Command
from app.domain.errors import (
    NotFound,
)
from app.domain.money import Money
from app.domain.values import (
    Code,
    Role,
)


class SettleClaim(Command):
    """Pay what the company bears (结算)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})
    refusals = (
        NotFound,
        ClaimIsOver,
        ClaimAlreadySettled,
        ExecutionNotApproved,
        ProposalWaits,
        SodSettlement,
        SettlementMismatch,
    )

    method: SettlementMethod
    voucher: Code = Field(description="凭证号.")
    amount: Money = Field(
        description="What the company bears, with or without what it advances for a third party."
    )


class RegisterRecovery(Command):
    """Ask a third party for what it bears (登记追偿)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_REP, Role.FINANCE})
    refusals = (NotFound, ClaimIsOver, ClaimNotSplit, NotRecoverable)

    party_id: Code = Field(description="Which carrier or supplier (第三方).")
    amount: Money


class RecordRecoveryReceived(Command):
    """Record what a third party paid back (记录追偿回款)."""

    clause: ClassVar[str] = "4.5"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})
    refusals = (NotFound, RecoveryUnknown, MoreReceivedThanOwed)

    party_id: Code
    amount: Money
    voucher: Code
