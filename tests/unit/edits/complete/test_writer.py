"""A model's scenes come first, in the manner of the anchor; what is refused is said."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.core.records import Anchor, FullCaption
from pipeline.core.stage import Fault, Rejected
from pipeline.edits.complete.pool import CaptionPool
from pipeline.edits.complete.writer import FullWriter

CAPTION = "a dog on a beach ."
ANCHOR = Anchor("a0", CAPTION, CAPTION, "cc_tsv", "t:1")


def no_cats(written: str, caption: str, doc: object) -> Fault | None:
    return Fault("text.unsafe", "cat") if "cat" in written else None


def write(parse, *written: str, wanted: int = 2, pool: CaptionPool | None = None):
    refused: list[Rejected] = []
    made = FullWriter(wanted, run_seed=0, vocabulary=None, check=no_cats).write(
        ANCHOR,
        parse(CAPTION),
        written=[FullCaption(text, "llm:m") for text in written],
        sound=(),
        pool=pool,
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


def test_an_empty_pool_says_why_there_is_none(parse) -> None:
    (full, fault), _ = write(parse, pool=CaptionPool([]))
    assert full == []
    assert fault is not None
    assert fault.reason == "text.no_full"
    (full, fault), _ = write(parse, "two horses in a meadow", pool=CaptionPool([]))
    assert captions(full) == ["two horses in a meadow ."]
    assert fault is None
