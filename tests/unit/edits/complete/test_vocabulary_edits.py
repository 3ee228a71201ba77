"""Complete counterfactuals differ in several respects and stay one sentence."""

from __future__ import annotations

import pytest

from pipeline.config.edits import EditsConfig
from pipeline.edits.complete.vocabulary import Vocabulary
from pipeline.edits.complete.vocabulary_edits import FullComposer
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.registry import all_rules

LEXICON = load_lexicon()
RULES = all_rules(EditsConfig())
QUALITIES = "small large tiny huge red blue green yellow black white wooden metal glass stone"
OTHERS = (
    f"a an one two three four five {QUALITIES} in on under behind next to walk standing sitting "
    "lying sleeping running"
)
VOCABULARY = Vocabulary(
    frozenset(word for form in LEXICON.nouns.forms for word in form.split())
    | frozenset(OTHERS.split()),
    (
        ("in the park", "in a large park near the city"),
        ("on the beach", "on a sandy beach near the city"),
        ("in the forest", "in a snowy forest near the city"),
    ),
)


def compose(parse, text: str, wanted: int = 1, seed: int = 0):
    doc = parse(text)
    proposals = [proposal for rule in RULES for proposal in rule.propose(doc)]
    return FullComposer(seed, VOCABULARY).compose("anchor", doc, proposals, wanted)


@pytest.mark.parametrize(
    "text",
    [
        "a small dog sitting on the beach",
        "a small cat and a red ball in the park",
        "two cats sleeping on a wooden table in the kitchen",
    ],
)
def test_two_edits_and_a_setting_are_changed(parse, text: str) -> None:
    (full,) = compose(parse, text)
    assert full.contradicts[-1] == "setting"
    assert len(full.contradicts) >= 2
    assert 8 <= len(full.caption.split()) <= 60
    assert "  " not in full.caption
    changed = set(full.caption.split()) ^ set(text.split())
    assert len(changed) >= 4


def test_the_old_setting_is_gone(parse) -> None:
    (full,) = compose(parse, "a small dog sitting on the beach")
    assert "beach" not in full.caption.split()[-4:] or "sandy" in full.caption


def test_several_differ_and_the_draw_is_reproducible(parse) -> None:
    text = "a small dog and a red car on the beach"
    several = compose(parse, text, wanted=4)
    assert len({full.caption for full in several}) == len(several) > 1
    assert compose(parse, text, wanted=4) == several


@pytest.mark.parametrize(
    "text",
    ["the meaning of life", "how to paint a red car", "a mountain", "if you could live here"],
)
def test_nothing_is_forced(parse, text: str) -> None:
    assert compose(parse, text) == []


def test_an_anchor_with_one_thing_to_change_gets_none(parse) -> None:
    assert compose(parse, "the description of the gray room") == []


@pytest.mark.parametrize(
    "text",
    [
        "baseball player stands in the dugout with a small dog",
        "a passenger reads a red newspaper on a train traveling",
        "an image of the red flag painted on a brick wall in an urban location",
        "an abstract view of a palm tree given a red colouring",
        "olympic athlete, at time a player, on the ice with a small dog",
    ],
)
def test_no_second_place_is_added(parse, text: str) -> None:
    for seed in range(6):
        assert compose(parse, text, seed=seed) == []


@pytest.mark.parametrize(
    "text",
    [
        "actor and politician attend the fashion show during fashion week",
        "two young women standing in a laundromat with bags",
        "a red butterfly tattoo on the back of a young woman",
        "two cranes and a truck at a high rise development",
    ],
)
def test_a_scene_that_goes_on_naming_its_place_is_set_nowhere_else(parse, text: str) -> None:
    assert compose(parse, text, wanted=3) == []


def test_a_setting_of_the_vocabulary_is_replaced_and_no_second_one_added(parse) -> None:
    winter = Vocabulary(VOCABULARY.words, (("in winter", "in the snow"), ("in a large room",)))
    text = "a small dog sitting next to a red ball in winter"
    doc = parse(text)
    proposals = [proposal for rule in RULES for proposal in rule.propose(doc)]
    made = [FullComposer(seed, winter).compose("anchor", doc, proposals, 1) for seed in range(8)]
    captions = [full.caption for fulls in made for full in fulls]
    assert captions
    assert all(c.endswith("in a large room") and "winter" not in c for c in captions)
