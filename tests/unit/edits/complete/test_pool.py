"""The pool gives the same counterparts however it is read, and says why it has none."""

from __future__ import annotations

import pytest

from pipeline.core.records import Anchor, FullCaption, SourceCaption
from pipeline.edits.complete.pool import CaptionPool, build_pool, read_lines
from pipeline.edits.complete.scene_facts import SceneFacts, scene_facts
from pipeline.edits.parse.parsed_caption import parsed_caption

CAPTIONS = (
    "a woman riding a bicycle on the beach .",
    "a girl riding a bicycle in the forest .",
    "a boy rides a bicycle on the street",
    "a brown dog running in the park",
    "a brown dog sleeping on a sofa",
    "how to train your dog at home",
)


@pytest.fixture(scope="module")
def pool(parser) -> CaptionPool:
    captions = [SourceCaption(f"{n:02x}", text, 100 * n) for n, text in enumerate(CAPTIONS)]
    return build_pool(captions, parser, rounds=2)


def anchor_of(number: int, caption: str = "") -> Anchor:
    text = caption or CAPTIONS[number]
    return Anchor(f"{number:02x}", text, text, "test", "test")


def ask(pool: CaptionPool, parse, anchor: Anchor, wanted: int = 1) -> list[FullCaption]:
    facts = scene_facts(parsed_caption(parse(anchor.caption)))
    assert isinstance(facts, SceneFacts)
    return pool.full_captions(anchor, facts, wanted, run_seed=0)


def test_two_of_a_kind_stand_against_each_other_in_the_anchors_manner(pool, parse) -> None:
    (of_run,) = ask(pool, parse, anchor_of(3))
    (of_sleep,) = ask(pool, parse, anchor_of(4))
    assert (of_run.caption, of_sleep.caption) == (CAPTIONS[4], CAPTIONS[3])
    assert set(of_run.contradicts) >= {"action", "setting"}
    (of_woman,) = ask(pool, parse, anchor_of(0))
    assert of_woman.caption.endswith(" .")
    assert of_woman.caption != CAPTIONS[0]


def test_more_are_other_ones(pool, parse) -> None:
    both = ask(pool, parse, anchor_of(0), wanted=2)
    assert len({one.caption for one in both}) == 2


def test_an_anchor_outside_of_the_pool_takes_the_same_one_whenever_it_asks(pool, parse) -> None:
    anchor = anchor_of(99, "a small brown dog swims in the ocean")
    (found,) = ask(pool, parse, anchor)
    assert found.caption in {CAPTIONS[3], CAPTIONS[4]}
    assert ask(pool, parse, anchor) == [found]


def test_where_nothing_is_akin_there_is_none(pool, parse) -> None:
    assert ask(pool, parse, anchor_of(98, "a green lizard sitting on a rock")) == []


def test_the_pool_comes_back_from_its_lines(pool, parse) -> None:
    lines = list(pool.lines())
    again = read_lines(lines)
    assert list(again.lines()) == lines
    anchor = anchor_of(99, "a small brown dog swims in the ocean")
    assert ask(again, parse, anchor) == ask(pool, parse, anchor)


def test_a_damaged_line_is_noticed(pool) -> None:
    lines = list(pool.lines())
    lines[1] = lines[1].replace(b"woman", b"girls")
    with pytest.raises(ValueError, match="checksum"):
        read_lines(lines)
    with pytest.raises(ValueError, match="checksum"):
        read_lines(lines[:-1])
