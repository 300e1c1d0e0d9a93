"""Every ledger there is."""

from typing import Final

from app.projections.ledger import AnyLedger

LEDGERS: Final[tuple[AnyLedger, ...]] = ()
