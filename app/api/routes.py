"""Every router there is, in the order of the OpenAPI document."""

from typing import Final

from app.api import events, kpis, ledgers, service, timelines

ROUTERS: Final = (ledgers.router, kpis.router, timelines.router, events.router, service.router)
