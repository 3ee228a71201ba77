"""Who may write to a run directory: one process alone, or the ranks of one launch.

`.lock` is held exclusively by a process that works alone and shared by every rank of a
launch, beside a file that only this rank holds. The system frees all of them when a
process dies, however it dies. No lock file is ever removed: deleting one would let two
processes hold two of them. On a store, which has no locks, there are claims instead
(:mod:`pipeline.runs.store_claim`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.core.errors import ConfigError
from pipeline.core.progress import Observer, Silent, Stopped
from pipeline.runs.rank import Rank
from pipeline.runs.store_claim import claimed_on_store
from pipeline.shards.atomic import explain_refusal
from pipeline.shards.layout import RunLayout
from pipeline.stores.location import is_stored
from pipeline.stores.path import StorePath

if TYPE_CHECKING:
    import filelock

LOOK_S = 0.5
"""How often a rank that waits for the gate asks whether it should stop."""


@contextmanager
def gate(layout: RunLayout, rank: Rank, observer: Observer) -> Iterator[None]:
    """Let one rank after the other through; nothing for a process alone.

    Raises:
        Stopped: The user asked to stop while this process waited.
    """
    if rank.is_alone or is_stored(layout.root):
        # On a store whoever comes last sees all, and what two write at once is the same.
        yield
        return
    import filelock

    lock = filelock.FileLock(layout.root / ".lock-gate")
    while True:
        try:
            lock.acquire(timeout=LOOK_S)
        except filelock.Timeout:
            if observer.stopping:
                raise Stopped("stopped on request; nothing was changed") from None
        except OSError as error:
            explain_refusal(error, layout.root)
            raise
        else:
            break
    try:
        yield
    finally:
        lock.release()


@contextmanager
def claimed(layout: RunLayout, rank: Rank, observer: Observer | None = None) -> Iterator[None]:
    """Hold the run directory; what a killed process left there is removed.

    One of several ranks enters this within the gate, and may leave the gate before it.

    Raises:
        ConfigError: A process that is none of these ranks holds it.
    """
    if isinstance(layout.root, StorePath):
        with claimed_on_store(layout.root, rank, observer or Silent()):
            yield
        return
    with _alone(layout) if rank.is_alone else _one_of_several(layout, rank):
        yield


@contextmanager
def _alone(layout: RunLayout) -> Iterator[None]:
    import filelock

    lock = filelock.FileLock(layout.lock, timeout=0)
    try:
        lock.acquire()
        layout.remove_partial_files()
    except filelock.Timeout as error:
        raise _taken(layout) from error
    except OSError as error:
        lock.release()
        explain_refusal(error, layout.lock)
        raise
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _one_of_several(layout: RunLayout, rank: Rank) -> Iterator[None]:
    """The two locks of one of several ranks, taken inside the gate and kept beyond it."""
    import filelock

    own = _rank_lock(layout, f"{rank.rank}-of-{rank.world_size}")
    try:
        with own, _shared(layout):
            for path in layout.root.glob(".lock-*-of-*"):
                other, _, size = path.name.removeprefix(".lock-").partition("-of-")
                if size != str(rank.world_size):
                    # Held by a rank of another world size, whose shards are others.
                    with _rank_lock(layout, f"{other}-of-{size}"):
                        pass
            yield
    except filelock.Timeout as error:
        raise _taken(layout) from error


def _rank_lock(layout: RunLayout, name: str) -> filelock.BaseFileLock:
    import filelock

    return filelock.FileLock(layout.root / f".lock-{name}", timeout=0)


@contextmanager
def _shared(layout: RunLayout) -> Iterator[None]:
    """Share `.lock` with the other ranks; the first one in tidies up, nobody else is there yet."""
    try:
        import fcntl
    except ImportError as error:
        raise ConfigError("several processes to a run need a POSIX system") from error
    handle = os.open(layout.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if _flock(handle, fcntl.LOCK_EX):
            layout.remove_partial_files()
        if not _flock(handle, fcntl.LOCK_SH):
            raise _taken(layout)
        yield
    finally:
        os.close(handle)


def _flock(handle: int, kind: int) -> bool:
    import fcntl

    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _taken(layout: RunLayout) -> ConfigError:
    return ConfigError(
        f"another process is working on {layout.root}; wait for it, stop it, or choose "
        "another --output"
    )
