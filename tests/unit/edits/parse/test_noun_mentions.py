"""Mentions of the lexicon's nouns."""

from __future__ import annotations

from pipeline.edits.rules.object.rule import ObjectRule


def test_sheep_without_an_article_are_several(rewrite) -> None:
    assert "cows in the meadow" in rewrite(ObjectRule(), "sheep in the meadow")
    assert "a cow in the meadow" in rewrite(ObjectRule(), "a sheep in the meadow")


def test_a_time_behind_a_thing_is_no_part_of_it(parse) -> None:
    from pipeline.edits.parse.parsed_caption import parsed_caption

    parsed = parsed_caption(parse("person was in an accident while riding her horse last week ."))
    assert any(mention.noun.lemma == "horse" for mention in parsed.mentions.values())
