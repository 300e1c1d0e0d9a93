"""What most services do: FastAPI's own validation, a SQLModel session a request, rows updated.

It keeps the same promises in the usual way, fairly: a key is looked up and kept, the event, the
ledger's row, the deadline and the year's counter are rows of the session, one transaction a
request, durable. It has no log without gaps, no hashes, no history of rows and no policies.
"""

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import uuid4

import uvicorn
from fastapi import Depends, FastAPI, Header
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bench.house import HOST, House

PORT: Final = 18_475
DATABASE: Final = "sqlmodel"


class Event(SQLModel, table=True):
    """What happened."""

    __tablename__ = "events"

    event_id: str = Field(primary_key=True)
    stream: str = Field(index=True)
    version: int
    type: str
    data: dict[str, Any] = Field(sa_column=Column(JSONB))
    recorded_at: datetime


class Case(SQLModel, table=True):
    """A feedback case in its ledger."""

    __tablename__ = "cases"

    case_id: str = Field(primary_key=True)
    case_no: str = Field(index=True)
    customer_id: str = Field(index=True)
    spec_code: str = Field(index=True)
    status: str = Field(index=True)
    received_at: str = Field(index=True)
    failure_mode: str
    body: dict[str, Any] = Field(sa_column=Column(JSONB))


class Deadline(SQLModel, table=True):
    """A time limit that runs."""

    __tablename__ = "deadlines"

    deadline_id: str = Field(primary_key=True)
    subject_id: str = Field(index=True)
    due_at: str = Field(index=True)
    status: str


class Number(SQLModel, table=True):
    """The last number of a year."""

    __tablename__ = "numbers"

    name: str = Field(primary_key=True)
    last: int


class Outcome(SQLModel, table=True):
    """What a key led to."""

    __tablename__ = "outcomes"

    key: str = Field(primary_key=True)
    case_id: str


class Feedback(BaseModel):
    """The body of a request."""

    model_config = ConfigDict(extra="forbid")

    customer_id: str
    channel: str
    life_phase: str
    spec_code: str
    failure_mode: str
    qty_reported: int
    description: str


class Registered(BaseModel):
    """The answer."""

    id: str
    case_no: str
    revision: int


engine = create_async_engine(os.environ.get("PEER_URL", "postgresql+asyncpg://"), pool_size=8)
app = FastAPI()


async def session() -> AsyncIterator[AsyncSession]:
    """A session a request."""
    async with AsyncSession(engine) as opened:
        yield opened


@app.get("/readyz")
async def readyz() -> str:
    """Whether it stands."""
    return "ok"


@app.post("/v1/feedback-cases", status_code=201)
async def register(
    body: Feedback,
    idempotency_key: Annotated[str, Header()],
    opened: Annotated[AsyncSession, Depends(session)],
) -> Registered:
    """Register a feedback case."""
    before = await opened.get(Outcome, idempotency_key)
    if before is not None:
        case = await opened.get_one(Case, before.case_id)
        return Registered(id=case.case_id, case_no=case.case_no, revision=1)
    now, case_id = datetime.now(UTC), str(uuid4())
    wanted = select(Number).where(Number.name == "FB-2026").with_for_update()
    number = (await opened.exec(wanted)).one()
    number.last += 1
    case_no = f"FB-2026-{number.last:06d}"
    said = body.model_dump() | {"case_no": case_no, "received_at": now.isoformat()}
    opened.add(
        Event(event_id=str(uuid4()), stream=f"feedback-case-{case_id}", version=1,
              type="FeedbackRegistered", data=said, recorded_at=now)
    )  # fmt: skip
    opened.add(
        Case(case_id=case_id, case_no=case_no, customer_id=body.customer_id,
             spec_code=body.spec_code, status="REGISTERED", received_at=now.isoformat(),
             failure_mode=body.failure_mode, body=said)
    )  # fmt: skip
    due = (now + timedelta(hours=4)).isoformat()
    opened.add(Deadline(deadline_id=f"T1-{case_id}", subject_id=case_id, due_at=due, status="OPEN"))
    opened.add(Outcome(key=idempotency_key, case_id=case_id))
    await opened.commit()
    return Registered(id=case_id, case_no=case_no, revision=1)


@contextlib.contextmanager
def sqlmodel_service(house: House) -> Iterator[int]:
    """Serve it on the house's server, in a database of its own; the port."""
    url = house.server.url(DATABASE, driver="postgresql+asyncpg")
    process = subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, "-m", "bench.sqlmodel_peer", house.server.dsn],
        env={**os.environ, "PEER_URL": url},
    )
    try:
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://{HOST}:{PORT}/readyz", timeout=1).close()
                break
            if process.poll() is not None:
                raise RuntimeError("the SQLModel service did not start")
            time.sleep(0.1)
        yield PORT
    finally:
        process.terminate()
        process.wait()


async def _make(dsn: str) -> None:
    import asyncpg  # noqa: PLC0415 - only once

    owner = await asyncpg.connect(dsn)
    await owner.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
    await owner.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
    await owner.close()
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    async with AsyncSession(engine) as opened:
        opened.add(Number(name="FB-2026", last=0))
        await opened.commit()
    await engine.dispose()


if __name__ == "__main__":
    import asyncio

    asyncio.run(_make(sys.argv[1]))
    uvicorn.run(app, host=HOST, port=PORT, log_level="warning", access_log=False)
