"""What may be put against what: the rule on every case of a sample."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.core.truth import PairTruth, assign_split, derive_truth

DRAWN = {"factual": "jpg", "control": "jpg", "min0": "min0.jpg", "min1": "min1.jpg"}
PHOTOGRAPH = DRAWN | {"control": "control.jpg"}


def truth(
    kind: str, *, files: dict[str, str], variant: str = "min0", own: str = "", how: str = "same"
) -> PairTruth:
    return derive_truth(
        variant=variant, kind=kind, caption="a red car", factual=own or "a red car",
        image_files=files, strategy=how,
    )  # fmt: skip


def test_an_edit_with_a_picture_is_a_negative_in_text_and_picture() -> None:
    assert truth("attribute", files=DRAWN) == TRUE_EDIT


def test_beside_a_photograph_an_edit_belongs_to_the_control() -> None:
    assert truth("object", files=PHOTOGRAPH).pair_image == "control"
    assert truth("object", files=PHOTOGRAPH, how="inpaint").pair_image == "factual"
    only_photograph = {"factual": "png", "min0": "min0.jpg"}
    assert truth("object", files=only_photograph).pair_image == "factual"


def test_an_own_wording_is_the_positive() -> None:
    found = truth("negation", files=DRAWN, own="a red car, not a blue one")
    assert found.pair_text == "a red car, not a blue one"
    assert found.contradicts_caption
    assert found.image_is_negative


def test_a_reversal_of_cause_and_effect_has_no_negative_picture() -> None:
    found = truth("causal_order", files=DRAWN, own="the street is wet because it rains")
    assert found == PairTruth(
        "the street is wet because it rains", "control", "own", False, False, False
    )
    mined = truth("causal_order", files=DRAWN)
    assert mined.contradicts_caption, "a caption that says the order itself is contradicted"
    assert not mined.image_is_negative


def test_without_a_picture_of_its_own_there_is_no_negative() -> None:
    assert not truth("count", files=DRAWN, variant="min2").image_is_negative
    assert truth("count", files=DRAWN, variant="min2").image is None
    shared = {"factual": "jpg", "control": "jpg", "min0": "jpg"}
    assert not truth("count", files=shared).image_is_negative, "it shares the factual file"
    assert truth("count", files=shared).image == "shared"
    assert truth("causal_order", files=DRAWN, variant="min2").image == "shared"
    assert truth("causal_order", files={}).image is None
    empty = truth("count", files={})
    assert empty.pair_image is None
    assert not empty.image_is_negative
    assert not truth("count", files={"min0": "min0.jpg"}).image_is_negative, "beside nothing"


def test_a_split_is_the_anchor_s_for_good() -> None:
    assert [assign_split(key) for key in ("0", "1f", "5", "2c", "19")] == PINNED
    counts = Counter(assign_split(f"{number:020x}") for number in range(20_000))
    assert counts["train"] == pytest.approx(18_000, rel=0.02)
    assert counts["validation"] == pytest.approx(1_000, rel=0.15)
    assert counts["test"] == pytest.approx(1_000, rel=0.15)


TRUE_EDIT = PairTruth("a red car", "control", "own", True, True, True)
PINNED = ["train", "validation", "test", "validation", "test"]
"""Written down once: another value would mix held-out anchors into training."""
