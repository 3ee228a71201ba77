"""Which captions of a pool go together, and how they are shared out."""

from __future__ import annotations

from collections import Counter

from pipeline.core.records import SourceCaption
from pipeline.edits.complete.mining import (
    MOST_USES,
    CaptionIndex,
    Match,
    PooledCaption,
    exchange,
    may_show_one_picture,
)
from pipeline.edits.complete.scene_facts import SceneFacts, scene_facts
from pipeline.edits.parse.parsed_caption import parsed_caption


def pool_of(parse, *texts: str) -> list[PooledCaption]:
    pool = []
    for number, text in enumerate(texts):
        facts = scene_facts(parsed_caption(parse(text)))
        assert isinstance(facts, SceneFacts), facts
        pool.append(PooledCaption(SourceCaption(f"{number:02x}", text, 100 * number), facts))
    return pool


def test_the_nearest_that_contradicts_comes_first(parse) -> None:
    pool = pool_of(
        parse,
        "young woman playing a guitar on the beach",
        "a brown dog running in the park",
        "boy playing a guitar in the dark forest",
        "young woman playing an old guitar on the beach",
        "elderly man driving a car through the desert",
    )
    matches = CaptionIndex(pool).matches(pool[0].source, pool[0].facts)
    assert matches
    assert matches[0].number == 2
    assert {"object", "setting"} <= set(matches[0].contradicts)
    # no dog, no paraphrase
    assert {match.number for match in matches}.isdisjoint({0, 1, 3})


def test_two_captions_that_share_nothing_but_somebody_are_not_taken(parse) -> None:
    pool = pool_of(
        parse,
        "a man rides a horse on the beach",
        "a man sits on a chair in the office",
        "a woman riding a horse in the snow",
        "a brown dog running in the park",
        "a brown dog sleeping on a sofa",
    )
    index = CaptionIndex(pool)
    assert [match.number for match in index.matches(pool[0].source, pool[0].facts)] == [2]
    # That both are men says little, and a brown dog is a brown dog wherever it is.
    assert [match.number for match in index.matches(pool[3].source, pool[3].facts)] == [4]


def test_captions_of_other_length_or_of_a_drawing_are_not_taken(parse) -> None:
    pool = pool_of(
        parse,
        "young woman sitting on the beach",
        "young woman with long hair and a blue dress walking slowly in the dark forest at night",
        "illustration of a young woman walking in the forest",
    )
    assert CaptionIndex(pool).matches(pool[0].source, pool[0].facts) == []


def test_captions_of_one_picture_never_stand_against_each_other(parse) -> None:
    near = SourceCaption("aa", "a dog", 5, "http://x/1.jpg")
    assert may_show_one_picture(near, SourceCaption("bb", "a cat", 9))
    assert may_show_one_picture(near, SourceCaption("cc", "a cat", 900, "http://x/1.jpg"))
    assert not may_show_one_picture(near, SourceCaption("dd", "a cat", 900, "http://x/2.jpg"))
    assert not may_show_one_picture(SourceCaption("ee", "a dog"), SourceCaption("ff", "a cat", 0))


def edges(*pairs: tuple[int, int, float]) -> dict[int, list[Match]]:
    found: dict[int, list[Match]] = {}
    for one, other, score in pairs:
        found.setdefault(one, []).append(Match(other, score, ("action", "setting")))
        found.setdefault(other, []).append(Match(one, score, ("action", "setting")))
    return found


def test_pairs_take_each_other() -> None:
    found = exchange(edges((0, 1, 3.0), (1, 2, 2.0), (2, 3, 1.0)))
    assert {one: match.number for one, match in found.items()} == {0: 1, 1: 0, 2: 3, 3: 2}


def test_three_that_go_together_take_one_another_in_turn() -> None:
    found = exchange(edges((0, 1, 3.0), (1, 2, 2.0), (0, 2, 1.0)))
    assert found.keys() == {0, 1, 2}
    assert Counter(match.number for match in found.values()) == {0: 1, 1: 1, 2: 1}


def test_what_is_left_over_takes_one_that_is_used_once() -> None:
    found = exchange(edges(*((0, other, 1.0) for other in range(1, 6))))
    uses = Counter(match.number for match in found.values())
    assert uses[0] == MOST_USES == 2
    assert len(found) == 3
    assert all(match.number != one for one, match in found.items())
