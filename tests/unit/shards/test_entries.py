"""The entries of a sample say what may be put against what, and quote literally."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.core.records import CaptionEdit, EditKind, RenderedSet, Replacement, Role
from pipeline.core.strategies import INPAINT
from pipeline.shards.entries import (
    full_entry,
    literal_pieces,
    minimal_entry,
    picture_files,
    truths_of,
)
from tests.unit.shards.shard_records import draw, make_set, own_image


def edit(factual: str, *changes: tuple[str, str, Role], old: str, new: str) -> CaptionEdit:
    """An edit of the first places where the old words stand, one behind the other."""
    pieces: list[Replacement] = []
    at = 0
    for before, after, role in changes:
        at = factual.index(before, at)
        pieces.append(Replacement(at, at + len(before), before, after, role))
        at += len(before)
    return CaptionEdit(EditKind.NEGATION, "", factual, tuple(pieces), old, new)


E, R = Role.EDIT, Role.REPAIR


@pytest.mark.parametrize(
    ("made", "old", "new"),
    [
        (edit("a red car", ("red", "blue", E), old="red", new="blue"), ("red",), ("blue",)),
        # The record's words are in the caption: they stay as they are.
        (
            edit("one actor waves", ("one", "two", E), ("actor", "actors", R), old="one actor",
                 new="two actors"),
            ("one actor",),
            ("two actors",),
        ),
        # They are not: the places themselves are quoted, a repair beside an edit with it.
        (
            edit("one lamp, not three, is lit", ("one", "three", E), ("lamp", "lamps", R),
                 ("three", "one", E), ("is", "are", R), old="one, not three", new="three, not one"),
            ("one lamp", "three"),
            ("three lamps", "one"),
        ),
        # Two decisive changes side by side are two pieces.
        (
            edit("a white black cup", ("white", "black", E), ("black", "white", E),
                 old="white … black", new="black … white"),
            ("white", "black"),
            ("black", "white"),
        ),
    ],
)  # fmt: skip
def test_pieces_are_literal(made: CaptionEdit, old: tuple[str, ...], new: tuple[str, ...]) -> None:
    assert literal_pieces(made) == (old, new)
    assert all(piece in made.factual for piece in old)
    assert all(piece in made.caption for piece in new)


def test_what_is_put_in_stands_beside_an_empty_piece() -> None:
    insertion = CaptionEdit(
        EditKind.COUNT, "", "a crowd of young people",
        (Replacement(11, 11, "", "four "),), "young people", "four people",
    )  # fmt: skip
    assert literal_pieces(insertion) == (("",), ("four",))


def test_a_set_s_flags() -> None:
    colour, causal, full = truths_of(draw(make_set(0, own_image()))).values()
    assert (colour.pair_image, colour.image, colour.image_is_negative) == ("control", "own", True)
    assert (causal.pair_text, causal.image_is_negative, causal.visible) == (
        "the grass is wet because it rained.", False, False,
    )  # fmt: skip
    assert (full.image, full.image_is_negative, full.contradicts_caption) == ("own", True, True)


def test_the_reversal_of_a_cause_without_a_picture_of_its_own_shares_the_factual_one() -> None:
    drawn = draw(make_set(0))
    without = replace(drawn, images=tuple(i for i in drawn.images if i.variant != "min1"))
    truth = truths_of(without)["min1"]
    assert (truth.image, truth.pair_image, truth.image_is_negative) == ("shared", "control", False)
    assert {truth.image for truth in truths_of(RenderedSet(make_set(0))).values()} == {None}


def test_an_edit_drawn_into_the_photograph_belongs_to_the_photograph() -> None:
    drawn = draw(make_set(0, own_image()))
    painted = replace(
        drawn,
        images=tuple(
            replace(image, strategy=INPAINT) if image.variant == "min0" else image
            for image in drawn.images
        ),
    )
    assert truths_of(painted)["min0"].pair_image == "factual"
    assert truths_of(painted)["min0"].image_is_negative
    assert truths_of(painted)["full0"].pair_image == "control"


def test_files() -> None:
    assert picture_files(RenderedSet(make_set(0))) == {}
    assert picture_files(draw(make_set(0))) == {
        "control": "jpg", "factual": "jpg", "min0": "min0.jpg", "min1": "min1.jpg",
        "full0": "full0.jpg",
    }  # fmt: skip
    with_own = picture_files(draw(make_set(0, own_image())))
    assert (with_own["factual"], with_own["control"]) == ("png", "control.jpg")


def test_the_entries_carry_what_the_records_say() -> None:
    cfset = make_set(0)
    truths = truths_of(RenderedSet(cfset))
    entry = minimal_entry("min0", cfset.minimal[0], truths["min0"])
    assert (entry.pair_text, entry.caption) == (cfset.anchor.caption, cfset.minimal[0].caption)
    scene = full_entry("full0", cfset.full[0], truths["full0"])
    assert (scene.kind, scene.factual) == ("full", cfset.anchor.caption)
    assert scene.contradicts == ("object",)
