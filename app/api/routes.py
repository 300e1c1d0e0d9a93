"""Every router there is, in the order of the OpenAPI document."""

from typing import Final

from app.api import (
    changes,
    events,
    explanations,
    kpis,
    labels,
    ledgers,
    personal_data,
    reports,
    service,
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
    labels.router,
    tree.router,
    explanations.router,
    changes.router,
    personal_data.router,
    service.router,
)
