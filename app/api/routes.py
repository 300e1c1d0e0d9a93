"""Every router there is, in the order of the OpenAPI document."""

from typing import Final

from app.api import (
    changes,
    events,
    explanations,
    kpis,
    labels,
    ledgers,
    reports,
    service,
    streams,
    timelines,
    tree,
    work_list,
)

ROUTERS: Final = (
    ledgers.router,
    work_list.router,
    kpis.router,
    reports.router,
    timelines.router,
    events.router,
    streams.router,
    labels.router,
    tree.router,
    explanations.router,
    changes.router,
    service.router,
)
