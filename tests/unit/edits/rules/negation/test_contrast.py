"""Wordings negated on both sides."""

from __future__ import annotations

import pytest

from pipeline.edits.apply.proposal import apply
from pipeline.edits.rules.negation.rule import NegationRule


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("head of a lion against black background", "head of a lion, not"),
        ("pedestrians walk past an ambulance in the city", "an ambulance, not past"),
        ("students walking down the sidewalk", "the sidewalk, not down"),
        ("flower in a blue and white vase", "white vase"),
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


@pytest.mark.parametrize(
    "text", ["different coloured koi swimming in a pond", "a bird is sitting on a silver truck"]
)
def test_what_hardly_stands_is_not_said_not_to_stand(parse, text: str) -> None:
    assert not any(p.rule.endswith("doing") for p in NegationRule().propose(parse(text)))


@pytest.mark.parametrize(
    ("text", "factual", "caption"),
    [
        (
            "three boats on the sea in the evening",
            "three boats, not five, on the sea in the evening",
            "five boats, not three, on the sea in the evening",
        ),
        (
            "a woman sitting on the steps",
            "a woman sitting, not standing, on the steps",
            "a woman standing, not sitting, on the steps",
        ),
        (
            "a look at a wall inside bedroom",
            "a look at a wall inside bedroom, not office",
            "a look at a wall inside office, not bedroom",
        ),
    ],
)
def test_both_sides_say_the_same_words(
    negated_pairs, text: str, factual: str, caption: str
) -> None:
    assert (factual, caption) in negated_pairs(text)


def test_several_denied_things_are_of_one_place(parse) -> None:
    doc = parse("a horse in a field")
    (one,) = (p for p in NegationRule().propose(doc) if p.wording is not None)
    several = [p for p in NegationRule(3).propose(doc) if p.wording is not None]
    assert len({p.new for p in several}) == 3
    assert {p.place for p in several} == {one.place}
    assert several[0].new == one.new
