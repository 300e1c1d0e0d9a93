"""From the number on paper to the row of a ledger that it names: `CL-2025-000002`."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from app.events.reading import Snapshot
from app.projections.appeals_ledger import APPEALS_LEDGER
from app.projections.capas_ledger import CAPAS_LEDGER
from app.projections.claims_ledger import CLAIMS_LEDGER
from app.projections.costs_ledger import COSTS_LEDGER
from app.projections.escalations_ledger import ESCALATIONS_LEDGER
from app.projections.feedback_ledger import FEEDBACK_LEDGER
from app.projections.ledger import AnyLedger
from app.projections.pages import as_known

LEDGER_OF: Final[Mapping[str, tuple[AnyLedger, str, str]]] = {
    "FB": (FEEDBACK_LEDGER, "case_no", "feedback-cases"),
    "CL": (CLAIMS_LEDGER, "claim_no", "claims"),
    "CA": (CAPAS_LEDGER, "capa_no", "capas"),
    "CE": (COSTS_LEDGER, "cost_no", "cost-entries"),
    "ES": (ESCALATIONS_LEDGER, "escalation_no", "escalations"),
    "AP": (APPEALS_LEDGER, "appeal_no", "appeals"),
}
"""By what a number begins with: its ledger, the ledger's column, the records' collection."""


@dataclass(frozen=True, slots=True)
class Named:
    """A record that a number names, as it was known at a moment."""

    no: str
    ledger: str
    row: str
    """Address of the ledger's row."""
    record: str
    """Address of the record."""
    event_ids: tuple[str, ...]
    """The events that the row was built from at that moment."""


async def named(snapshot: Snapshot, numbers: Iterable[str]) -> dict[str, Named]:
    """The records behind numbers, where there are any; others are left out.

    Args:
        snapshot: the moment to look at them.
        numbers: as evidence names them.
    """
    found: dict[str, Named] = {}
    by_kind: dict[str, list[str]] = {}
    for each in dict.fromkeys(numbers):
        by_kind.setdefault(each.partition("-")[0], []).append(each)
    for kind, wanted in by_kind.items():
        if kind not in LEDGER_OF:
            continue
        ledger, column, collection = LEDGER_OF[kind]
        text = (
            f"SELECT {column} AS no, row_id, body->'event_ids' AS event_ids "  # noqa: S608
            f"FROM {ledger.name} WHERE {column} = ANY($1)"
        )
        if snapshot.position < snapshot.head:
            text = as_known(text, [ledger], snapshot.position)
        for row in await snapshot.fetch(text, wanted):
            found[row["no"]] = Named(
                no=row["no"],
                ledger=ledger.name,
                row=f"/v1/ledgers/{ledger.address}/{row['row_id']}",
                record=f"/v1/{collection}/{row['row_id']}",
                event_ids=tuple(json.loads(row["event_ids"])),
            )
    return found
