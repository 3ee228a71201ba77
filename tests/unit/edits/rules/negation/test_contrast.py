"""Wordings negated on both sides."""

from __future__ import annotations

import pytest

from pipeline.edits.apply.proposal import apply
from pipeline.edits.parse.phrases import chunks_by_start
from pipeline.edits.parse.word_tree import word_tree
from pipeline.edits.rules.negation.contrast import ContrastWordings
from pipeline.edits.rules.negation.rule import NegationRule


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("head of a lion against black background", "head of a lion, not"),
        ("pedestrians walk past an ambulance in the city", "an ambulance, not past"),
        ("students walking down the sidewalk", "the sidewalk, not down"),
        ("flower in a blue and white vase", "white vase"),
        ("young woman in an office , wearing a veil", "an office, not in"),
    ],
)
def test_what_is_depicted_is_contrasted(negated_pairs, text: str, denied: str) -> None:
    assert any(denied in factual for factual, _ in negated_pairs(text))


def test_fixed_phrases_are_contrasted_as_qualities_are(parse) -> None:
    doc = parse("man playing an acoustic guitar in the woods")
    found = [apply(doc, proposal) for proposal in NegationRule().propose(doc)]
    assert (
        "man playing an acoustic, not electric, guitar in the woods",
        "man playing an electric, not acoustic, guitar in the woods",
    ) in [(edit.factual, edit.caption) for edit in found]


def test_fish_that_swim_do_not_stand(parse) -> None:
    doc = parse("different coloured koi swimming in a pond")
    words = word_tree(doc)
    assert list(ContrastWordings("negation").propose(doc, words, chunks_by_start(words))) == []
