from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.errors import StageContractError
from pipeline.identity import JsonValue
from pipeline.ports import Draw
from pipeline.records import Anchor, CounterfactualSet, FullCaption, RenderedSet
from pipeline.render.plan import plan_set
from pipeline.render.stage import RenderStage
from pipeline.stage import Rejected, run_stage


class SeedPainter:
    """Draws a picture that shows its seed, and keeps what it was asked for."""

    fingerprint = "painter"

    def __init__(self, *, lost: int = 0) -> None:
        self.batches: list[list[Draw]] = []
        self.lost = lost

    @property
    def provenance(self) -> Mapping[str, JsonValue]:
        return {}

    def draw(self, draws: Sequence[Draw], /) -> Sequence[NDArray[np.uint8]]:
        self.batches.append(list(draws))
        kept = draws[self.lost :]
        return [np.full((8, 8, 3), draw.seed % 251, dtype=np.uint8) for draw in kept]

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
    results = list(RenderStage(painter, 3, batch_size).render_sets(items))

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
    for done, result in enumerate(RenderStage(painter, 0, batch_size=8).render_sets(source()), 1):
        assert isinstance(result, RenderedSet)
        given_out += len(result.images)
        drawn = sum(len(batch) for batch in painter.batches)
        assert drawn - given_out <= 8 + 2
        assert read - done <= 4
    assert given_out == 1500


def test_a_set_comes_out_before_the_next_batch_is_drawn() -> None:
    painter = SeedPainter()
    stream = RenderStage(painter, 0, batch_size=2).render_sets(make_set(n, 1) for n in range(3))
    next(stream)
    assert len(painter.batches) == 1


def test_the_stage_keeps_its_contract_and_names_all_that_decides() -> None:
    stage = RenderStage(SeedPainter(), 0, batch_size=3)
    sets = [make_set(n, 3) for n in range(3)]
    assert [r.cfset for r in run_stage(stage, sets) if isinstance(r, RenderedSet)] == sets
    assert stage.fingerprint == RenderStage(SeedPainter(), 0, batch_size=8).fingerprint
    assert stage.fingerprint != RenderStage(SeedPainter(), 1, batch_size=3).fingerprint


def test_a_renderer_that_loses_a_picture_is_caught() -> None:
    with pytest.raises(StageContractError, match="drew 3 pictures for 4"):
        RenderStage(SeedPainter(lost=1), 0, batch_size=4).run([make_set(0, 3)])


def test_a_batch_needs_a_size() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        RenderStage(SeedPainter(), 0, batch_size=0)
