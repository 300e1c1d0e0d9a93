"""Every router there is, in the order of the OpenAPI document."""

from typing import Final

from app.api import (
    asyncapi,
    changes,
    event_schemas,
    events,
    explanations,
    exports,
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
    exports.router,
    events.router,
    streams.router,
    event_schemas.router,
    asyncapi.router,
    labels.router,
    tree.router,
    explanations.router,
    changes.router,
    service.router,
)
