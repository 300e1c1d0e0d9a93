"""Locks that the kernel drops with their process, however it ends.

A lock is given up by closing its descriptor, never by unlocking: a forked child that still has
the descriptor open keeps the lock.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _opened(path: Path) -> int:
    if path.is_dir():
        return os.open(path, os.O_RDONLY)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)


def _held(path: Path, how: int) -> int:
    descriptor = _opened(path)
    try:
        fcntl.flock(descriptor, how)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def shared(path: Path) -> int:
    """Hold the lock beside others; closing the descriptor gives it up."""
    return _held(path, fcntl.LOCK_SH)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock of a file or a folder alone; waits as long as others hold it."""
    descriptor = _held(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def exclusive_if_free(path: Path) -> Iterator[bool]:
    """Hold the lock alone if nobody holds it; tells whether that is so. Waits for nobody."""
    try:
        descriptor = _held(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
        return
    try:
        yield True
    finally:
        os.close(descriptor)
