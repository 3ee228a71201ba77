"""The order in which halves are submitted, what a failure and an interruption leave behind."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from flows.lanes import Lanes
from pipeline.runs.job import Pending

Event = tuple[str, str, int]


@dataclass
class Shop:
    """Runs halves in threads, records what happened, and fails where it is told to."""

    pool: ThreadPoolExecutor
    fails: dict[tuple[str, int], BaseException] = field(default_factory=dict)
    work: Callable[[str, int], None] = lambda lane, shard_id: None
    events: list[Event] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    running: int = 0
    guard: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, lane: str, shard_id: int) -> None:
        with self.guard:
            self.events.append((what, lane, shard_id))
            self.running += {"submit": 0, "begin": 1, "end": -1}[what]

    def submitter(self, lane: str) -> Callable[[int], Future[None]]:
        def run(shard_id: int) -> None:
            self.note("begin", lane, shard_id)
            try:
                self.work(lane, shard_id)
                if (lane, shard_id) in self.fails:
                    raise self.fails[lane, shard_id]
            finally:
                self.note("end", lane, shard_id)

        def submit(shard_id: int) -> Future[None]:
            self.note("submit", lane, shard_id)
            return self.pool.submit(run, shard_id)

        return submit

    def lanes(self, meanwhile: Callable[[], None] = lambda: None, ahead: int = 2) -> Lanes:
        return Lanes(
            captions=self.submitter("captions"),
            images=self.submitter("images"),
            meanwhile=meanwhile,
            stop=self.stopping.set,
            ahead=ahead,
            look_s=0.01,
        )

    def of(self, what: str, lane: str) -> list[int]:
        return [s for w, name, s in self.events if (w, name) == (what, lane)]


@pytest.fixture
def shop() -> Iterator[Shop]:
    with ThreadPoolExecutor(4) as pool:
        yield Shop(pool)


def test_every_half_runs_once_in_order(shop: Shop) -> None:
    shop.lanes().run(Pending(captions=tuple(range(20)), shards=tuple(range(20))))
    assert shop.of("end", "captions") == list(range(20))
    assert shop.of("end", "images") == list(range(20))
    for shard_id in range(20):
        written = shop.events.index(("end", "captions", shard_id))
        assert written < shop.events.index(("submit", "images", shard_id))


def test_written_captions_are_not_written_again(shop: Shop) -> None:
    shop.lanes().run(Pending(captions=(4, 7), shards=(1, 4, 5, 7)))
    assert shop.of("begin", "captions") == [4, 7]
    assert shop.of("begin", "images") == [1, 4, 5, 7]


def test_nothing_left_submits_nothing(shop: Shop) -> None:
    shop.lanes().run(Pending(captions=(), shards=()))
    assert shop.events == []


def test_captions_of_the_next_shard_are_written_while_one_is_drawn(shop: Shop) -> None:
    met = threading.Barrier(2, timeout=30)

    def work(lane: str, shard_id: int) -> None:
        # Each half waits for the other: without an overlap the barrier breaks.
        if (lane, shard_id) in {("images", 0), ("captions", 1)}:
            met.wait()

    shop.work = work
    shop.lanes().run(Pending((0, 1), (0, 1)))
    assert not met.broken


@pytest.mark.parametrize("ahead", [1, 2, 5])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_under_way_and_ahead_is_bounded(shop: Shop, ahead: int, seed: int) -> None:
    speed = random.Random(seed)
    delays = {(lane, i): speed.random() / 200 for lane in ("captions", "images") for i in range(30)}
    shop.work = lambda lane, shard_id: threading.Event().wait(delays[lane, shard_id]) and None
    shop.lanes(ahead=ahead).run(Pending(tuple(range(30)), tuple(range(30))))
    open_halves = {"captions": 0, "images": 0}
    ready = 0
    for what, lane, _ in shop.events:
        open_halves[lane] += {"submit": 1, "begin": 0, "end": -1}[what]
        assert open_halves[lane] <= 1
        ready += (what, lane) == ("end", "captions")
        ready -= (what, lane) == ("submit", "images")
        assert ready <= ahead


def test_a_failure_finishes_what_runs_begins_nothing_and_is_raised(shop: Shop) -> None:
    drawing, failed = threading.Event(), threading.Event()

    def work(lane: str, shard_id: int) -> None:
        if (lane, shard_id) == ("images", 0):
            drawing.set()
            failed.wait(30)
        if (lane, shard_id) == ("captions", 1):
            drawing.wait(30)
            failed.set()

    shop.work = work
    shop.fails = {("captions", 1): ValueError("disk")}
    with pytest.raises(ValueError, match="disk"):
        shop.lanes().run(Pending((0, 1, 2), (0, 1, 2)))
    assert shop.of("end", "images") == [0]
    assert shop.of("submit", "captions") == [0, 1]
    assert shop.running == 0
    assert not shop.stopping.is_set()


def test_the_first_error_wins(shop: Shop) -> None:
    drawing, failed = threading.Event(), threading.Event()

    def work(lane: str, shard_id: int) -> None:
        if (lane, shard_id) == ("images", 0):
            drawing.set()
            failed.wait(30)
        if (lane, shard_id) == ("captions", 1):
            drawing.wait(30)

    def meanwhile() -> None:
        if shop.of("end", "captions") == [0, 1]:
            failed.set()

    shop.work = work
    shop.fails = {("captions", 1): ValueError("first"), ("images", 0): ValueError("second")}
    with pytest.raises(ValueError, match="first"):
        shop.lanes(meanwhile).run(Pending((0, 1), (0, 1)))
    assert shop.running == 0


class Interruption(BaseException):
    """Stands for what Prefect raises into the flow's thread on SIGTERM."""


@pytest.mark.parametrize("when", ["at work", "after a failure"])
def test_an_interruption_stops_and_waits_for_what_runs(shop: Shop, when: str) -> None:
    def work(lane: str, shard_id: int) -> None:
        if lane == "images":
            assert shop.stopping.wait(30)

    def meanwhile() -> None:
        wanted = [0] if when == "at work" else [0, 1]
        began = ("begin", "images", 0) in shop.events
        if began and shop.of("end", "captions") >= wanted and not shop.stopping.is_set():
            raise Interruption

    shop.work = work
    if when == "after a failure":
        shop.fails = {("captions", 1): ValueError("disk")}
    with pytest.raises(Interruption):
        shop.lanes(meanwhile).run(Pending((0, 1, 2, 3), (0, 1, 2, 3)))
    assert shop.stopping.is_set()
    assert shop.running == 0
    assert shop.of("begin", "images") == [0]
