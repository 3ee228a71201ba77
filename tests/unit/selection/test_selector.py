"""Which of the candidates a set keeps, from scores that the tests decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipeline.config.scores import SelectionConfig
from pipeline.core.errors import StageContractError
from pipeline.core.records import (
    Anchor,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    FullCaption,
    RejectedSet,
    RenderedImage,
    RenderedSet,
    Replacement,
)
from pipeline.core.stage import Rejected
from pipeline.core.strategies import INDEPENDENT, SAME_NOISE
from pipeline.selection.selector import Selector

BLANK = np.zeros((8, 8, 3), np.uint8)


def make_set(edits: int = 1, fulls: int = 0) -> CounterfactualSet:
    caption = "a red car"
    edit = CaptionEdit(
        EditKind.ATTRIBUTE, "colour", caption, (Replacement(2, 5, "red", "blue"),), "red", "blue"
    )
    full = FullCaption("two dogs on a beach", "rules")
    return CounterfactualSet(
        Anchor("a0", caption, caption, "cc_tsv", "file.tsv:1"), (edit,) * edits, (full,) * fulls
    )


def image(
    variant: str,
    seed: int,
    candidate: int = 0,
    *,
    rank: float | None = 0.0,
    contrast: float = 50.0,
    bits: int | None = None,
) -> RenderedImage:
    scores = {"contrast": contrast} | ({} if rank is None else {"detail": rank})
    strategy = INDEPENDENT if variant.startswith("full") else SAME_NOISE
    return RenderedImage(
        variant, BLANK, f"prompt of {variant}", seed, strategy, candidate,
        scores=scores, perceptual_hash=bits,
    )  # fmt: skip


def select(
    *images: RenderedImage, edits: int = 1, fulls: int = 0, **settings: Any
) -> RenderedSet | Rejected:
    config = SelectionConfig(
        **{"bands": {"default": {"contrast": (10, None)}}, "rank": "detail"} | settings
    )
    first = tuple(one for one in images if one.candidate == 0)
    return Selector(config).select(RenderedSet(make_set(edits, fulls), first, images))


def kept(result: RenderedSet | Rejected) -> list[tuple[str, int]]:
    assert isinstance(result, RenderedSet)
    return [(one.variant, one.candidate) for one in result.images]


def test_the_best_by_rank_is_kept_and_the_lower_number_of_equals() -> None:
    result = select(
        image("control", 1),
        image("min0", 1, 0, rank=0.2),
        image("min0", 1, 1, rank=0.7),
        image("min0", 1, 2, rank=0.7),
    )
    assert kept(result) == [("control", 0), ("min0", 1)]
    assert isinstance(result, RenderedSet)
    assert result.candidates == ()


def test_what_breaks_a_band_is_refused_with_its_scores_however_high_its_rank() -> None:
    result = select(
        image("control", 1),
        image("min0", 1, 0, rank=0.9, contrast=3),
        image("min0", 1, 1, rank=0.1),
    )
    assert kept(result) == [("control", 0), ("min0", 1)]
    assert isinstance(result, RenderedSet)
    (refused,) = result.refused
    assert (refused.reason, refused.variant, refused.candidate, refused.kind) == (
        "image.contrast_low",
        "min0",
        0,
        "attribute",
    )
    assert refused.scores["contrast"] == 3


def test_edits_go_with_the_control_of_their_noise_and_complete_ones_with_any() -> None:
    """The second noise keeps two edits, the first only one of higher rank."""
    result = select(
        image("control", 1, 0),
        image("control", 2, 1),
        image("min0", 1, 0, rank=0.9),
        image("min1", 1, 0, rank=0.9, contrast=3),
        image("min0", 2, 1, rank=0.1),
        image("min1", 2, 1, rank=0.1),
        image("full0", 7, 0, rank=0.5),
        edits=2,
        fulls=1,
    )
    assert kept(result) == [("control", 1), ("min0", 1), ("min1", 1), ("full0", 0)]


def test_a_bad_control_takes_its_edits_with_it() -> None:
    result = select(
        image("control", 1, 0, contrast=3),
        image("control", 2, 1),
        image("min0", 1, 0, rank=0.9),
        image("min0", 2, 1, rank=0.1),
    )
    assert kept(result) == [("control", 1), ("min0", 1)]


def test_without_a_good_control_the_set_is_rejected_and_nothing_is_forgotten() -> None:
    result = select(image("control", 1, contrast=3), image("min0", 1))
    assert isinstance(result, RejectedSet)
    assert result.reason == "image.control"
    assert "contrast 3 is below 10" in result.detail
    assert [one.variant for one in result.refused] == ["control"]


def test_too_few_counterfactuals_reject_the_set() -> None:
    result = select(
        image("control", 1), image("min0", 1), image("min1", 1, contrast=3), edits=2, min_kept=2
    )
    assert isinstance(result, RejectedSet)
    assert result.reason == "image.too_few"


def test_a_caption_without_a_picture_is_marked_with_the_reason_of_its_best() -> None:
    result = select(
        image("control", 1),
        image("min0", 1),
        image("min1", 1, 0, rank=0.1, contrast=3),
        image("min1", 1, 1, rank=0.8, contrast=4),
        edits=2,
        bands={"default": {"contrast": (10, None), "detail": (None, 0.5)}},
    )
    assert isinstance(result, RenderedSet)
    assert result.missing == {"min1": "image.contrast_low"}
    assert len(result.refused) == 2


@pytest.mark.parametrize(("least", "is_kept"), [(4, True), (5, False)])
def test_a_near_duplicate_of_another_set_is_refused(least: int, is_kept: bool) -> None:
    config = SelectionConfig(min_hash_distance=least)
    selector = Selector(config)

    def choose(*bits: int) -> RenderedSet | Rejected:
        images = (image("control", 1, bits=0), image("min0", 1, bits=bits[0]))
        return selector.select(RenderedSet(make_set(), images, images))

    first = choose(0b1111_0000)
    assert isinstance(first, RenderedSet)
    second = choose(0b1111_1111)  # 4 bits from the first set's edit, 8 from both controls
    assert isinstance(second, RenderedSet) is is_kept
    if isinstance(second, Rejected):
        assert second.refused[0].reason == "image.duplicate"


def test_more_pictures_than_the_first_allocation_are_remembered() -> None:
    selector = Selector(SelectionConfig(min_hash_distance=1))
    for number in range(1, 200):
        pair = (image("control", 1, bits=0), image("min0", 1, bits=number << 20))
        assert isinstance(selector.select(RenderedSet(make_set(), pair, pair)), RenderedSet)
    again = (image("control", 1, bits=0), image("min0", 1, bits=150 << 20))
    assert isinstance(selector.select(RenderedSet(make_set(), again, again)), Rejected)


def test_a_hash_that_was_not_taken_is_an_error_and_no_pass() -> None:
    with pytest.raises(StageContractError, match="hash was not taken"):
        select(image("control", 1), image("min0", 1), min_hash_distance=3)


def test_candidates_are_kept_where_they_are_to_be_stored() -> None:
    images = (image("control", 1), image("min0", 1), image("min0", 1, 1, rank=0.5))
    selector = Selector(SelectionConfig(rank="detail"), keep_candidates=True)
    result = selector.select(RenderedSet(make_set(), images[:2], images))
    assert isinstance(result, RenderedSet)
    assert result.candidates == images


def test_a_stream_passes_rejects_and_sets_without_pictures_on() -> None:
    reject, plain = Rejected("a1", "text.too_long"), RenderedSet(make_set())
    selector = Selector(SelectionConfig())
    assert list(selector.select_sets([reject, plain])) == [reject, plain]


def test_a_set_of_which_no_picture_could_show_anything_needs_none() -> None:
    cfset = make_set()
    causal = replace(cfset.minimal[0], kind=EditKind.CAUSAL_ORDER)
    rendered = RenderedSet(replace(cfset, minimal=(causal,)), (image("control", 1),))
    assert kept(Selector(SelectionConfig()).select(rendered)) == [("control", 0)]
    (rejected,) = [Selector(SelectionConfig()).select(replace(rendered, cfset=cfset))]
    assert isinstance(rejected, Rejected)
