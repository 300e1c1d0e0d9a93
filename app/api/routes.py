"""Every router there is, in the order of the OpenAPI document."""

from typing import Final

from app.api import events, kpis, ledgers, reports, service, timelines

ROUTERS: Final = (
    ledgers.router,
    kpis.router,
    reports.router,
    timelines.router,
    events.router,
    service.router,
)
