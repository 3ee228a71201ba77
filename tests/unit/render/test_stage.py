from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.config.images import ImagesConfig
from pipeline.core.draws import count_rows, lay_rows
from pipeline.core.errors import StageContractError
from pipeline.core.ids import JsonValue
from pipeline.core.protocols import Draw
from pipeline.core.records import (
    Anchor,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    FullCaption,
    RejectedSet,
    RenderedSet,
    Replacement,
)
from pipeline.core.stage import Fault, Rejected
from pipeline.render.plan import plan_set
from pipeline.render.stage import RenderStage


class SeedPainter:
    """Draws a picture that shows its seed, and keeps what it was asked for."""

    fingerprint = "painter"

    def __init__(self, *, lost: int = 0) -> None:
        self.batches: list[list[Draw]] = []
        self.lost = lost

    @property
    def provenance(self) -> Mapping[str, JsonValue]:
        return {}

    def draw(
        self, draws: Sequence[Draw], /, *, between_steps: Callable[[], None] | None = None
    ) -> Sequence[NDArray[np.uint8]]:
        self.batches.append(list(draws))
        kept = draws[self.lost :]
        return [np.full((8, 8, 3), draw.seed % 251, dtype=np.uint8) for draw in kept]

    def check(self) -> None:
        pass

    def close(self) -> None:
        pass


def make_set(number: int, fulls: int) -> CounterfactualSet:
    anchor = Anchor(f"a{number}", f"caption {number}", "c", "cc_tsv", f"x.tsv:{number}")
    return CounterfactualSet(
        anchor, full=tuple(FullCaption(f"full {i} of {number}", "rules") for i in range(fulls))
    )


@given(
    sizes=st.lists(st.one_of(st.none(), st.integers(1, 9)), max_size=12),
    batch_size=st.integers(1, 10),
)
def test_a_stream_comes_back_whole_and_in_order_whatever_the_batch(
    sizes: list[int | None], batch_size: int
) -> None:
    items = [
        Rejected(f"a{n}", "text.too_long") if size is None else make_set(n, size)
        for n, size in enumerate(sizes)
    ]
    painter = SeedPainter()
    results = list(RenderStage(painter, run_seed=3, batch_size=batch_size).render_sets(items))

    assert len(results) == len(items)
    for item, result in zip(items, results, strict=True):
        if isinstance(item, Rejected):
            assert result is item
            continue
        assert isinstance(result, RenderedSet)
        assert result.cfset is item
        plan = plan_set(item, 3)
        assert [(i.variant, i.prompt, i.seed, i.strategy) for i in result.images] == [
            (d.variant, d.prompt, d.seed, d.strategy) for d in plan
        ]
        assert [int(i.pixels[0, 0, 0]) for i in result.images] == [d.seed % 251 for d in plan]
    assert all(len(batch) == batch_size for batch in painter.batches[:-1])
    assert all(0 < len(batch) <= batch_size for batch in painter.batches)


def test_pictures_in_memory_and_items_read_ahead_stay_bounded() -> None:
    read = 0

    def source() -> Iterator[CounterfactualSet]:
        nonlocal read
        for number in range(500):
            read += 1
            yield make_set(number, 2)

    painter = SeedPainter()
    given_out = 0
    for done, result in enumerate(
        RenderStage(painter, run_seed=0, batch_size=8).render_sets(source()), 1
    ):
        assert isinstance(result, RenderedSet)
        given_out += len(result.images)
        drawn = sum(len(batch) for batch in painter.batches)
        assert drawn - given_out <= 8 + 2
        assert read - done <= 4
    assert given_out == 1500


def test_a_set_comes_out_before_the_next_batch_is_drawn() -> None:
    painter = SeedPainter()
    stream = RenderStage(painter, run_seed=0, batch_size=2).render_sets(
        make_set(n, 1) for n in range(3)
    )
    next(stream)
    assert len(painter.batches) == 1


def test_every_set_comes_back_and_the_fingerprint_names_all_that_decides() -> None:
    stage = RenderStage(SeedPainter(), run_seed=0, batch_size=3)
    sets = [make_set(n, 3) for n in range(3)]
    assert [r.cfset for r in stage.render_sets(sets) if isinstance(r, RenderedSet)] == sets
    assert stage.fingerprint == RenderStage(SeedPainter(), run_seed=0, batch_size=8).fingerprint
    assert stage.fingerprint != RenderStage(SeedPainter(), run_seed=1, batch_size=3).fingerprint


def test_a_renderer_that_loses_a_picture_is_caught() -> None:
    with pytest.raises(StageContractError, match="drew 3 pictures for 4"):
        list(
            RenderStage(SeedPainter(lost=1), run_seed=0, batch_size=4).render_sets([make_set(0, 3)])
        )


def test_a_batch_needs_a_size() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        RenderStage(SeedPainter(), run_seed=0, batch_size=0)


def with_edits(number: int, edits: int, fulls: int = 1) -> CounterfactualSet:
    plain = make_set(number, fulls)
    factual = plain.anchor.caption
    minimal = tuple(
        CaptionEdit(
            EditKind.OBJECT,
            "thing",
            factual,
            (Replacement(0, 7, "caption", f"word{n}"),),
            "caption",
            f"word{n}",
        )
        for n in range(edits)
    )
    return CounterfactualSet(plain.anchor, minimal, plain.full)


@given(
    shapes=st.lists(st.tuples(st.integers(0, 6), st.integers(1, 3)), max_size=8),
    batch_size=st.integers(1, 9),
    candidates=st.integers(1, 4),
)
def test_a_source_shares_its_batch_with_its_edits_whatever_the_sets(
    shapes: list[tuple[int, int]], batch_size: int, candidates: int
) -> None:
    sets = [with_edits(n, *shape) for n, shape in enumerate(shapes)]
    config = ImagesConfig(candidates=candidates, keep_candidates=True)
    painter = SeedPainter()
    stage = RenderStage(painter, run_seed=3, batch_size=batch_size, config=config)
    results = [r for r in stage.render_sets(sets) if isinstance(r, RenderedSet)]

    assert [r.cfset for r in results] == sets
    assert [tuple(batch) for batch in painter.batches] == list(stage.plan_batches(sets))
    for batch in painter.batches:
        assert count_rows(batch) <= max(2, batch_size)
        for row in lay_rows(batch):
            if not row.is_shown:  # only where the whole group has no room in one batch
                plan = plan_set(sets[int(row.draw.anchor_id[1:])], 3, config)
                noise = [d for d in plan if d.seed == row.seed]
                assert count_rows(noise) > batch_size
    for result in results:
        plan = plan_set(result.cfset, 3, config)
        assert [(i.variant, i.candidate, i.seed) for i in result.candidates] == [
            (d.variant, d.candidate, d.seed) for d in plan
        ]
        assert list(result.images) == [i for i in result.candidates if i.candidate == 0]
        assert [i.parameters for i in result.candidates] == [d.parameters for d in plan]


def test_single_pictures_fill_what_groups_leave() -> None:
    painter = SeedPainter()
    list(
        RenderStage(painter, run_seed=0, batch_size=4).render_sets(
            with_edits(n, 2) for n in range(4)
        )
    )
    assert [len(batch) for batch in painter.batches] == [4, 4, 4, 4]


def test_candidates_come_out_where_they_are_stored_or_chosen_among() -> None:
    config = ImagesConfig(candidates=3, candidate_seeds=1)
    (plain,) = RenderStage(SeedPainter(), run_seed=0, config=config).render_sets([with_edits(0, 1)])
    stage = RenderStage(SeedPainter(), run_seed=0, config=config, all_candidates=True)
    (measured,) = stage.render_sets([with_edits(0, 1)])
    assert isinstance(plain, RenderedSet)
    assert isinstance(measured, RenderedSet)
    assert [(i.variant, i.candidate) for i in plain.images] == [
        ("control", 0),
        ("min0", 0),
        ("full0", 0),
    ]
    assert plain.candidates == ()
    assert [(i.variant, i.candidate) for i in measured.candidates] == [
        ("control", 0),
        *(("min0", n) for n in range(3)),
        *(("full0", n) for n in range(3)),
    ]


class Overflowing(SeedPainter):
    """Does not get some of the pictures done."""

    def __init__(self, *variants: str) -> None:
        super().__init__()
        self.variants = variants

    def draw(
        self, draws: Sequence[Draw], /, *, between_steps: Callable[[], None] | None = None
    ) -> Sequence[NDArray[np.uint8] | Fault]:
        return [
            Fault("image.overflow", "too large") if draw.variant in self.variants else picture
            for draw, picture in zip(draws, super().draw(draws), strict=True)
        ]


def test_a_picture_that_does_not_come_out_is_refused_and_the_set_goes_on() -> None:
    (result,) = RenderStage(Overflowing("min1"), run_seed=0).render_sets([with_edits(0, 2)])
    assert isinstance(result, RenderedSet)
    assert [image.variant for image in result.images] == ["control", "min0", "full0"]
    assert result.missing == {"min1": "image.overflow"}
    (refused,) = result.refused
    assert (refused.item, refused.variant, refused.kind) == ("image", "min1", "object")
    assert refused.detail == "too large"


@pytest.mark.parametrize("lost", [("control",), ("min0", "min1", "full0")])
def test_a_set_without_a_control_or_any_counterfactual_is_rejected(lost: tuple[str, ...]) -> None:
    stage = RenderStage(Overflowing(*lost), run_seed=0)
    (result,) = stage.render_sets([with_edits(0, 2)])
    assert isinstance(result, RejectedSet)
    assert result.reason == "image.overflow"
    assert tuple(one.variant for one in result.refused) == lost
