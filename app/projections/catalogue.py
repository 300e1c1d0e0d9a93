"""Every ledger there is."""

from typing import Final

from app.projections.claims_ledger import CLAIMS_LEDGER
from app.projections.costs_ledger import COSTS_LEDGER
from app.projections.deadlines import DEADLINES_LEDGER
from app.projections.feedback_ledger import FEEDBACK_LEDGER
from app.projections.ledger import AnyLedger
from app.projections.measures import MEASURES_LEDGER
from app.projections.part_analyses import PART_ANALYSES_LEDGER

LEDGERS: Final[tuple[AnyLedger, ...]] = (
    FEEDBACK_LEDGER,
    CLAIMS_LEDGER,
    COSTS_LEDGER,
    PART_ANALYSES_LEDGER,
    MEASURES_LEDGER,
    DEADLINES_LEDGER,
)
