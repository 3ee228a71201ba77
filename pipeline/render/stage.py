"""The stage that has a set's pictures drawn, in batches that run across sets."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.config.images import ImagesConfig
from pipeline.core.draws import Draw, count_rows, split_units, take_batch
from pipeline.core.errors import StageContractError
from pipeline.core.ids import fingerprint
from pipeline.core.protocols import Renderer
from pipeline.core.records import CounterfactualSet, RejectedSet, RenderedImage, RenderedSet
from pipeline.core.scores import CONTROL, group_of
from pipeline.core.stage import Fault, Rejected
from pipeline.render.plan import plan_set

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RENDER_VERSION = 3
"""Raised when the same renderer and captions would get other pictures."""


@dataclass(slots=True)
class _OpenSet:
    """A set that waits for pictures, or a reject that waits for its turn."""

    item: CounterfactualSet | Rejected
    plan: tuple[Draw, ...] = ()
    images: dict[tuple[str, int], RenderedImage | Fault] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        return len(self.images) == len(self.plan)

    def drawn(self) -> tuple[RenderedImage, ...]:
        """All pictures, in the order of the plan, whatever the order of the batches."""
        found = (self.images[draw.variant, draw.candidate] for draw in self.plan)
        return tuple(image for image in found if isinstance(image, RenderedImage))

    def faults(self) -> Iterator[tuple[Draw, Fault]]:
        """What was planned and did not come out, in the order of the plan."""
        for draw in self.plan:
            image = self.images[draw.variant, draw.candidate]
            if isinstance(image, Fault):
                yield draw, image


@dataclass(frozen=True, slots=True)
class _Unit:
    """Pictures of one set that must be drawn at once."""

    owner: _OpenSet
    draws: tuple[Draw, ...]
    rows: int


class RenderStage:
    """Draws every caption of a stream of sets; holds its model.

    A set comes out with all its pictures but those that the renderer could not make, which are
    refused one by one; without a control or any counterfactual picture it is rejected. It works
    on a stream and not on batches of sets, as other stages do, because a batch of pictures
    reaches over the ends of sets.

    Attributes:
        renderer: The model; the caller closes it.
        run_seed: Seed of the run.
        batch_size: Rows of the model's batch; changes pictures by float error at most.
        config: Strategies and candidates.
        all_candidates: Whether a set comes out with all its candidates, to be measured and chosen
            among, even where they are not to be stored.
    """

    def __init__(
        self,
        renderer: Renderer,
        *,
        run_seed: int,
        batch_size: int = 8,
        config: ImagesConfig | None = None,
        all_candidates: bool = False,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        self.renderer = renderer
        self.run_seed = run_seed
        self.batch_size = batch_size
        self.config = config or ImagesConfig()
        self.all_candidates = all_candidates or self.config.keep_candidates

    @property
    def fingerprint(self) -> str:
        """Name of all that decides the pictures, beside the config: plan, seed, renderer."""
        return fingerprint(
            {
                "render": RENDER_VERSION,
                "run_seed": self.run_seed,
                "renderer": self.renderer.fingerprint,
                # The fingerprints of runs before selection had scores hold it.
                "chooser": "first",
            }
        )

    def render_sets(
        self,
        sets: Iterable[CounterfactualSet | Rejected],
        *,
        between_steps: Callable[[], None] | None = None,
    ) -> Iterator[RenderedSet | Rejected]:
        """Draw a stream of sets: one result for each item, in order, as soon as it is whole.

        A source and its edits are drawn in one batch; single pictures of later sets fill
        what room is left. Pictures in memory: at most one batch and the drawn parts of the
        sets that it reaches into, beside the set that the caller holds. Items are read from
        `sets` only as they are needed. The batches, and so the bytes, are the same for the
        same stream.

        Args:
            sets: The stream.
            between_steps: Called after each denoising step; what it raises ends the drawing, so
                that nobody who asked to stop waits for a batch.

        Raises:
            PermanentError: The model cannot draw even one picture at a time.
            StageContractError: The renderer gave too few or too many pictures.
        """
        open_sets: deque[_OpenSet] = deque()
        for entries, batch in _batches(self, sets):
            open_sets.extend(entries)
            if batch:
                self._draw(batch, between_steps)
            while open_sets and open_sets[0].is_whole:
                yield self._result(open_sets.popleft())

    def plan_batches(
        self, sets: Iterable[CounterfactualSet | Rejected]
    ) -> Iterator[tuple[Draw, ...]]:
        """The batches that :meth:`render_sets` would draw, without drawing."""
        for _, batch in _batches(self, sets):
            if batch:
                yield tuple(draw for unit in batch for draw in unit.draws)

    def _draw(
        self, batch: Sequence[_Unit], between_steps: Callable[[], None] | None = None
    ) -> None:
        """Draw one batch and hand every picture to its set."""
        draws = [draw for unit in batch for draw in unit.draws]
        pictures = self.renderer.draw(draws, between_steps=between_steps)
        if len(pictures) != len(draws):
            raise StageContractError(
                f"{type(self.renderer).__name__} drew {len(pictures)} pictures for {len(draws)} "
                "requests; a renderer must answer each one, in order"
            )
        owners = [unit.owner for unit in batch for _ in unit.draws]
        for owner, draw, pixels in zip(owners, draws, pictures, strict=True):
            made = pixels if isinstance(pixels, Fault) else record_picture(draw, pixels)
            owner.images[draw.variant, draw.candidate] = made

    def _result(self, entry: _OpenSet) -> RenderedSet | Rejected:
        """A whole set, with the first candidate of each picture."""
        if isinstance(entry.item, Rejected):
            return entry.item
        drawn = entry.drawn()
        refused = tuple(_refusal(entry.item, draw, fault) for draw, fault in entry.faults())
        if not refused:
            first = tuple(image for image in drawn if image.candidate == 0)
            return RenderedSet(entry.item, first, drawn if self.all_candidates else ())
        return what_came_out(
            entry.item, drawn, refused, candidates=drawn if self.all_candidates else ()
        )


def what_came_out(
    cfset: CounterfactualSet,
    drawn: Sequence[RenderedImage],
    refused: tuple[Rejected, ...],
    *,
    candidates: tuple[RenderedImage, ...],
) -> RenderedSet | Rejected:
    """A set with the pictures that came out; rejected where what is left is no set.

    One that needs no picture but its control, as nothing else can be shown, is whole without.

    Args:
        cfset: The captions.
        drawn: The pictures that did.
        refused: Those that did not, each with its reason.
        candidates: All that came out, where they are to be kept or chosen among.
    """
    first: dict[str, RenderedImage] = {}
    for image in drawn:
        first.setdefault(image.variant, image)
    if CONTROL in first and (len(first) > 1 or not refused):
        missing = {
            one.variant: one.reason
            for one in refused
            if one.variant != CONTROL and one.variant not in first
        }
        return RenderedSet(cfset, tuple(first.values()), candidates, missing, refused)
    lost = "any counterfactual picture" if CONTROL in first else "a control"
    return RejectedSet(
        cfset.anchor.anchor_id,
        refused[0].reason,
        f"nothing is left without {lost}: {refused[0].detail}",
        origin=cfset.anchor.origin,
        caption=cfset.anchor.caption,
        refused=(*cfset.refused, *refused),
        tokens_in=cfset.tokens_in,
        tokens_out=cfset.tokens_out,
        shares=cfset.shares,
        answers=cfset.answers,
        candidates=candidates,
    )


def _batches(
    stage: RenderStage, sets: Iterable[CounterfactualSet | Rejected]
) -> Iterator[tuple[list[_OpenSet], list[_Unit]]]:
    """Items as they are read, and with them the batch that they fill; empty if none yet."""
    waiting: list[_Unit] = []
    for item in sets:
        entry = _OpenSet(item)
        read = [entry]
        if isinstance(item, CounterfactualSet):
            entry.plan = plan_set(item, stage.run_seed, stage.config)
            for numbers in split_units(entry.plan, stage.batch_size):
                draws = tuple(entry.plan[number] for number in numbers)
                waiting.append(_Unit(entry, draws, count_rows(draws)))
        while sum(unit.rows for unit in waiting) >= stage.batch_size:
            yield read, _taken(waiting, stage.batch_size)
            read = []
        yield read, []
    while waiting:
        yield [], _taken(waiting, stage.batch_size)


def _taken(waiting: list[_Unit], batch_size: int) -> list[_Unit]:
    """Take the next batch out of the units that wait."""
    numbers = take_batch([unit.rows for unit in waiting], batch_size)
    batch = [waiting[number] for number in numbers]
    waiting[:] = [unit for number, unit in enumerate(waiting) if number not in set(numbers)]
    return batch


def record_picture(draw: Draw, pixels: NDArray[np.uint8]) -> RenderedImage:
    """Put a picture beside what was asked for."""
    return RenderedImage(
        variant=draw.variant,
        pixels=pixels,
        prompt=draw.prompt,
        seed=draw.seed,
        strategy=draw.strategy,
        candidate=draw.candidate,
        parameters=draw.parameters,
        negative_prompt=draw.negative_prompt,
    )


def _refusal(cfset: CounterfactualSet, draw: Draw, fault: Fault) -> Rejected:
    """The record of a picture that did not come out."""
    return Rejected(
        cfset.anchor.anchor_id,
        fault.reason,
        fault.detail,
        origin=cfset.anchor.origin,
        item="image",
        kind=group_of(cfset, draw.variant).kind,
        caption=draw.prompt,
        variant=draw.variant,
        candidate=draw.candidate,
    )
