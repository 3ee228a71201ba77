"""Captions say what they state, and captions of one wording are parallel."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from pipeline.training.world.captions import Fact, Piece, WorldCaption, describe
from pipeline.training.world.scene import Scene, Thing, draw_scene
from pipeline.training.world.wording import Wording, draw_wording

PLAIN = Wording(
    setting=False,
    colour=(True, True),
    size=(False, False),
    state=False,
    swaps_order=False,
    vague=False,
    hat=False,
    negation=1.0,
    frame=0.0,
    picks=(0.0,) * 12,
)
PAIR = Scene("beside", (Thing("dog", "red", "big"), Thing("cat", "blue", "small")), "beach")


def test_a_pair_is_worded_from_left_to_right_or_the_other_way() -> None:
    assert describe(PAIR, PLAIN).text == "a red dog to the left of a blue cat"
    swapped = describe(PAIR, replace(PLAIN, swaps_order=True))
    assert swapped.text == "a blue cat to the right of a red dog"
    assert swapped.order == (1, 0)
    assert {Fact("name0", "cat"), Fact("colour1", "red"), Fact("relation", "right")} <= set(
        swapped.facts
    )


@pytest.mark.parametrize(
    ("scene", "changes", "text"),
    [
        (
            PAIR,
            {"setting": True, "frame": 0.7},
            "on the beach, a red dog to the left of a blue cat",
        ),
        (PAIR, {"setting": True}, "a red dog to the left of a blue cat on the beach"),
        (PAIR, {"vague": True}, "a red dog next to a blue cat"),
        (PAIR, {"size": (True, False)}, "a big red dog to the left of a blue cat"),
        (
            Scene("group", (Thing("box", "orange", "small", 3),), "room"),
            {},
            "three orange boxes",
        ),
        (
            Scene("group", (Thing("apple", "red", "big"),), "room"),
            {"colour": (False,) * 2},
            "an apple",
        ),
        (
            Scene("group", (Thing("cat", "red", "big"),), "room", hat=True),
            {},
            "a red cat wearing a hat",
        ),
        (
            Scene("inside", (Thing("fish", "red", "big"), Thing("box", "blue", "big")), "room"),
            {"swaps_order": True},
            "a blue box with a red fish inside",
        ),
    ],
)
def test_wordings(scene: Scene, changes: dict[str, object], text: str) -> None:
    caption = describe(scene, replace(PLAIN, **changes))  # type: ignore[arg-type]
    assert caption.text == text


def test_cause_and_effect_are_stated_whatever_their_order() -> None:
    flower = Scene(
        "weather", (Thing("flower", "red", "big", state="wilted"),), "room", weather="sun"
    )
    texts = set()
    for frame in range(8):
        caption = describe(flower, replace(PLAIN, frame=(frame + 0.5) / 8))
        assert Fact("weather", "sun") in caption.facts
        assert Fact("state0", "wilted") in caption.facts
        assert "wilted" in caption.text
        texts.add(caption.text)
    assert len(texts) == 8
    assert "the red flower is wilted because the sun is shining" in texts


def test_what_is_not_there_is_a_fact_that_does_not_hold() -> None:
    caption = describe(PAIR, replace(PLAIN, negation=0.06))
    (absent,) = (fact for fact in caption.facts if not fact.holds)
    assert absent.of == "present"
    assert absent.value not in {"dog", "cat"}
    assert caption.text.endswith(f"but no {absent.value}")


def test_one_wording_gives_scenes_of_one_layout_parallel_captions() -> None:
    state = random.Random("parallel")
    compared = 0
    while compared < 200:
        scene = draw_scene(state)
        other = replace(scene, things=tuple(replace(t, colour="white") for t in scene.things))
        wording = replace(draw_wording(state), negation=1.0)
        one, two = describe(scene, wording), describe(other, wording)
        assert len(one.pieces) == len(two.pieces)
        assert [piece.about for piece in one.pieces] == [piece.about for piece in two.pieces]
        differing = [a.text for a, b in zip(one.pieces, two.pieces, strict=True) if a != b]
        assert all(text in {t.colour for t in scene.things} | {"a", "an"} for text in differing)
        compared += 1


def test_a_comma_follows_its_word() -> None:
    pieces = (Piece("at night"), Piece(","), Piece("a"), Piece(""), Piece("dog"))
    assert WorldCaption(pieces, (), (0,), places=True).text == "at night, a dog"
