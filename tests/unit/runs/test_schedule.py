"""The order in which stages are submitted, what a failure and an interruption leave behind."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from pipeline.runs.job import Pending
from pipeline.runs.schedule import AHEAD, Scheduler

Event = tuple[str, str, int]

WAIT_S = 300
"""Ends a test that hangs; none of them waits for it."""


@dataclass
class Shop:
    """Runs stages in threads, records what happened, and fails where it is told to."""

    pool: ThreadPoolExecutor
    fails: dict[tuple[str, int], BaseException] = field(default_factory=dict)
    work: Callable[[str, int], None] = lambda stage, shard_id: None
    events: list[Event] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    running: int = 0
    guard: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, stage: str, shard_id: int) -> None:
        with self.guard:
            self.events.append((what, stage, shard_id))
            self.running += {"submit": 0, "begin": 1, "end": -1}[what]

    def submitter(self, stage: str) -> Callable[[int], Future[None]]:
        def run(shard_id: int) -> None:
            self.note("begin", stage, shard_id)
            try:
                self.work(stage, shard_id)
                if (stage, shard_id) in self.fails:
                    raise self.fails[stage, shard_id]
            finally:
                self.note("end", stage, shard_id)

        def submit(shard_id: int) -> Future[None]:
            self.note("submit", stage, shard_id)
            return self.pool.submit(run, shard_id)

        return submit

    def scheduler(
        self, meanwhile: Callable[[], None] = lambda: None, workers: int = 1
    ) -> Scheduler:
        return Scheduler(
            captions=self.submitter("captions"),
            images=self.submitter("images"),
            meanwhile=meanwhile,
            stop=self.stopping.set,
            captions_at_once=workers,
            look_s=0.01,
        )

    def of(self, what: str, stage: str) -> list[int]:
        return [s for w, name, s in self.events if (w, name) == (what, stage)]


@pytest.fixture
def shop() -> Iterator[Shop]:
    with ThreadPoolExecutor(8) as pool:
        yield Shop(pool)


@pytest.mark.parametrize("workers", [1, 3])
def test_every_stage_runs_once_and_pictures_follow_in_order(shop: Shop, workers: int) -> None:
    shop.scheduler(workers=workers).run(Pending(captions=tuple(range(20)), shards=tuple(range(20))))
    assert shop.of("submit", "captions") == list(range(20))
    assert sorted(shop.of("end", "captions")) == list(range(20))
    assert shop.of("end", "images") == list(range(20))
    for shard_id in range(20):
        written = shop.events.index(("end", "captions", shard_id))
        assert written < shop.events.index(("submit", "images", shard_id))


def test_written_captions_are_not_written_again(shop: Shop) -> None:
    shop.scheduler().run(Pending(captions=(4, 7), shards=(1, 4, 5, 7)))
    assert shop.of("begin", "captions") == [4, 7]
    assert shop.of("begin", "images") == [1, 4, 5, 7]


def test_nothing_left_submits_nothing(shop: Shop) -> None:
    shop.scheduler().run(Pending(captions=(), shards=()))
    assert shop.events == []


def test_captions_of_the_next_shard_are_written_while_one_is_drawn(shop: Shop) -> None:
    met = threading.Barrier(2, timeout=WAIT_S)

    def work(stage: str, shard_id: int) -> None:
        # Each stage waits for the other: without an overlap the barrier breaks.
        if (stage, shard_id) in {("images", 0), ("captions", 1)}:
            met.wait()

    shop.work = work
    shop.scheduler().run(Pending((0, 1), (0, 1)))
    assert not met.broken


def test_as_many_captions_as_workers_are_written_at_once(shop: Shop) -> None:
    met = threading.Barrier(3, timeout=WAIT_S)

    def work(stage: str, shard_id: int) -> None:
        if stage == "captions" and shard_id < 3:
            met.wait()

    shop.work = work
    shop.scheduler(workers=3).run(Pending(tuple(range(6)), tuple(range(6))))
    assert not met.broken


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_under_way_and_ahead_is_bounded(shop: Shop, workers: int, seed: int) -> None:
    speed = random.Random(seed)
    stages = ("captions", "images")
    delays = {(stage, i): speed.random() / 200 for stage in stages for i in range(30)}
    shop.work = lambda stage, shard_id: threading.Event().wait(delays[stage, shard_id]) and None
    shop.scheduler(workers=workers).run(Pending(tuple(range(30)), tuple(range(30))))
    under_way = {"captions": 0, "images": 0}
    most = {"captions": workers, "images": 1}
    ahead, furthest = 0, 0
    for what, stage, _ in shop.events:
        under_way[stage] += {"submit": 1, "begin": 0, "end": -1}[what]
        assert under_way[stage] <= most[stage]
        ahead += {("submit", "captions"): 1, ("submit", "images"): -1}.get((what, stage), 0)
        furthest = max(furthest, ahead)
    assert furthest == AHEAD * workers


def test_a_failure_finishes_what_runs_begins_nothing_and_is_raised(shop: Shop) -> None:
    drawing, failed = threading.Event(), threading.Event()

    def work(stage: str, shard_id: int) -> None:
        if (stage, shard_id) == ("images", 0):
            drawing.set()
            failed.wait(WAIT_S)
        if (stage, shard_id) == ("captions", 1):
            drawing.wait(WAIT_S)
            failed.set()

    shop.work = work
    shop.fails = {("captions", 1): ValueError("disk")}
    with pytest.raises(ValueError, match="disk"):
        shop.scheduler().run(Pending((0, 1, 2), (0, 1, 2)))
    assert shop.of("end", "images") == [0]
    assert shop.of("submit", "captions") == [0, 1]
    assert shop.running == 0
    assert not shop.stopping.is_set()


def test_the_first_error_wins(shop: Shop) -> None:
    drawing, failed = threading.Event(), threading.Event()

    def work(stage: str, shard_id: int) -> None:
        if (stage, shard_id) == ("images", 0):
            drawing.set()
            failed.wait(WAIT_S)
        if (stage, shard_id) == ("captions", 1):
            drawing.wait(WAIT_S)

    def meanwhile() -> None:
        if shop.of("end", "captions") == [0, 1]:
            failed.set()

    shop.work = work
    shop.fails = {("captions", 1): ValueError("first"), ("images", 0): ValueError("second")}
    with pytest.raises(ValueError, match="first"):
        shop.scheduler(meanwhile).run(Pending((0, 1), (0, 1)))
    assert shop.running == 0


class Interruption(BaseException):
    """Stands for what Ctrl-C, or Prefect on SIGTERM, raises into the calling thread."""


@pytest.mark.parametrize("when", ["at work", "after a failure"])
def test_an_interruption_stops_and_waits_for_what_runs(shop: Shop, when: str) -> None:
    def work(stage: str, shard_id: int) -> None:
        if stage == "images":
            assert shop.stopping.wait(WAIT_S)

    def meanwhile() -> None:
        wanted = [0] if when == "at work" else [0, 1]
        began = ("begin", "images", 0) in shop.events
        if began and shop.of("end", "captions") >= wanted and not shop.stopping.is_set():
            raise Interruption

    shop.work = work
    if when == "after a failure":
        shop.fails = {("captions", 1): ValueError("disk")}
    with pytest.raises(Interruption):
        shop.scheduler(meanwhile).run(Pending((0, 1, 2, 3), (0, 1, 2, 3)))
    assert shop.stopping.is_set()
    assert shop.running == 0
    assert shop.of("begin", "images") == [0]
