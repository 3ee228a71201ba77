"""A model's scenes come first, in the manner of the anchor; what is refused is said."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.core.records import Anchor, EditKind, FullCaption
from pipeline.core.stage import Fault, Rejected
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.complete.several_edits import Judge
from pipeline.edits.complete.writer import FullWriter

CAPTION = "a dog on a beach ."
ANCHOR = Anchor("a0", CAPTION, CAPTION, "cc_tsv", "t:1")


def no_cats(written: str, caption: str, doc: object) -> Fault | None:
    return Fault("text.unsafe", "cat") if "cat" in written else None


def write(
    parse,
    *written: str,
    wanted: int = 2,
    anchor: Anchor = ANCHOR,
    sound: Sequence[Proposal] = (),
):
    refused: list[Rejected] = []
    made = FullWriter(wanted, run_seed=0, vocabulary=None, check=no_cats).write(
        anchor,
        parse(anchor.caption),
        written=[FullCaption(text, "llm:m") for text in written],
        sound=sound,
        judge=Judge(lambda group, _: list(group), lambda _: 0.0, lambda _: True),
        refused=refused,
    )
    return made, refused


def captions(full: Sequence[FullCaption]) -> list[str]:
    return [one.caption for one in full]


def test_scenes_are_put_in_the_manner_of_the_anchor(parse) -> None:
    (full, fault), refused = write(parse, "Two horses in a meadow")
    assert captions(full) == ["two horses in a meadow ."]
    assert fault is None
    assert refused == []


def test_what_is_refused_is_kept_with_its_reason_and_leaves_its_place(parse) -> None:
    (full, _), refused = write(parse, "a cat on a sofa", "two horses in a meadow", wanted=1)
    assert captions(full) == ["two horses in a meadow ."]
    assert [(one.reason, one.item, one.caption) for one in refused] == [
        ("text.unsafe", "full", "a cat on a sofa")
    ]


def test_no_more_than_wanted(parse) -> None:
    (full, _), _ = write(parse, "two horses in a meadow", "three cars on a road", wanted=1)
    assert captions(full) == ["two horses in a meadow ."]


@pytest.mark.parametrize("caption", ["how to train your dog at home", CAPTION])
def test_where_there_is_none_it_is_said_why(parse, caption: str) -> None:
    anchor = Anchor("a1", caption, caption, "cc_tsv", "t:2")
    (full, fault), _ = write(parse, anchor=anchor)
    assert full == []
    assert fault is not None
    assert fault.reason == "text.no_full"
    assert "no two edits" in fault.detail
    (full, fault), _ = write(parse, "two horses in a meadow", anchor=anchor)
    assert len(full) == 1
    assert fault is None


def test_what_no_model_wrote_is_made_of_the_caption_itself(parse) -> None:
    edits = [
        Proposal(EditKind.OBJECT, "pets", (TokenPiece(1, 2, "cat"),), "dog", "cat", "r"),
        Proposal(EditKind.OBJECT, "land", (TokenPiece(4, 5, "sofa"),), "beach", "sofa", "r"),
    ]
    (full, fault), _ = write(parse, sound=edits, wanted=8)
    assert "a cat on a sofa ." in captions(full)
    assert fault is None
