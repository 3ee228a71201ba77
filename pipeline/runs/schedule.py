"""The one scheduler of shards: captions run ahead, pictures follow, a bounded number under way.

A run hands what is left of it to an :class:`Executor`. Those that can run one stage of one
shard (this process, see :mod:`pipeline.runs.local`; Prefect's task runner, see
:mod:`flows.generate_cf`) give their two submitting functions to :class:`Scheduler`, which
decides what is submitted when. Ray Data streams by itself: :mod:`pipeline.runs.on_ray`
implements :class:`Executor` as it is and keeps to the same bound.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event
from typing import Any, Protocol

from pipeline.runs.job import Pending

AHEAD = 2
"""Shards, for each that has its captions written at a time, whose captions may be under way or
lie ready before their pictures are begun."""

LOOK_S = 5.0
"""Longest time between two calls of `meanwhile`, in seconds."""


class ShardStage(StrEnum):
    """The two stages of the work on a shard."""

    CAPTIONS = "captions"
    IMAGES = "images"


class Executor(Protocol):
    """Where the work on shards is done. Shard numbers go in; what is made stays on disk."""

    def run(self, left: Pending, /) -> None:
        """Make what is left of a run.

        When a stage fails, nothing new is begun, what is under way is finished, and the first
        error is raised. When the calling thread is interrupted, what is under way is asked to
        stop and waited for. Either way no stage is running any more when this returns or
        raises.
        """
        ...


class StageFuture(Protocol):
    """A stage of a shard that was submitted; futures of Python and of Prefect are such."""

    def result(self) -> object:
        """Wait for its end; raise what it raised."""
        ...

    def add_done_callback(self, fn: Callable[[Any], None], /) -> None:
        """Call `fn` at its end, from any thread; at once if it has ended."""
        ...


@dataclass(frozen=True, slots=True)
class Scheduler:
    """An executor that submits one stage of one shard at a time, in the order of the shards.

    Attributes:
        captions: Submits the caption stage of a shard.
        images: Submits the image stage of a shard whose captions are written.
        stop: Asks the stages that are under way to end soon.
        meanwhile: Called at least every `look_s` seconds, in the thread that runs this.
        captions_at_once: Caption stages under way at a time; of image stages it is one.
        look_s: Longest time between two calls of `meanwhile`.
    """

    captions: Callable[[int], StageFuture]
    images: Callable[[int], StageFuture]
    stop: Callable[[], None]
    meanwhile: Callable[[], None] = lambda: None
    captions_at_once: int = 1
    look_s: float = LOOK_S

    def run(self, left: Pending, /) -> None:
        """See :class:`Executor`."""
        under_way = _UnderWay(self.meanwhile, self.look_s)
        try:
            try:
                self._work(left, under_way)
            except Exception:
                under_way.wait_for_all()
                raise
        except BaseException as error:
            if not isinstance(error, Exception):
                self.stop()
                under_way.wait_for_all()
            raise

    def _work(self, left: Pending, under_way: _UnderWay) -> None:
        to_write, to_draw = deque(left.captions), deque(left.shards)
        without_captions = frozenset(left.captions)
        unwritten = set(left.captions)
        # Shards whose captions were begun in this run and whose pictures were not.
        ahead = 0
        while to_draw or under_way.stages:
            if to_draw and to_draw[0] not in unwritten and not under_way.count(ShardStage.IMAGES):
                shard_id = to_draw.popleft()
                ahead -= shard_id in without_captions
                under_way.begin(ShardStage.IMAGES, shard_id, self.images(shard_id))
            while (
                to_write
                and under_way.count(ShardStage.CAPTIONS) < self.captions_at_once
                and ahead < AHEAD * self.captions_at_once
            ):
                shard_id = to_write.popleft()
                ahead += 1
                under_way.begin(ShardStage.CAPTIONS, shard_id, self.captions(shard_id))
            stage, shard_id = under_way.take_next_end()
            if stage is ShardStage.CAPTIONS:
                unwritten.discard(shard_id)


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """The stages that were submitted and whose end was not taken note of.

    An interruption may come between any two steps, so an end stays in `ended` until it was
    taken note of: one that only a queue had told would be waited for without end.
    """

    meanwhile: Callable[[], None]
    look_s: float
    stages: dict[tuple[ShardStage, int], StageFuture] = field(default_factory=dict)
    ended: deque[tuple[ShardStage, int]] = field(default_factory=deque)
    something_ended: Event = field(default_factory=Event)

    def count(self, stage: ShardStage) -> int:
        return sum(one is stage for one, _ in self.stages)

    def begin(self, stage: ShardStage, shard_id: int, future: StageFuture) -> None:
        self.stages[stage, shard_id] = future
        future.add_done_callback(lambda _: self._note_end(stage, shard_id))

    def _note_end(self, stage: ShardStage, shard_id: int) -> None:
        self.ended.append((stage, shard_id))
        self.something_ended.set()

    def take_next_end(self) -> tuple[ShardStage, int]:
        """Wait for the end of a stage; raise what it raised."""
        ended = self._next_end()
        future = self.stages.pop(ended)
        self.ended.popleft()
        future.result()
        return ended

    def wait_for_all(self) -> None:
        """Wait for every stage, whatever comes of it."""
        while self.stages:
            self.stages.pop(self._next_end(), None)
            self.ended.popleft()

    def _next_end(self) -> tuple[ShardStage, int]:
        while True:
            self.meanwhile()
            self.something_ended.clear()
            if self.ended:
                return self.ended[0]
            self.something_ended.wait(self.look_s)
