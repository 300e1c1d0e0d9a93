"""Every ledger there is."""

from typing import Final

from app.projections.claims_ledger import CLAIMS_LEDGER
from app.projections.deadlines import DEADLINES_LEDGER
from app.projections.deliveries_ledger import DELIVERIES_LEDGER
from app.projections.feedback_ledger import FEEDBACK_LEDGER
from app.projections.ledger import AnyLedger
from app.projections.risk_projects import RISK_PROJECTS_LEDGER
from app.projections.risk_warnings import RISK_WARNINGS_LEDGER

LEDGERS: Final[tuple[AnyLedger, ...]] = (
    FEEDBACK_LEDGER,
    CLAIMS_LEDGER,
    DELIVERIES_LEDGER,
    RISK_PROJECTS_LEDGER,
    RISK_WARNINGS_LEDGER,
    DEADLINES_LEDGER,
)
