"""Work that writes nothing counts its progress, and ends where the user asks."""

from __future__ import annotations

import pytest

from pipeline.core.progress import Observer, Silent, Step, Stopped, advance_or_stop


class Counting(Silent):
    def __init__(self, stop_at: int) -> None:
        self.done = 0
        self._stop_at = stop_at

    def advance(self, step: Step, amount: int, /) -> None:
        assert step is Step.ROWS
        self.done += amount

    @property
    def stopping(self) -> bool:  # type: ignore[override]
        return self.done >= self._stop_at


def test_progress_is_counted_until_the_user_asks_to_stop() -> None:
    observer = Counting(stop_at=30)
    for _ in range(2):
        advance_or_stop(observer, Step.ROWS, 10)
    with pytest.raises(Stopped, match="nothing was changed"):
        advance_or_stop(observer, Step.ROWS, 10)
    assert observer.done == 30


def test_an_observer_that_nobody_watches_never_stops() -> None:
    observer: Observer = Silent()
    observer.total(Step.SHARDS, None)
    observer.measured(0, "captions", 1.0, {"rows": 1})
    advance_or_stop(observer, Step.SHARDS, 10**9)
    assert not observer.stopping
