"""What a process that serves runs: the app, its signals, its logs."""

import asyncio
import json
import logging
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Final, TextIO, cast

import structlog
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from uvicorn.supervisors import Multiprocess

from app.api.edge import Edge
from app.api.turnstile import Allowances, Rate
from app.boot import pepper_in, person_key_in
from app.config import Settings, secret_files
from app.doors import Door, DoorLimits
from app.embedded import EmbeddedPostgres, EmbeddedPostgresError
from app.events.database import Database
from app.events.writer import Limits
from app.evidence.contents import Contents, contents_at
from app.evidence.signing import SigningPlan
from app.evidence.signing_keys import SigningKeys
from app.garbage import looked_after
from app.logs import Unfailing
from app.main import Plan, create_app, edge_at

log: Final = structlog.get_logger(__name__)

TEND_SECONDS: Final = 0.5
"""How often it is seen whether the embedded server still stands."""
WORKER_SILENT_SECONDS_MAX: Final = 60
"""How long a worker may be silent: a busy machine needs some seconds to start one, and a worker
that is killed for it is started again, for ever."""
BACKLOG: Final = 1_024
"""Connections that the machine holds for us until we accept them."""
FILES_SPARE: Final = 200
"""Files that a process needs beside its connections."""
OVERLOAD: Final = (
    "rate_requests_per_second_max",
    "rate_burst_requests_max",
    "rate_keyless_per_second_max",
    "rate_keyless_burst_max",
    "requests_at_once_max",
    "requests_at_once_per_key_max",
    "requests_worked_on_max",
    "requests_worked_on_per_key_max",
    "streams_max",
    "streams_per_key_max",
    "uploads_max",
    "uploads_per_key_max",
    "connections_max",
    "connections_per_address_max",
    "head_seconds_max",
    "body_seconds_max",
    "reader_seconds_max",
    "idle_seconds_max",
)
"""Settings of what one caller may take: by their names, as worker processes read them."""
GRACE_SECONDS: Final = 2
"""How long a stop waits for answers that are under way; streams are sent home at once."""


def plan_of(settings: Settings) -> Plan:
    """The house that the settings ask for. The database URL must be known by now."""
    if settings.database_url is None:
        raise AssertionError("the embedded server is started before a plan is made")
    given, person, data_dir = settings.key_pepper, settings.person_key, settings.data_dir
    return Plan(
        database=Database(settings.database_url.get_secret_value(), settings.schema_name),
        pepper=given.get_secret_value().encode() if given else pepper_in(settings.data_dir),
        person_key=person.get_secret_value().encode() if person else person_key_in(data_dir),
        mode="replay" if settings.replay else "sandbox" if settings.sandbox else "live",
        pool_connections_max=settings.pool_connections_max,
        limits=Limits(queue_commands_max=settings.queue_commands_max),
        command_seconds_max=settings.command_seconds_max,
        allowances=allowances_of(settings),
        origin=settings.origin,
        signing=signing_plan_of(settings),
        identity=settings.identity,
        contents=contents_of(settings),
    )


def contents_of(settings: Settings) -> Contents:
    """Where files of attachments are."""
    return contents_at(settings.attachments_url, settings.data_dir, settings.attachment_bytes_max)


def allowances_of(settings: Settings) -> Allowances:
    """What one caller may ask of this process."""
    share = min(settings.requests_at_once_per_key_max, max(1, settings.queue_commands_max // 2))
    return Allowances(
        key=Rate(settings.rate_requests_per_second_max, settings.rate_burst_requests_max),
        keyless=Rate(settings.rate_keyless_per_second_max, settings.rate_keyless_burst_max),
        at_once_max=settings.requests_at_once_max,
        at_once_per_key_max=share,
        worked_on_max=settings.requests_worked_on_max,
        worked_on_per_key_max=settings.requests_worked_on_per_key_max,
        streams_max=settings.streams_max,
        streams_per_key_max=settings.streams_per_key_max,
        uploads_max=settings.uploads_max,
        uploads_per_key_max=settings.uploads_per_key_max,
    )


def door_limits_of(settings: Settings) -> DoorLimits:
    """What the connections of this process may take."""
    return DoorLimits(
        connections_max=settings.connections_max,
        connections_per_address_max=settings.connections_per_address_max,
        head_seconds_max=settings.head_seconds_max,
        body_seconds_max=settings.body_seconds_max,
        reader_seconds_max=settings.reader_seconds_max,
    )


def signing_keys_of(settings: Settings) -> SigningKeys:
    """The keys that this machine could sign checkpoints with."""
    given = settings.checkpoint_key
    return SigningKeys(
        settings.data_dir, settings.origin, given.get_secret_value() if given else None
    )


def signing_plan_of(settings: Settings) -> SigningPlan:
    """Who signs checkpoints, and where copies go."""
    url = settings.checkpoint_url
    return SigningPlan(
        keys=signing_keys_of(settings),
        directory=checkpoints_of(settings),
        url=url.get_secret_value() if url else None,
        seconds_min=settings.checkpoint_seconds_min,
    )


def checkpoints_of(settings: Settings) -> Path:
    """Where copies of checkpoints are kept outside of the database."""
    return settings.checkpoint_dir or settings.data_dir / "checkpoints" / settings.schema_name


@contextmanager
def database_for(settings: Settings) -> Iterator[Settings]:
    """The settings with a database that runs: the one they name, else the embedded one."""
    if settings.database_url is not None:
        yield settings
        return
    with EmbeddedPostgres(settings.data_dir / "postgres") as server, _tended(server):
        yield settings.model_copy(update={"database_url": SecretStr(server.dsn)})


@contextmanager
def _tended(server: EmbeddedPostgres) -> Iterator[None]:
    """A server that is started again when it falls, as an operating system would."""
    over = threading.Event()

    def tend() -> None:
        while not over.wait(TEND_SECONDS):
            try:
                server.tend()
            except (EmbeddedPostgresError, OSError) as error:
                log.warning("embedded.down", error=str(error))

    tending = threading.Thread(target=tend, name="embedded-tending", daemon=True)
    tending.start()
    try:
        yield
    finally:
        over.set()
        tending.join()


def app_from_environment() -> FastAPI:
    """The app of one worker process; `serve` has put every setting into the environment."""
    settings = Settings()
    plan = plan_of(settings)
    quiet_logs()
    doors = door_limits_of(settings)
    return create_app(_leaving_on_signal(plan), mode=plan.mode, doors=doors)


@asynccontextmanager
async def _leaving_on_signal(plan: Plan) -> AsyncIterator[Edge]:
    """An edge whose open streams end when the process is asked to stop."""
    async with edge_at(plan) as edge:
        with _on_exit(edge.bell.stop):
            async with looked_after(lambda: edge.turnstile.visits):
                yield edge


@contextmanager
def _on_exit(leave: Callable[[], None]) -> Iterator[None]:
    """Call something on SIGINT and SIGTERM, then whatever was to be called."""
    loop = asyncio.get_running_loop()
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(leave)
        then = before[signal.Signals(number)]
        if callable(then):
            then(number, frame)

    for each in before:
        signal.signal(each, handle)
    try:
        yield
    finally:
        for each, then in before.items():
            signal.signal(each, then)


def run(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until asked to stop."""
    # Workers read them from there, and nothing else can hand them over but a file or a command
    # line. Whoever may read a process's environment may read its memory.
    os.environ.update(environment_of(settings))
    for name in secret_files():
        os.environ.pop(name, None)  # read already, and never given twice
    _allow_files(settings.connections_max + FILES_SPARE)
    config = uvicorn.Config(
        "app.serving:app_from_environment",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        http=Door,
        ws="none",
        backlog=BACKLOG,
        timeout_keep_alive=settings.idle_seconds_max,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_worker_healthcheck=WORKER_SILENT_SECONDS_MAX,
        log_level="warning",
        access_log=False,
        server_header=False,
    )
    bound = config.bind_socket()
    # uvloop does so by itself; on asyncio's own loop a body would wait 40 ms behind its head
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with suppress(KeyboardInterrupt):  # uvicorn raises it again once all is answered
        if workers > 1:
            Multiprocess(config, sockets=[bound]).run()
        else:
            uvicorn.Server(config).run(sockets=[bound])


def _allow_files(needed: int) -> None:
    """As many open files as connections may be; some systems begin with 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as a worker process reads them."""
    url, pepper = settings.database_url, settings.key_pepper
    key, post_to = settings.checkpoint_key, settings.checkpoint_url
    folder, person = settings.checkpoint_dir, settings.person_key
    found = {
        "SANBAO_CHECKPOINT_KEY": key.get_secret_value() if key else None,
        "SANBAO_CHECKPOINT_ORIGIN": settings.checkpoint_origin,
        "SANBAO_CHECKPOINT_DIR": str(folder.resolve()) if folder else None,
        "SANBAO_CHECKPOINT_URL": post_to.get_secret_value() if post_to else None,
        "SANBAO_CHECKPOINT_SECONDS_MIN": str(settings.checkpoint_seconds_min),
        "SANBAO_ATTACHMENTS_URL": settings.attachments_url,
        "SANBAO_ATTACHMENT_BYTES_MAX": str(settings.attachment_bytes_max),
        "DATABASE_URL": url.get_secret_value() if url else None,
        "SANBAO_KEY_PEPPER": pepper.get_secret_value() if pepper else None,
        "SANBAO_PERSON_KEY": person.get_secret_value() if person else None,
        "SANBAO_SCHEMA": settings.schema_name,
        "SANBAO_DATA_DIR": str(Path(settings.data_dir).resolve()),
        "SANBAO_SANDBOX": str(settings.sandbox).lower(),
        "SANBAO_REPLAY": str(settings.replay).lower(),
        "SANBAO_POOL_CONNECTIONS_MAX": str(settings.pool_connections_max),
        "SANBAO_QUEUE_COMMANDS_MAX": str(settings.queue_commands_max),
        "SANBAO_COMMAND_SECONDS_MAX": str(settings.command_seconds_max),
        **{f"SANBAO_{name.upper()}": str(getattr(settings, name)) for name in OVERLOAD},
    }
    found |= _identity_environment_of(settings)
    return {name: value for name, value in found.items() if value is not None}


def _identity_environment_of(settings: Settings) -> dict[str, str | None]:
    return {
        "SANBAO_OIDC_ISSUER": settings.oidc_issuer,
        "SANBAO_OIDC_AUDIENCE": settings.oidc_audience,
        "SANBAO_OIDC_ROLES": json.dumps(settings.oidc_roles),
        "SANBAO_OIDC_ROLES_CLAIM": settings.oidc_roles_claim,
        "SANBAO_OIDC_PERSON_CLAIM": settings.oidc_person_claim,
        "SANBAO_OIDC_ALGORITHMS": ",".join(settings.oidc_algorithms),
        "SANBAO_OIDC_LEEWAY_SECONDS": str(settings.oidc_leeway_seconds),
    }


def quiet_logs() -> None:
    """Structured lines on standard error, warnings and worse."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", Unfailing(sys.stderr))),
    )
