"""Every ledger there is."""

from typing import Final

from app.projections.claims_ledger import CLAIMS_LEDGER
from app.projections.deadlines import DEADLINES_LEDGER
from app.projections.deliveries_ledger import DELIVERIES_LEDGER
from app.projections.feedback_ledger import FEEDBACK_LEDGER
from app.projections.ledger import AnyLedger

LEDGERS: Final[tuple[AnyLedger, ...]] = (
    FEEDBACK_LEDGER,
    CLAIMS_LEDGER,
    DELIVERIES_LEDGER,
    DEADLINES_LEDGER,
)
