"""Verbs that come back where captions hold them."""

from __future__ import annotations

from pipeline.edits.rules.action.rule import ActionRule


def test_what_is_replaced_by_a_verb_replaces_it_where_captions_have_it(rewrite) -> None:
    made = rewrite(ActionRule(), "a dog standing in a field")
    assert "a dog laying in a field" in made
    assert "a dog swimming in a field" not in made


def test_what_no_caption_holds_there_does_not_come_back(rewrite) -> None:
    made = rewrite(ActionRule(), "a man standing on a table")
    assert made
    assert not [text for text in made if "skiing" in text or "skateboarding" in text]
