"""A process that uses the server until its input ends: `python -m tests.embedded.user`."""

import argparse
import os
import pwd
import sys
from pathlib import Path

from app.embedded import EmbeddedPostgres


def main() -> None:
    """Say `up` once it runs, wait for the end of input, and leave."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--user", help="become this user first; only root can")
    options = parser.parse_args()
    if options.user:
        entry = pwd.getpwnam(options.user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    with EmbeddedPostgres(options.data_dir, durable=False) as server:
        sys.stdout.write(f"up {server.binaries}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
