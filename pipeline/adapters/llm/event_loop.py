"""An event loop in a thread of its own, so that synchronous code can run coroutines.

The port is synchronous and its callers may themselves run inside a loop (Prefect's), where
`asyncio.run` is forbidden; one lasting loop also keeps connections open between batches.

anyio's BlockingPortal is no substitute: a forked child that drops the portal of its parent waits
for ever for the parent's thread, and so does a process that ends without closing its own.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs coroutines of any thread on one loop. Starts on first use."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._lock = threading.Lock()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            # A forked child has the object without the thread.
            if self._loop is None or self._pid != os.getpid():
                self._loop = asyncio.new_event_loop()
                self._pid = os.getpid()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="counterfactory-llm", daemon=True
                )
                self._thread.start()
            return self._loop

    @property
    def pid(self) -> int:
        """Process that the loop belongs to; 0 before the first use."""
        return self._pid

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run to the end and return the result; an interrupt cancels the coroutine."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._started())
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """Stop the loop and its thread. Safe to call twice."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
            if loop is None or thread is None or self._pid != os.getpid():
                return
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
