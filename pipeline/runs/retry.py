"""Trying a stage of a shard again after what may pass: a server that is away, a rate that is spent.

The one place that says how often and after what wait, for every executor.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable

from pipeline.core.errors import TransientError
from pipeline.core.progress import Observer, Step

RETRIES = 3
"""Times that one stage of a shard is tried again after a transient failure."""

FIRST_WAIT_S = 10.0
"""Wait before the first of them where the other side names none; each next one is doubled."""

LONGEST_WAIT_S = 600.0
"""Longest wait between two tries, whatever the other side asks."""

LOOK_S = 0.2
"""How often a wait asks whether the user wants to stop."""

_log = logging.getLogger(__name__)


def retry_wait_s(error: TransientError, *, tries: int) -> float:
    """Seconds before the next try: what the other side asked, else 10, 20, 40 and so on."""
    asked = error.retry_after_s
    wait_s = FIRST_WAIT_S * 2.0 ** max(0, tries - 1) if asked is None else asked
    return min(max(0.0, wait_s), LONGEST_WAIT_S)


class RetryingObserver:
    """Takes back what a failed try had counted, so that a second one is not counted on top.

    A try counts in the thread that makes it.
    """

    def __init__(self, observer: Observer) -> None:
        """Pass everything on to an observer."""
        self._observer = observer
        self._thread = threading.local()
        self.total = observer.total
        self.measured = observer.measured

    @property
    def stopping(self) -> bool:
        """Whether the user asked to stop."""
        return self._observer.stopping

    def advance(self, step: Step, amount: int, /) -> None:
        """Add to what is done."""
        self._counted()[step] += amount
        self._observer.advance(step, amount)

    def call(self, stage: Callable[[int], object], shard_id: int) -> None:
        """Run a stage of a shard, again where it failed for what may pass.

        Raises:
            TransientError: It failed so after the last try, or the user asked to stop.
        """
        for tries in range(1, RETRIES + 2):
            self._counted().clear()
            try:
                stage(shard_id)
            except TransientError as error:
                if tries > RETRIES or not self._waited(error, shard_id, tries):
                    raise
                for step, amount in self._counted().items():
                    self._observer.advance(step, -amount)
            else:
                return

    def _counted(self) -> Counter[Step]:
        if not hasattr(self._thread, "counted"):
            self._thread.counted = Counter()
        counted: Counter[Step] = self._thread.counted
        return counted

    def _waited(self, error: TransientError, shard_id: int, tries: int) -> bool:
        """Wait for the next try; False where the user asked to stop."""
        wait_s = retry_wait_s(error, tries=tries)
        _log.warning("shard %d: %s; trying again in %.0f s", shard_id, error, wait_s)
        until = time.monotonic() + wait_s
        while not self._observer.stopping:
            left_s = until - time.monotonic()
            if left_s <= 0:
                return True
            time.sleep(min(LOOK_S, left_s))
        return False
