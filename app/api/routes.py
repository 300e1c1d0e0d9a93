"""Every router there is, in the order of the OpenAPI document."""

from typing import Final

from app.api import events, kpis, labels, ledgers, reports, service, timelines, tree, work_list
from app.api import (
    changes,
    events,
    explanations,
    kpis,
    ledgers,
    reports,
    service,
    timelines,
    work_list,
)

ROUTERS: Final = (
    ledgers.router,
    work_list.router,
    kpis.router,
    reports.router,
    timelines.router,
    events.router,
    labels.router,
    tree.router,
    explanations.router,
    changes.router,
    service.router,
)
