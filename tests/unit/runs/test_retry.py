"""A stage is tried again after what may pass, no oftener than said, and counted once."""

from __future__ import annotations

import logging
import threading
from collections import Counter

import pytest

import pipeline.runs.retry as retry
from pipeline.core.errors import PermanentError, TransientError
from pipeline.core.progress import Silent, Step
from pipeline.runs.retry import RETRIES, RetryingObserver, retry_wait_s


class Counting(Silent):
    def __init__(self) -> None:
        self.done: Counter[Step] = Counter()
        self.asked_to_stop = threading.Event()

    def advance(self, step: Step, amount: int, /) -> None:
        self.done[step] += amount

    @property
    def stopping(self) -> bool:  # type: ignore[override]
        return self.asked_to_stop.is_set()


class Stage:
    """Counts five anchors and fails, a number of times; then counts ten."""

    def __init__(self, observer: RetryingObserver, failures: list[Exception]) -> None:
        self.observer = observer
        self.failures = failures
        self.tries = 0

    def __call__(self, shard_id: int) -> None:
        self.tries += 1
        if self.failures:
            self.observer.advance(Step.ANCHORS, 5)
            raise self.failures.pop(0)
        self.observer.advance(Step.ANCHORS, 10)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_WAIT_S", 0.001)


def test_what_passes_is_tried_again_and_counted_once(caplog: pytest.LogCaptureFixture) -> None:
    watched = Counting()
    observer = RetryingObserver(watched)
    stage = Stage(observer, [TransientError("away"), TransientError("away", retry_after_s=0.0)])
    with caplog.at_level(logging.WARNING):
        observer.call(stage, 7)

    assert stage.tries == 3
    assert watched.done == {Step.ANCHORS: 10}
    assert caplog.text.count("shard 7: away; trying again in 0 s") == 2


def test_there_is_a_bound() -> None:
    observer = RetryingObserver(Counting())
    stage = Stage(observer, [TransientError(str(n)) for n in range(9)])
    with pytest.raises(TransientError, match=str(RETRIES)):
        observer.call(stage, 0)
    assert stage.tries == RETRIES + 1


def test_what_does_not_pass_is_not_tried_again() -> None:
    observer = RetryingObserver(Counting())
    stage = Stage(observer, [PermanentError("key refused")])
    with pytest.raises(PermanentError):
        observer.call(stage, 0)
    assert stage.tries == 1


def test_a_wish_to_stop_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "LOOK_S", 0.01)
    watched = Counting()
    observer = RetryingObserver(watched)
    stage = Stage(observer, [TransientError("away", retry_after_s=3600.0)])
    threading.Timer(0.05, watched.asked_to_stop.set).start()
    with pytest.raises(TransientError):
        observer.call(stage, 0)
    assert stage.tries == 1


def test_two_threads_count_for_themselves() -> None:
    watched = Counting()
    observer = RetryingObserver(watched)
    stages = [Stage(observer, [TransientError("away")] * n) for n in range(3)]
    threads = [threading.Thread(target=observer.call, args=(stage, 0)) for stage in stages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert watched.done == {Step.ANCHORS: 30}


@pytest.mark.parametrize(
    ("asked", "tries", "expected"),
    [(None, 1, 0.001), (None, 3, 0.004), (7.0, 3, 7.0), (1e9, 1, 600.0), (-1.0, 1, 0.0)],
)
def test_the_wait_is_what_the_server_asked_within_bounds(
    asked: float | None, tries: int, expected: float
) -> None:
    assert retry_wait_s(TransientError("x", retry_after_s=asked), tries=tries) == expected
