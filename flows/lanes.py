"""Two lanes of work: captions run ahead, pictures follow, a bounded number under way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from pipeline.runs.job import Pending

AHEAD = 2
"""Shards whose captions may lie ready before their pictures are begun."""

LOOK_S = 5.0
"""Longest time between two calls of `meanwhile`, in seconds."""


class Half(Protocol):
    """A half of a shard that was submitted; Prefect's futures are such."""

    def result(self) -> object:
        """Wait for its end; raise what it raised."""
        ...

    def add_done_callback(self, fn: Callable[[Any], None], /) -> None:
        """Call `fn` at its end, from any thread; at once if it has ended."""
        ...


class Lane(StrEnum):
    """The two halves of a shard."""

    CAPTIONS = "captions"
    IMAGES = "images"


@dataclass(frozen=True, slots=True)
class Lanes:
    """Runs the halves that are left, in the order of the shards; see :meth:`run`.

    Attributes:
        captions: Submits the captions half of a shard.
        images: Submits the images half of a shard whose captions are written.
        meanwhile: Called at least every `look_s` seconds, in the thread that runs the lanes.
        stop: Asks the halves that are under way to end soon.
        ahead: Shards whose captions may lie ready before their pictures are begun.
        look_s: Longest time between two calls of `meanwhile`.
    """

    captions: Callable[[int], Half]
    images: Callable[[int], Half]
    meanwhile: Callable[[], None]
    stop: Callable[[], None]
    ahead: int = AHEAD
    look_s: float = LOOK_S
    _under_way: dict[Lane, Half] = field(default_factory=dict, init=False)
    _ended: SimpleQueue[Lane] = field(default_factory=SimpleQueue, init=False)

    def run(self, left: Pending) -> None:
        """Run what is left: at most one half of each lane at a time, two in all.

        When a half fails, nothing new is begun, the other one is finished, and the first
        error is raised. When this thread is interrupted (Prefect raises into it on
        SIGTERM), `stop` is called and what is under way is waited for. Either way no half
        is running any more when this returns or raises.
        """
        try:
            try:
                self._work(left)
            except Exception:
                self._drain()
                raise
        except BaseException as error:
            if not isinstance(error, Exception):
                self.stop()
                self._drain()
            raise

    def _work(self, left: Pending) -> None:
        to_write, unwritten = deque(left.captions), set(left.captions)
        to_draw = deque(left.shards)
        ready = 0
        while to_draw or self._under_way:
            if Lane.IMAGES not in self._under_way and to_draw and to_draw[0] not in unwritten:
                ready -= to_draw[0] in left.captions
                self._begin(Lane.IMAGES, self.images(to_draw.popleft()))
            if Lane.CAPTIONS not in self._under_way and to_write and ready < self.ahead:
                self._begin(Lane.CAPTIONS, self.captions(to_write[0]))
            lane = self._next_end()
            self._under_way.pop(lane).result()
            if lane is Lane.CAPTIONS:
                unwritten.discard(to_write.popleft())
                ready += 1

    def _begin(self, lane: Lane, half: Half) -> None:
        self._under_way[lane] = half
        half.add_done_callback(lambda _: self._ended.put(lane))

    def _next_end(self) -> Lane:
        """Wait for the end of a half, looking around in between."""
        while True:
            self.meanwhile()
            try:
                return self._ended.get(timeout=self.look_s)
            except Empty:
                continue

    def _drain(self) -> None:
        """Wait for what is under way, whatever comes of it."""
        while self._under_way:
            self._under_way.pop(self._next_end())
