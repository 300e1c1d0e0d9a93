"""Every router there is, in the order of the OpenAPI document."""

from typing import Final

from app.api import events, kpis, ledgers, projections, reports, service, timelines, work_list

ROUTERS: Final = (
    ledgers.router,
    work_list.router,
    kpis.router,
    reports.router,
    timelines.router,
    events.router,
    projections.router,
    service.router,
)
