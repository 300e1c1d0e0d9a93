"""The roof: puts the house together around a database, and the app around the house."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg
import structlog
from asyncpg import Pool, Record
from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from app.api import commands, document, records
from app.api.door import Door
from app.api.edge import Edge, Mode
from app.api.envelope import Envelope
from app.api.identity_provider import IdentityPlan, IdentityProvider
from app.api.keys import Keyring
from app.api.kinds import (
    BUSY,
    NO_SUCH_ROUTE,
    NOT_ALLOWED,
    UNAVAILABLE,
    Kind,
)
from app.api.meters import Meter, Slots
from app.api.opening import Opening, open_details
from app.api.pages import docs_page
from app.api.problems import (
    ProtocolError,
    domain_problem,
    malformed,
    protocol_problem,
)
from app.api.queries import each_once
from app.api.routes import ROUTERS
from app.api.sense import Sense
from app.api.tokens import Tokens
from app.api.turnstile import Allowances, Turnstile
from app.api.uploads import UPLOADS
from app.domain.aggregates import AGGREGATES
from app.domain.errors import DomainError
from app.domain.policies.catalogue import POLICIES
from app.doors import DoorLimits, Doors
from app.events.database import Database
from app.events.fairness import FairPool, NoPlace
from app.events.following import Tail
from app.events.ids import NewId, random_id
from app.events.migrate import newest_revision
from app.events.person_keys import Draw, PersonKeys, drawn
from app.events.pulse import Held, Pulse
from app.events.reading import Bell, Reader
from app.events.workings import Workings
from app.events.writer import Limits, Writer
from app.evidence.contents import Contents
from app.evidence.operations import Operations
from app.evidence.signing import Signing, SigningPlan
from app.projections.catalogue import read_tables
from app.timers import Timers

log: Final = structlog.get_logger(__name__)

VERSION: Final = "0.1.0"
DEFAULT_LIMITS: Final = Limits()
KEYS_CONNECTIONS_MAX: Final = 4
NO_LIMITS: Final = Allowances()
DOORS: Final = DoorLimits()


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a house is built from."""

    database: Database
    pepper: bytes = field(repr=False)
    mode: Mode = "live"
    now: Callable[[], datetime] = utc_now
    new_id: NewId = random_id
    clock_is_given: bool = False
    pool_connections_max: int = 8
    allowances: Allowances = NO_LIMITS
    """What a caller may ask; a house that is not on a network limits nobody."""
    limits: Limits = DEFAULT_LIMITS
    command_seconds_max: float = 10.0
    origin: str | None = None
    """The log's name; None is `sanbao/<schema>`."""
    signing: SigningPlan | None = None
    """Who signs checkpoints; None where nobody does in this process."""
    person_key: bytes | None = field(default=None, repr=False)
    """The master key that wraps the keys of persons; None takes the pepper for it."""
    identity: IdentityPlan | None = None
    """Whose bearer tokens are taken beside our own keys; None: nobody's."""
    draw: Draw = drawn
    """Where keys of persons come from."""
    contents: Contents | None = None
    """Where files of attachments are; None where none are kept."""


def workings() -> Workings:
    """Every aggregate, policy and table there is."""
    return Workings(AGGREGATES, POLICIES, read_tables())


@asynccontextmanager
async def edge_at(plan: Plan) -> AsyncIterator[Edge]:
    """The real world: one writer, a pool for readers, one bell."""
    machinery, held = workings(), Held()
    async with (
        plan.database.pool(connections_max=plan.pool_connections_max, held=held) as pool,
        plan.database.keys_pool(connections_max=KEYS_CONNECTIONS_MAX, held=held) as keys_pool,
    ):
        persons = PersonKeys(keys_pool, plan.person_key or plan.pepper, plan.draw)
        await persons.begin()
        # One connection stays for the house: keys, readiness and checkpoints wait for no caller.
        places = max(1, plan.pool_connections_max - 1)
        per_key = places if plan.allowances == NO_LIMITS else -(-places // 2)
        fair = FairPool(pool, places, per_key)
        reader = Reader(fair, machinery.codec)
        writer = Writer(
            connect=plan.database.connect_to_write,
            workings=machinery,
            new_id=plan.new_id,
            now=plan.now,
            sandbox=plan.mode == "sandbox",
            channel=plan.database.channel,
            limits=plan.limits,
            is_gone=lambda: pulse.gone,
        )
        pulse = Pulse(plan.database.connect, held, writer.cut)
        bell = Bell(plan.database.connect, plan.database.channel, reader.head)
        timers = Timers(reader, writer, bell, clock_of(plan, reader), eager=plan.mode == "sandbox")
        operations = Operations(pool, plan.database)
        keyring = Keyring(
            pool, plan.pepper, clock_of(plan, reader), notes_use=plan.mode != "replay"
        )
        async with AsyncExitStack() as stack:
            for each in (pulse, writer, bell, operations, keyring):
                await stack.enter_async_context(each)
            tokens = None
            if plan.identity is not None:
                provider = IdentityProvider(plan.identity.issuer)
                await stack.enter_async_context(provider)
                tokens = Tokens(plan.identity, provider)
            signing = None
            # Whoever gives the clock also says when it ticks; in a past nothing is over any more.
            if not plan.clock_is_given and plan.mode != "replay":
                await stack.enter_async_context(timers)
                if plan.signing is not None:
                    signing = Signing(plan.signing, pool, bell, plan.now)
                    await stack.enter_async_context(signing)
            yield Edge(
                workings=machinery,
                writer=writer,
                reader=reader,
                bell=bell,
                tail=Tail(reader),
                door=Door(keyring, tokens),
                operations=operations,
                persons=persons,
                meter=Meter(pool),
                mode=plan.mode,
                now=plan.now,
                clock_is_given=plan.clock_is_given,
                command_seconds_max=plan.command_seconds_max,
                pulse=pulse,
                ready=lambda: readiness(pool, writer, signing),
                contents=plan.contents,
                origin=plan.origin or f"sanbao/{plan.database.schema}",
                turnstile=Turnstile(plan.allowances),
                streams=Slots(plan.allowances.streams_max, plan.allowances.streams_per_key_max),
                uploads=Slots(plan.allowances.uploads_max, plan.allowances.uploads_per_key_max),
            )


def clock_of(plan: Plan, reader: Reader) -> Callable[[], Awaitable[datetime]]:
    """What time it is for time limits: a sandbox's clock stands where the last request left it."""

    async def now() -> datetime:
        stands = await reader.sandbox_at() if plan.mode == "sandbox" else None
        return stands or plan.now()

    return now


async def readiness(
    pool: "Pool[Record]", writer: Writer, signing: Signing | None
) -> Mapping[str, Any]:
    """Each check by name: the database answers, is writable, durable, ours and as it was signed."""
    row = await pool.fetchrow("""
        SELECT position, demo, pg_is_in_recovery() AS replica,
               (SELECT version_num FROM alembic_version) AS revision,
               current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'
                   AND current_setting('synchronous_commit') <> 'off' AS durable,
               has_table_privilege(current_user, 'events', 'UPDATE, DELETE, TRUNCATE') AS rewrites
        FROM log_head
    """)
    if row is None:
        return {"database": {"ok": False, "error": "not migrated"}}
    newest = newest_revision()
    return {
        "database": {"ok": not row["replica"], "position": row["position"], "demo": row["demo"]},
        "migrations": {"ok": row["revision"] == newest, "at": row["revision"], "needs": newest},
        "append_only": {"ok": not row["rewrites"]},
        "writer": _writer_check(writer),
        "durability": {"ok": True, "durable": row["durable"]},
        **({} if signing is None else {"checkpoints": signing.health()}),
    }


def _writer_check(writer: Writer) -> Mapping[str, Any]:
    trouble = writer.trouble
    if trouble is not None:
        return {"ok": False, "error": trouble}
    return {"ok": writer.works}


def create_app(
    opening: AbstractAsyncContextManager[Edge],
    *,
    mode: Mode = "live",
    doors: DoorLimits = DOORS,
) -> FastAPI:
    """The house around an edge that is opened at the start and closed at the end."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with opening as edge:
            app.state.edge = edge
            house = Doors(doors)
            yield {"doors": house}
            await house.close()

    app = FastAPIOffline(
        title="Sanbao 三包",
        version=VERSION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url="/openapi.json",
        generate_unique_id_function=lambda route: _camel(route.name),
        telemetry={"exclude": ["/livez", "/readyz"]},
    )
    app.router.add_route("/docs", docs_page(app.title, "/openapi.json"), include_in_schema=False)
    rendering = commands.Rendering(workings())
    routes = commands.command_routes(AGGREGATES)
    app.router.routes.extend(commands.starlette_routes(routes, rendering, UPLOADS))
    app.router.routes.extend(records.starlette_routes(AGGREGATES, rendering))
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(each_once)])
    _document(app, routes)
    _answer_with_problems(app)
    app.add_middleware(Opening)
    app.add_middleware(Sense)
    app.add_middleware(Envelope, now=utc_now, sandbox=mode == "sandbox")
    return app


def _document(app: FastAPI, routes: Sequence[commands.CommandRoute]) -> None:
    made: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not made:
            made.update(document.document(app, AGGREGATES, routes, ROUTERS))
        return made

    app.openapi = openapi  # type: ignore[method-assign]


def _answer_with_problems(app: FastAPI) -> None:
    """Turn whatever is raised into a problem document."""

    async def refused(request: Request, error: Exception) -> Response:
        if isinstance(error, DomainError):
            await open_details(request, error)
            return domain_problem(request, error)
        if request.method == "OPTIONS" and isinstance(error, HTTPException):
            allowed = _allowed(app, request)
            if allowed:  # RFC 9110, 9.3.7; nothing for pages of other origins (CORS)
                return Response(status_code=204, headers={"Allow": ", ".join(allowed)})
        return protocol_problem(request, _at_the_door(app, request, error))

    for kind in (
        DomainError,
        ProtocolError,
        RequestValidationError,
        HTTPException,
        OSError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
    ):
        app.add_exception_handler(kind, refused)


def _at_the_door(app: FastAPI, request: Request, error: Exception) -> ProtocolError:
    match error:
        case ProtocolError():
            return error
        case RequestValidationError():
            return malformed(error)
        case HTTPException(status_code=405):
            allowed = ", ".join(_allowed(app, request))
            return ProtocolError(NOT_ALLOWED, headers={"Allow": allowed})
        case HTTPException(status_code=404):
            return _no_such_route(app, request)
        case HTTPException(status_code=status, detail=detail, headers=headers):
            kind = Kind(f"HTTP_{status}", status, str(detail), "", "")
            return ProtocolError(kind, headers=headers)
        case _:
            return _database_failed(error)


def _no_such_route(app: FastAPI, request: Request) -> ProtocolError:
    edge: Edge = app.state.edge
    try:
        edge.turnstile.asks_for_nothing(request)
    except ProtocolError as limited:
        return limited
    return ProtocolError(NO_SUCH_ROUTE)


def _database_failed(error: Exception) -> ProtocolError:
    if isinstance(error, NoPlace):
        return ProtocolError(BUSY, headers={"Retry-After": "1"})
    log.warning("database.failed", error=repr(error))
    return ProtocolError(UNAVAILABLE, headers={"Retry-After": "2"})


def _allowed(app: FastAPI, request: Request) -> list[str]:
    """What an address takes, whichever routes it could mean."""
    routes = [*app.routes, *(route for router in ROUTERS for route in router.routes)]
    found = {
        method
        for route in routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }
    if not found:
        return []
    return sorted(found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set()))


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)
