"""Mentions of the lexicon's nouns."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.parsed_caption import parsed_caption
from pipeline.edits.rules.object.rule import ObjectRule


def test_sheep_without_an_article_are_several(rewrite) -> None:
    assert "cows in the meadow" in rewrite(ObjectRule(), "sheep in the meadow")
    assert "a cow in the meadow" in rewrite(ObjectRule(), "a sheep in the meadow")


def test_a_time_behind_a_thing_is_no_part_of_it(parse) -> None:
    parsed = parsed_caption(parse("person was in an accident while riding her horse last week ."))
    assert any(mention.noun.lemma == "horse" for mention in parsed.mentions.values())


@pytest.mark.parametrize(
    ("text", "lemma"),
    [("a boy riding a skate board", "skateboard"), ("a white bath tub", "bathtub")],
)
def test_a_compound_may_be_written_apart(parse, text: str, lemma: str) -> None:
    parsed = parsed_caption(parse(text))
    mention = parsed.mentions[len(parsed) - 1]
    assert (mention.noun.lemma, mention.head - mention.start) == (lemma, 1)
    assert mention.head not in parsed.protected
