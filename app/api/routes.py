"""Every router there is, in the order of the OpenAPI document."""

from typing import Final

from app.api import (
    asyncapi,
    changes,
    dossiers,
    event_schemas,
    events,
    explanations,
    exports,
    kpis,
    labels,
    ledgers,
    operations,
    personal_data,
    projections,
    reports,
    service,
    streams,
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
    exports.router,
    events.router,
    streams.router,
    event_schemas.router,
    asyncapi.router,
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
