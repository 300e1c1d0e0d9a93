"""Every router there is, in the order of the OpenAPI document."""

from typing import Final

from app.api import (
    changes,
    dossiers,
    events,
    explanations,
    kpis,
    labels,
    ledgers,
    operations,
    personal_data,
    projections,
    reports,
    service,
    timelines,
    tree,
    what_if,
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
    dossiers.router,
    projections.router,
    what_if.router,
    operations.router,
    personal_data.router,
    service.router,
)
