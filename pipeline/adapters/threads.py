"""How many processor threads models compute with, and how those wait for each other.

The one place that decides it. What the user's environment says goes first: `OMP_NUM_THREADS`,
`OMP_WAIT_POLICY`, `GOMP_SPINCOUNT` and `KMP_BLOCKTIME` are left as they are.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""Microseconds of processor time in each period that a container gets, or "max"."""


def prepare_threads(environ: MutableMapping[str, str] | None = None) -> None:
    """Let threads sleep while they wait, and start no more than there are processors for us.

    By default a thread that has nothing to do spins until the slowest one is done: on a machine
    that works on something else too, that costs many times the work. How they wait changes no
    number, so the bytes stay. OpenMP reads this once, when torch is
    imported: call it before; in a process that has torch already it changes nothing.

    Args:
        environ: The process environment; the real one if None.
    """
    if environ is None:
        if "torch" in sys.modules:
            return
        environ = os.environ
    environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # GNU's and LLVM's OpenMP
    environ.setdefault("GOMP_SPINCOUNT", "0")
    environ.setdefault("KMP_BLOCKTIME", "0")
    environ.setdefault("OMP_NUM_THREADS", str(count_processors()))


def count_processors(quota: Path = _QUOTA) -> int:
    """Processors that this process may use: by its affinity, and by its container's quota."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    allowed = allowed or 1
    try:
        granted, period = quota.read_text("ascii").split()
        share = int(granted) // int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return allowed
    return max(1, min(allowed, share))
