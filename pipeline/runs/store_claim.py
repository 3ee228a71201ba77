"""Who may write to a run directory on a store: a claim beside the run, created conditionally.

`.claim-0-of-1` is made by a request that only the first of several can win, and written again
every `BEAT_S` seconds. A claim that was not for `LEASE_S` seconds, or whose process was on this
machine and is gone, is of a dead process and is taken over: no clocks are compared. Where a store
knows no conditional request, of two that start within the same instant both may go on; what they
write is the same but for drawn pixels.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pipeline.core.errors import ConfigError, PipelineError
from pipeline.core.progress import Observer, Stopped
from pipeline.runs.rank import Rank
from pipeline.stores.path import StorePath
from pipeline.stores.scratch import scratch_file

if TYPE_CHECKING:
    import filelock

PREFIX: Final = ".claim-"

BEAT_S = 20.0
"""Seconds between two signs of life."""

LEASE_S = 90.0
"""Seconds without a sign of life after which a process counts as dead."""

LOOK_S = 2.0
"""Seconds between two looks at another's claim."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a claim says.

    Attributes:
        token: Of the process, drawn when it starts.
        host: Its machine, for messages.
        process: Its number there, for messages.
        lock: The lock file that it holds on its machine, told apart from all others.
        beat: Counts its signs of life.
    """

    token: str
    host: str
    process: int
    lock: str
    beat: int = 0

    def to_bytes(self, beat: int) -> bytes:
        return json.dumps(
            {"token": self.token, "host": self.host, "process": self.process, "lock": self.lock,
             "beat": beat}
        ).encode()  # fmt: skip


def _read(path: StorePath) -> _Claim | None:
    """The claim at a path; None where there is none any more."""
    try:
        said = json.loads(path.read_bytes())
        return _Claim(
            str(said["token"]), str(said["host"]), int(said["process"]), str(said["lock"]),
            int(said["beat"]),
        )  # fmt: skip
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return _Claim("", "an unknown machine", 0, "")


@contextmanager
def claimed_on_store(root: StorePath, rank: Rank, observer: Observer) -> Iterator[None]:
    """Hold a run directory on a store, alone or as one rank of several.

    Raises:
        ConfigError: A living process that is none of these ranks holds it.
        Stopped: The user asked to stop while this process waited.
        TransientError: The store does not answer.
    """
    import filelock

    own = root / f"{PREFIX}{rank.rank}-of-{rank.world_size}"
    lock = _local_lock(own)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise _taken(root, "another process of this machine") from error
    try:
        mine = _Claim(uuid.uuid4().hex, socket.gethostname(), os.getpid(), _identity(lock))
        _take(own, mine, observer)
        try:
            for other in sorted(root.glob(f"{PREFIX}*")):
                same_launch = not rank.is_alone and other.name.endswith(f"-of-{rank.world_size}")
                if other != own and not same_launch:
                    _remove_dead(other, observer)
            with _beating(own, mine):
                yield
        finally:
            with suppress(PipelineError, FileNotFoundError):
                if (held := _read(own)) is not None and held.token == mine.token:
                    own.unlink()
    finally:
        lock.release()


def _take(own: StorePath, mine: _Claim, observer: Observer) -> None:
    """Create the claim, where need be after a dead process."""
    while not own.create(mine.to_bytes(0)):
        held = _read(own)
        if held is not None and held.token == mine.token:
            return  # the answer to our own request was lost on its way
        # This process holds the lock of this name, so that one of this machine is dead.
        if held is not None and held.lock != mine.lock:
            _wait_until_dead(own, held, observer)
        own.unlink(missing_ok=True)


def _remove_dead(other: StorePath, observer: Observer) -> None:
    """Remove the claim of a dead process.

    Raises:
        ConfigError: It is alive.
    """
    import filelock

    held = _read(other)
    if held is None:
        return
    lock = _local_lock(other)
    try:
        with lock.acquire(timeout=0):
            if held.lock != _identity(lock):
                _wait_until_dead(other, held, observer)
            other.unlink(missing_ok=True)
    except filelock.Timeout as error:
        raise _taken(other.parent, "another process of this machine") from error


def _wait_until_dead(path: StorePath, held: _Claim, observer: Observer) -> None:
    """Watch a claim for a sign of life.

    Raises:
        ConfigError: It gave one.
    """
    _log.warning(
        "%s is held by process %d on %s; looking for %.0f s whether that is alive",
        path.parent, held.process, held.host, LEASE_S,
    )  # fmt: skip
    until = time.monotonic() + LEASE_S
    while time.monotonic() < until:
        if observer.stopping:
            raise Stopped("stopped on request; nothing was changed")
        time.sleep(LOOK_S)
        now = _read(path)
        if now is None:
            return
        if now != held:
            raise _taken(path.parent, f"process {now.process} on {now.host}")


@contextmanager
def _beating(own: StorePath, mine: _Claim) -> Iterator[None]:
    """Give signs of life while the block runs."""
    ending = threading.Event()

    def beat() -> None:
        number = 0
        while not ending.wait(BEAT_S):
            number += 1
            try:
                held = _read(own)
                if held is None or held.token != mine.token:
                    _log.error(
                        "%s was taken over by another process while this one gave no sign of "
                        "life; stop one of them", own.parent,
                    )  # fmt: skip
                    return
                own.write_bytes(mine.to_bytes(number))
            except PipelineError as error:
                _log.warning("no sign of life was given: %s", error)

    thread = threading.Thread(target=beat, name="claim", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join(BEAT_S)


def _local_lock(claim: StorePath) -> filelock.BaseFileLock:
    """The lock that a process of this machine holds beside its claim."""
    import filelock

    path = scratch_file(claim, ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    return filelock.FileLock(path)


def _identity(lock: filelock.BaseFileLock) -> str:
    """A lock file's name among those of all machines."""
    status = os.stat(lock.lock_file)
    return f"{socket.gethostname()}:{lock.lock_file}:{status.st_dev}:{status.st_ino}"


def _taken(root: StorePath, who: str) -> ConfigError:
    return ConfigError(
        f"{who} is working on {root}; wait for it, stop it, or choose another --output"
    )
