"""Negations at one place."""

from __future__ import annotations

from pipeline.edits.apply.proposal import apply
from pipeline.edits.parse.word_tree import word_tree
from pipeline.edits.rules.negation.proposals import insert_not


def test_a_not_is_inserted_right_before_a_word(parse) -> None:
    doc = parse("a man Wearing a hat")
    proposal = insert_not(word_tree(doc)[2])
    assert apply(doc, proposal).caption == "a man not Wearing a hat"
    assert (proposal.subkind, proposal.old, proposal.new) == ("one_sided", "wearing", "not wearing")
