"""What each word of a caption, and the caption as a whole, is taught to know."""

from __future__ import annotations

import random

from pipeline.training.mini.text import WHOLE_FACTS, WORD_FACTS, whole_labels, word_labels
from pipeline.training.world.captions import Fact, Piece, WorldCaption, describe
from pipeline.training.world.scene import Scene, Thing, draw_scene
from pipeline.training.world.wording import draw_wording

SCENE = Scene("beside", (Thing("dog", "red", "big"), Thing("cat", "blue", "small")), "beach")
CAPTION = WorldCaption(
    (
        Piece("a", 0), Piece("red", 0), Piece("dog", 0), Piece("left of"), Piece("a", 1),
        Piece("small", 1), Piece("cat", 1), Piece("on the beach"),
    ),
    (
        Fact("name0", "dog"), Fact("colour0", "red"), Fact("name1", "cat"), Fact("size1", "small"),
        Fact("relation", "left"), Fact("setting", "beach"),
    ),
    (0, 1),
    places=True,
)  # fmt: skip


def test_a_word_knows_what_stands_before_it() -> None:
    labels = word_labels(SCENE, CAPTION)
    text = CAPTION.text
    assert text == "a red dog left of a small cat on the beach"
    assert labels[text.index("red")] == {"place": "0"}  # the noun is still to come
    assert labels[text.index("dog")] == {
        "place": "0", "name": "dog", "count": "1",
        "colour": "red", "size": "unsaid", "state": "unsaid",
    }  # fmt: skip
    assert labels[text.index("left")] == {}
    assert labels[text.index("cat")] == {
        "place": "1", "name": "cat", "count": "1",
        "colour": "unsaid", "size": "small", "state": "unsaid",
    }  # fmt: skip
    assert labels[text.index("on the beach")] == {"setting": "beach"}


def test_the_whole_knows_the_layout_where_the_caption_says_it() -> None:
    whole = whole_labels(SCENE, CAPTION)
    assert (whole["layout"], whole["first"], whole["setting"]) == ("beside", "left", "beach")
    vague = WorldCaption(CAPTION.pieces, CAPTION.facts, (1, 0), places=False)
    assert "layout" not in whole_labels(SCENE, vague)


def test_every_label_is_a_known_value() -> None:
    state = random.Random("labels")
    for _ in range(300):
        scene = draw_scene(state)
        caption = describe(scene, draw_wording(state))
        for labels in word_labels(scene, caption):
            assert all(value in WORD_FACTS[fact] for fact, value in labels.items())
        whole = whole_labels(scene, caption)
        assert all(value in WHOLE_FACTS[fact] for fact, value in whole.items())
