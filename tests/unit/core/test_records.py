"""Records check themselves when they are made."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.records import (
    Anchor,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    RenderedImage,
    Replacement,
    Role,
    Sample,
)

FACTUAL = "a man in a red hat"


def edit(*pieces: Replacement, kind: EditKind = EditKind.ATTRIBUTE) -> CaptionEdit:
    return CaptionEdit(kind, "colour", FACTUAL, pieces, "red", "orange")


def test_caption_is_derived_from_the_replacements() -> None:
    made = edit(
        Replacement(9, 10, "a", "an", Role.REPAIR),
        Replacement(11, 14, "red", "orange"),
    )
    assert made.caption == "a man in an orange hat"
    assert [made.caption[a:b] for a, b in made.caption_spans] == ["an", "orange"]


def test_insertion_has_an_empty_span() -> None:
    made = CaptionEdit(
        EditKind.NEGATION, "one_sided", FACTUAL, (Replacement(6, 6, "", "not "),), "", "not"
    )
    assert made.caption == "a man not in a red hat"


@pytest.mark.parametrize(
    ("pieces", "complaint"),
    [
        ((), "0 decisive"),
        ((Replacement(11, 14, "red", "blue"), Replacement(15, 18, "hat", "cap")), "2 decisive"),
        ((Replacement(0, 3, "the", "a"),), "does not stand"),
        (
            (Replacement(11, 14, "red", "blue"), Replacement(9, 10, "a", "an", Role.REPAIR)),
            "out of order",
        ),
    ],
)
def test_faulty_edits_are_refused(pieces: tuple[Replacement, ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        edit(*pieces)


def test_swaps_may_touch_two_places() -> None:
    made = edit(
        Replacement(2, 5, "man", "hat"), Replacement(15, 18, "hat", "man"), kind=EditKind.SWAP
    )
    assert made.caption == "a hat in a red man"


def test_a_replacement_must_change_something() -> None:
    with pytest.raises(ValueError, match="twice"):
        Replacement(0, 1, "a", "a")
    with pytest.raises(ValueError, match="does not fit"):
        Replacement(0, 5, "a", "b")


def test_keys_hold_no_dots() -> None:
    with pytest.raises(ValueError, match="key"):
        Sample("a.b", ())
    with pytest.raises(ValueError, match="twice"):
        Sample("ab", (("txt", b"1"), ("txt", b"2")))
    with pytest.raises(ValueError, match="WebDataset"):
        Anchor("a.b", "x", "x", "cc_tsv", "f:1")


def test_a_set_holds_something() -> None:
    anchor = Anchor("ab", "x", "x", "cc_tsv", "f:1")
    with pytest.raises(ValueError, match="no counterfactual"):
        CounterfactualSet(anchor)


def test_pictures_are_checked() -> None:
    with pytest.raises(ValueError, match="uint8"):
        RenderedImage("min0", np.zeros((4, 4, 3), np.float32), "x", 1, "same_noise")  # type: ignore[arg-type]
