"""The stage that has a set's pictures drawn, in batches that run across sets."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.errors import StageContractError
from pipeline.identity import fingerprint
from pipeline.ports import Draw, Renderer
from pipeline.records import CounterfactualSet, RenderedImage, RenderedSet
from pipeline.render.plan import plan_set
from pipeline.stage import Rejected

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RENDER_VERSION = 1
"""Raised when the same renderer and captions would get other pictures."""


@dataclass(slots=True)
class _OpenSet:
    """A set that waits for pictures, or a reject that waits for its turn."""

    item: CounterfactualSet | Rejected
    missing: int = 0
    images: list[RenderedImage] = field(default_factory=list)

    def result(self) -> RenderedSet | Rejected:
        if isinstance(self.item, Rejected):
            return self.item
        return RenderedSet(self.item, tuple(self.images))


class RenderStage:
    """Draws every caption of a set; a plain callable that holds its model.

    Nothing here rejects: a set comes out with all its pictures, or the renderer raises.

    Attributes:
        renderer: The model; the caller closes it.
        run_seed: Seed of the run.
        batch_size: Pictures drawn at once; changes them by float error at most.
    """

    def __init__(self, renderer: Renderer, run_seed: int, batch_size: int = 8) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        self.renderer = renderer
        self.run_seed = run_seed
        self.batch_size = batch_size

    @property
    def fingerprint(self) -> str:
        """Name of all that decides the pictures: plan, run seed, renderer."""
        return fingerprint(
            {
                "render": RENDER_VERSION,
                "run_seed": self.run_seed,
                "renderer": self.renderer.fingerprint,
            }
        )

    def run(self, batch: Sequence[CounterfactualSet], /) -> list[RenderedSet | Rejected]:
        """Draw every set of the batch, in order.

        Raises:
            PermanentError: The model cannot draw even one picture at a time.
            StageContractError: The renderer gave too few or too many pictures.
        """
        return list(self.render_sets(batch))

    def render_sets(
        self, sets: Iterable[CounterfactualSet | Rejected]
    ) -> Iterator[RenderedSet | Rejected]:
        """Draw a stream of sets: one result for each item, in order, as soon as it is whole.

        Batches are full except the last, and a set may lie in two of them. Pictures in
        memory: at most one batch and the drawn part of one unfinished set, beside the set
        that the caller holds. Items are read from `sets` only as they are needed. The
        batches, and so the bytes, are the same for the same stream.

        Raises:
            PermanentError: The model cannot draw even one picture at a time.
            StageContractError: The renderer gave too few or too many pictures.
        """
        open_sets: deque[_OpenSet] = deque()
        waiting: deque[tuple[_OpenSet, Draw]] = deque()
        for item in sets:
            entry = _OpenSet(item)
            open_sets.append(entry)
            if isinstance(item, CounterfactualSet):
                draws = plan_set(item, self.run_seed)
                entry.missing = len(draws)
                waiting.extend((entry, draw) for draw in draws)
            while len(waiting) >= self.batch_size:
                self._draw_batch(waiting)
                yield from _finished(open_sets)
            yield from _finished(open_sets)
        while waiting:
            self._draw_batch(waiting)
            yield from _finished(open_sets)

    def _draw_batch(self, waiting: deque[tuple[_OpenSet, Draw]]) -> None:
        """Draw the first batch of `waiting` and hand every picture to its set."""
        size = min(self.batch_size, len(waiting))
        batch = [waiting.popleft() for _ in range(size)]
        pictures = self.renderer.draw([draw for _, draw in batch])
        if len(pictures) != len(batch):
            raise StageContractError(
                f"{type(self.renderer).__name__} drew {len(pictures)} pictures for {len(batch)} "
                "requests; a renderer must answer each one, in order"
            )
        for (entry, draw), pixels in zip(batch, pictures, strict=True):
            entry.images.append(_record(draw, pixels))
            entry.missing -= 1


def _record(draw: Draw, pixels: NDArray[np.uint8]) -> RenderedImage:
    """Put a picture beside what was asked for."""
    return RenderedImage(
        variant=draw.variant,
        pixels=pixels,
        prompt=draw.prompt,
        seed=draw.seed,
        strategy=draw.strategy,
    )


def _finished(open_sets: deque[_OpenSet]) -> Iterator[RenderedSet | Rejected]:
    """Take whole sets and rejects off the front, up to the first that still waits."""
    while open_sets and not open_sets[0].missing:
        yield open_sets.popleft().result()
