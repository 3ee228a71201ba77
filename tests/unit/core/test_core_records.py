"""Records refuse what could not be stored, and captions are derived, never stored twice."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.ids import canonical_json, content_id, derive_seed, fingerprint
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
KNOWN_SEED = 4254498889852051654
KNOWN_ID = "df3f85504c094feb42fb"


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


def test_ids_depend_on_the_borders_of_their_parts() -> None:
    assert content_id("ab", "c") != content_id("a", "bc")
    assert content_id("ab", "c") == content_id("ab", "c")
    assert content_id("é") == content_id("é".encode())


def test_seeds_depend_on_every_part_and_fit_63_bits() -> None:
    seeds = {
        derive_seed(run, anchor, variant)
        for run in range(3)
        for anchor in ("a", "b")
        for variant in ("factual", "full0")
    }
    assert len(seeds) == 12
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_known_seed_never_changes() -> None:
    """Stored samples are drawn again from their seeds: the formula is frozen."""
    assert derive_seed(0, "0123456789abcdef0123", "factual") == KNOWN_SEED
    assert content_id("cc_tsv", "a dog") == KNOWN_ID


def test_fingerprints_ignore_order() -> None:
    assert fingerprint({"a": 1, "b": [1, 2]}) == fingerprint({"b": [1, 2], "a": 1})
    assert canonical_json({"b": "é", "a": None}) == '{"a":null,"b":"é"}'
