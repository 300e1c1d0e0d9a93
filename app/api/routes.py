"""Every router there is, in the order of the OpenAPI document."""

from typing import Final

from app.api import (
    events,
    kpis,
    ledgers,
    operations,
    projections,
    reports,
    service,
    timelines,
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
    projections.router,
    what_if.router,
    operations.router,
    service.router,
)
