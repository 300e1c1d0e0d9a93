"""Who uses the embedded PostgreSQL: the first one in starts it, the last one out stops it.

Two locks carry it. All who use the server hold `users` together; whoever can hold it alone is the
last. `turn` is held alone by who starts or stops, so that of two at once one waits. A user takes
hold of `users` before its turn comes: who is about to stop the server then sees it waiting.
"""

import os
import time
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote, urlencode

import structlog

from app.embedded.binaries import programs_for
from app.embedded.cluster import Cluster
from app.embedded.errors import explained
from app.embedded.living import postmaster
from app.embedded.locks import exclusive, exclusive_if_free, shared
from app.embedded.place import settle

log: Final = structlog.get_logger(__name__)

SHORT_USE_SECONDS: Final = 5.0
LINGER_SECONDS: Final = 0.4
"""A short user that leaves as the last waits this long for another: they come in flocks."""
USER: Final = "postgres"
PORT: Final = 5432
"""Part of the socket's name; said in every URL, or else PGPORT of the caller gets in."""


class EmbeddedPostgres:
    """A PostgreSQL of our own, shared by all processes that name the same directory.

    ```
    with EmbeddedPostgres(data_dir / "postgres") as server:
        connection = await asyncpg.connect(server.dsn)
        engine = create_async_engine(server.url(driver="postgresql+asyncpg"))
    ```

    Starting takes a tenth of a second, the first time one second; in a coroutine, call `start`
    and `stop` in a thread.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        """Name it; nothing happens yet.

        Args:
            data_dir: where it lies, or says where it lies; made if it is missing.
            durable: whether what it was told must survive a crash of the machine. Tests say no.
        """
        self._data_dir = data_dir
        self._durable = durable
        self._cluster: Cluster | None = None
        self._hold: int | None = None
        self._since = 0.0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Take hold of it, and see that it runs; called again, see that it still does.

        Raises:
            EmbeddedPostgresError: it cannot run; the message says in one line what to do.
        """
        try:
            self._start()
        except OSError as error:
            self.stop()
            raise explained(error, self._data_dir) from error
        except BaseException:
            self.stop()
            raise

    def tend(self) -> None:
        """Start it again if it fell; a look at its pid file and at /proc, when it stands.

        Raises:
            EmbeddedPostgresError: it fell and cannot run.
        """
        if self._hold is not None and postmaster(self._started.place) is None:
            log.warning("embedded.fell", cluster=str(self._started.place.cluster))
            self.start()

    def stop(self) -> None:
        """Let go of it; if nobody else holds it, stop it."""
        if self._hold is None or self._cluster is None:
            return
        os.close(self._hold)
        self._hold = None
        short = time.monotonic() - self._since < SHORT_USE_SECONDS
        try:
            if short and self._is_unused():
                time.sleep(LINGER_SECONDS)
        finally:  # an interrupt cuts the waiting short, not the stopping
            place = self._cluster.place
            with exclusive(place.turn), exclusive_if_free(place.users) as alone:
                if alone:
                    self._cluster.halt()

    def discard(self) -> None:
        """Stop it, and if nobody else holds it, remove it with all that it was told.

        Raises:
            ValueError: it was to be durable.
        """
        if self._durable:
            raise ValueError("a durable cluster is not removed by the service")
        self.stop()
        place = settle(self._data_dir)
        with exclusive(place.turn), exclusive_if_free(place.users) as alone:
            if alone:
                cluster = Cluster(place, programs_for(place.account), self._durable)
                cluster.halt()
                cluster.remove()

    @property
    def dsn(self) -> str:
        """The URL of its first database, for asyncpg and for libpq (`psql`, `pg_dump -d`)."""
        return self.url()

    def url(self, database: str = "postgres", *, driver: str = "postgresql") -> str:
        """The URL of a database; for SQLAlchemy, the driver is `postgresql+asyncpg`."""
        query = {"host": str(self._started.place.run), "port": str(PORT), "user": USER}
        return f"{driver}:///{quote(database)}?{urlencode(query, safe='/', quote_via=quote)}"

    @property
    def binaries(self) -> Path:
        """The folder of `psql`, `pg_dump`, `pg_restore`, `pgbench` and the others."""
        return self._started.programs

    @property
    def _started(self) -> Cluster:
        if self._cluster is None:
            raise RuntimeError("the embedded PostgreSQL was not started")
        return self._cluster

    def _start(self) -> None:
        if self._hold is None:
            place = settle(self._data_dir)
            self._cluster = Cluster(place, programs_for(place.account), self._durable)
            self._hold = shared(place.users)
            self._since = time.monotonic()
        cluster = self._started
        with exclusive(cluster.place.turn):
            cluster.ensure()

    def _is_unused(self) -> bool:
        place = self._started.place
        with exclusive(place.turn), exclusive_if_free(place.users) as alone:
            return alone
