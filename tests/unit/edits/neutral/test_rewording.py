"""What the rules ask of a phrase and of a caption."""

from __future__ import annotations

from collections.abc import Callable

from spacy.tokens import Doc

from pipeline.edits.lexicon.neutral import load_neutral
from pipeline.edits.neutral.rewording import Rewording, finite_verbs, opening
from pipeline.edits.parse.word_tree import word_tree


def test_a_caption_opens_with_a_visible_thing_not_spoken_of_before(parse) -> None:
    assert (found := opening(word_tree(parse("two small dogs on a beach")))) is not None
    assert found.text == "two small dogs"
    for other in ("the dog on a beach", "running on a beach", "a picture of a dog", "best dogs"):
        assert opening(word_tree(parse(other))) is None, other


def test_verbs_of_asides_are_no_statement(parse: Callable[[str], Doc]) -> None:
    words = word_tree(parse("a man who wears a hat sits while a dog sleeps"))
    assert [word.lower for word in finite_verbs(words)] == ["sits"]


def test_a_share_is_that_of_the_word_else_of_the_rule() -> None:
    shares = load_neutral().shares
    assert Rewording("synonym", (), word="woman").share == shares["woman"] < 1
    assert Rewording("clause.there", ()).share == shares["clause.there"] < 1
    assert Rewording("order.pair", ()).share == Rewording("synonym", (), word="lady").share == 1
