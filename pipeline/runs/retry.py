"""When a stage of a shard that failed for a while is tried again."""

from __future__ import annotations

from pipeline.core.errors import TransientError

RETRIES = 3
"""Times that one stage of a shard is tried again after a transient failure."""

FIRST_WAIT_S = 10.0
"""Wait before the first of them where the other side names none; each next one is doubled."""

LONGEST_WAIT_S = 600.0
"""Longest wait between two tries, whatever the other side asks."""


def retry_wait_s(error: TransientError, *, tries: int) -> float:
    """Seconds before the next try: what the other side asked, else 10, 20, 40 and so on."""
    asked = error.retry_after_s
    wait_s = FIRST_WAIT_S * 2.0 ** max(0, tries - 1) if asked is None else asked
    return min(max(0.0, wait_s), LONGEST_WAIT_S)
