"""Who may write to a run directory on a store: a claim beside the run, created conditionally.

`.claim-0-of-1` is made by a request that only the first of several can win, and written again
every `BEAT_S` seconds. A claim that was not for `LEASE_S` seconds, or whose process was on this
machine and is gone, is of a dead process and is taken over: no clocks are compared. Where a store
knows no conditional request, of two that start within the same instant both may go on; what they
write is the same but for drawn pixels.

A process that was suspended for longer, and whose claim another took over, writes nothing more:
each write asks first whether the last sign of life is fresh, and gives one where it is not
(:mod:`pipeline.stores.fence`). Only a request that was on its way at that moment still arrives.
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

from pipeline.core.errors import ConfigError, PermanentError, PipelineError
from pipeline.core.progress import Observer, Stopped
from pipeline.runs.rank import Rank
from pipeline.stores.fence import fenced
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
            holder = _Holder(own, mine)
            with _beating(holder), fenced(str(root), holder):
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


class _Holder:
    """Gives signs of life for a claim, and knows when it has become another's."""

    def __init__(self, own: StorePath, mine: _Claim) -> None:
        """Hold a claim that was made a moment ago."""
        self._own, self._mine = own, mine
        self._lock = threading.Lock()
        self._beats = 0
        self._seen_s = _clock_s()
        self._lost = ""

    def check(self, *, asks: bool) -> None:
        """Raise where the claim is another's; `asks` where another may have taken it by now.

        Raises:
            PermanentError: Another took it.
            TransientError: The store does not answer.
        """
        if asks and not self._lost and _clock_s() - self._seen_s > LEASE_S / 2:
            self.beat()
        if self._lost:
            raise PermanentError(self._lost)

    def beat(self) -> None:
        """Give a sign of life, unless the claim is another's.

        Raises:
            TransientError: The store does not answer.
        """
        with self._lock:
            while not self._lost:
                asked_s = _clock_s()
                held = _read(self._own)
                if held is None or held.token != self._mine.token:
                    self._lose(held)
                elif _clock_s() - asked_s < LEASE_S / 2:  # else the answer is an old one
                    self._beats += 1
                    self._own.write_bytes(self._mine.to_bytes(self._beats), tries=1)
                    if _clock_s() - asked_s < LEASE_S:
                        self._seen_s = asked_s
                        return
                    # Suspended within the request: it may have overwritten another's claim.
                    self._lose(None)

    @property
    def lost(self) -> bool:
        """Whether the claim is another's."""
        return bool(self._lost)

    def _lose(self, held: _Claim | None) -> None:
        who = "another process" if held is None else f"process {held.process} on {held.host}"
        silent_s = _clock_s() - self._seen_s
        self._lost = (
            f"{self._own.parent} was taken over by {who}, as this one had given no sign of life "
            f"for {silent_s:.0f} s (was it suspended, or cut off?); this one writes nothing more: "
            "leave the run to the other, or run again when that has ended"
        )


def _clock_s() -> float:
    """Seconds, in which those count that the machine slept."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@contextmanager
def _beating(holder: _Holder) -> Iterator[None]:
    """Give signs of life while the block runs."""
    ending = threading.Event()

    def beat() -> None:
        while not holder.lost and not ending.wait(BEAT_S):
            try:
                holder.beat()
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
