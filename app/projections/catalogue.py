"""Every ledger there is, and every table that is folded from the log."""

from typing import Final

from app.domain.registers.catalogue import REGISTERS
from app.events.folding import Folded, RegisterTable
from app.projections.appeals_ledger import APPEALS_LEDGER
from app.projections.attachments_ledger import ATTACHMENTS_LEDGER
from app.projections.audit_accesses_ledger import AUDIT_ACCESSES_LEDGER
from app.projections.capas_ledger import CAPAS_LEDGER
from app.projections.claims_ledger import CLAIMS_LEDGER
from app.projections.corrections_ledger import CORRECTIONS_LEDGER
from app.projections.costs_ledger import COSTS_LEDGER
from app.projections.deadlines import DEADLINES_LEDGER
from app.projections.delegations_ledger import DELEGATIONS_LEDGER
from app.projections.deliveries_ledger import DELIVERIES_LEDGER
from app.projections.escalations_ledger import ESCALATIONS_LEDGER
from app.projections.feedback_ledger import FEEDBACK_LEDGER
from app.projections.ledger import AnyLedger
from app.projections.links import LINKS
from app.projections.measures import MEASURES_LEDGER
from app.projections.part_analyses import PART_ANALYSES_LEDGER
from app.projections.return_lists_ledger import RETURN_LISTS_LEDGER
from app.projections.risk_projects import RISK_PROJECTS_LEDGER
from app.projections.risk_warnings import RISK_WARNINGS_LEDGER
from app.projections.visits_ledgers import CUSTOMER_VISITS_LEDGER, SERVICE_VISITS_LEDGER
from app.projections.work_list import WORK_ITEMS_LEDGER

LEDGERS: Final[tuple[AnyLedger, ...]] = (
    FEEDBACK_LEDGER,
    APPEALS_LEDGER,
    CLAIMS_LEDGER,
    DELIVERIES_LEDGER,
    RISK_PROJECTS_LEDGER,
    RISK_WARNINGS_LEDGER,
    CAPAS_LEDGER,
    RETURN_LISTS_LEDGER,
    ESCALATIONS_LEDGER,
    SERVICE_VISITS_LEDGER,
    CUSTOMER_VISITS_LEDGER,
    COSTS_LEDGER,
    CORRECTIONS_LEDGER,
    ATTACHMENTS_LEDGER,
    DELEGATIONS_LEDGER,
    AUDIT_ACCESSES_LEDGER,
    PART_ANALYSES_LEDGER,
    MEASURES_LEDGER,
    DEADLINES_LEDGER,
    WORK_ITEMS_LEDGER,
)


def read_tables() -> list[Folded]:
    """Every register and every ledger."""
    return [*(RegisterTable(each) for each in (*REGISTERS, LINKS)), *LEDGERS]
