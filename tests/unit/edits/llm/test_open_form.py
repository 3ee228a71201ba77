"""A model's words become tokens, or a refusal with its reason."""

from __future__ import annotations

import pytest
import spacy

from pipeline.core.records import EditKind, Role
from pipeline.edits.apply.proposal import apply
from pipeline.edits.llm.answers import AnswerError, EditEntry, RepairEntry
from pipeline.edits.llm.open_form import propose

NLP = spacy.blank("en")


def edit(caption: str, kind: str, old: str, new: str):
    proposal = propose(NLP(caption), EditEntry(kind=kind, old=old, new=new), rule="minimal_edit.v1")
    return apply(NLP(caption), proposal, proposer="llm:m")


@pytest.mark.parametrize(
    ("caption", "kind", "old", "new", "made"),
    [
        ("a red dog on a mat", "attribute", "red", "blue", "a blue dog on a mat"),
        ("a red dog on a mat", "attribute", "RED", "blue", "a blue dog on a mat"),
        ("a red dog on a mat", "attribute", "a red dog", "a blue dog", "a blue dog on a mat"),
        ("two women walk", "count", "two women", "five women", "five women walk"),
        ("a man in front of a car", "relation", "in front of", "behind", "a man behind a car"),
        ("a man wearing a hat", "negation", "wearing", "not wearing", "a man not wearing a hat"),
        (
            "a dog with a ball .",
            "negation",
            "with a ball",
            "without a ball",
            "a dog without a ball .",
        ),
        ("Dogs run", "object", "dogs", "cats", "Cats run"),
        ("a cat above a dog", "swap", "cat", "dog", "a dog above a cat"),
        ("a cat above a dog", "swap", "dog", "cat", "a dog above a cat"),
        ("An owl above a dog", "swap", "owl", "dog", "A dog above an owl"),
        ("an old man", "attribute", "old", "young", "a young man"),
        # Quotes around the words and marks behind them are the model's, not the caption's.
        ("a car drives down", "object", "car", "truck.", "a truck drives down"),
        ("a car drives down", "object", '"car"', '"truck."', "a truck drives down"),
        ("a car drives down", "object", "“car”", "‘truck’!", "a truck drives down"),
        ("a red car, parked", "object", "car,", "truck,", "a red truck, parked"),
        ("a man on a street.", "object", "street.", "beach", "a man on a beach."),
        ("a man on a street", "object", "a street", "a beach.", "a man on a beach"),
        ("a dog’s ball", "object", "dog's ball", "dog's bone", "a dog’s bone"),
        ("a dog's ball", "object", "dog’s ball", "cat’s ball", "a cat's ball"),
        ("a white hat", "negation", "white", "white, not red,", "a white, not red, hat"),
        ("a map of spain", "object", "a map of spain", "a map of u.s.", "a map of u.s."),
        # What only follows the decisive words is a repair.
        (
            "a kitten is walking",
            "count",
            "a kitten is",
            "two kittens are",
            "two kittens are walking",
        ),
    ],
)
def test_words_are_applied_at_their_tokens(caption, kind, old, new, made) -> None:
    assert edit(caption, kind, old, new).caption == made


def test_shared_words_and_the_article_are_not_part_of_the_edit() -> None:
    made = edit("a dog on a mat", "object", "a dog on", "an owl on")
    assert [(r.old, r.new, r.role) for r in made.replacements] == [
        ("a", "an", Role.REPAIR),
        ("dog", "owl", Role.EDIT),
    ]
    assert made.caption == "an owl on a mat"
    assert (made.old, made.new, made.rule, made.proposer) == (
        "dog",
        "owl",
        "minimal_edit.v1",
        "llm:m",
    )
    assert made.kind is EditKind.OBJECT


def test_what_follows_the_decisive_words_is_repaired() -> None:
    entry = EditEntry(
        kind="count",
        old="a boy",
        new="two boys",
        repairs=[
            RepairEntry(old="is playing", new="are playing"),
            RepairEntry(old="his", new="their"),
        ],
    )
    caption = "a boy is playing with his dog"
    made = apply(NLP(caption), propose(NLP(caption), entry, rule="x"), proposer="llm:m")
    assert made.caption == "two boys are playing with their dog"
    assert [(r.old, r.new) for r in made.replacements if r.role is Role.EDIT] == [("a", "two")]
    assert (made.old, made.new) == ("a", "two")


@pytest.mark.parametrize(
    ("new", "reason"),
    [("Emma Watson", "text.name"), ("iPad", "text.name"), ("Ferrari", "text.name"), ("Blue", None)],
)
def test_names_are_refused_and_sloppy_capitals_are_not(new: str, reason: str | None) -> None:
    if reason is None:
        assert edit("a woman in a red hat", "attribute", "red", new).caption == (
            "a woman in a blue hat"
        )
        return
    with pytest.raises(AnswerError) as caught:
        edit("a woman in a red hat", "object", "hat", new)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("man", "dog", "llm.span_not_found"),
        ("bird", "cat", "llm.span_not_found"),
        ("", "cat", "llm.span_not_found"),
        ("a", "the", "llm.span_ambiguous"),
        ("red hat", "Red hat", "llm.no_change"),
        ("red", "blue\nand", "llm.unclean_text"),
        ("red", "<b>blue</b>", "llm.unclean_text"),
        ("red", "{{7*7}}", "llm.unclean_text"),
        ("red", "see www.example.com", "llm.unclean_text"),
        ("red", "x" * 81, "llm.unclean_text"),
        ("red", "blue\x00", "llm.unclean_text"),
        ("red", "blue\u202e", "llm.unclean_text"),
        ("red", "синий", "llm.unclean_text"),
    ],
)
def test_what_cannot_be_used_is_refused(old: str, new: str, reason: str) -> None:
    with pytest.raises(AnswerError) as caught:
        edit("a woman in a red hat", "attribute", old, new)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("cat", "bird", "llm.span_not_found"),
        ("a cat above", "above a dog", "llm.span_overlap"),
    ],
)
def test_a_swap_needs_two_phrases_of_the_caption(old: str, new: str, reason: str) -> None:
    with pytest.raises(AnswerError) as caught:
        edit("a cat above a dog", "swap", old, new)
    assert caught.value.reason == reason
