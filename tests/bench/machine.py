"""The line that every benchmark prints first: where it ran, and with what."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path


def describe_machine(*libraries: str) -> str:
    """Processor, cores, memory, Python and library versions in one line."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in libraries)
    return (
        f"{model}, {os.cpu_count()} cores, {memory_gib:.0f} GiB, "
        f"Python {platform.python_version()}{', ' if versions else ''}{versions}; "
        f"load {os.getloadavg()[0]:.1f}"
    )
