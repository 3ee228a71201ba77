"""Verbs on which other words of the caption depend."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.action.rule import ActionRule
from pipeline.edits.rules.negation.rule import NegationRule

TWICE = (
    "trendy young woman focused chatting or talk on smart phone outside , gorgeous female using "
    "mobile phone during recreation time in the park"
)


@pytest.mark.parametrize(
    "factual",
    [
        "people feed horses at the river to calm them",
        "a man holds a phone in his hands",
        "some tired dogs resting under a tree",
        "a house in a city that never sleeps",
        "a man lifts off",
        "a groom looks down the aisle",
        "an architect working on blueprints",
        "a cat is looking at the left",
    ],
)
def test_verbs_that_other_words_belong_to_stay(rewrite, factual: str) -> None:
    assert rewrite(ActionRule(), factual) == []


@pytest.mark.parametrize(
    ("factual", "unwanted"),
    [
        ("a happy smiling woman", "crying"),
        ("artist performs on stage", "kneels"),
        ("a woman playing with a baby", "sleeping with"),
        ("family eating pizza on the sofa", "cooking"),
        ("a baseball player catches a ball", "kicks"),
        ("a groom kisses his bride", "carries"),
        ("a man sitting in a car", "standing"),
        ("a businessman sitting on a bench and reading", "running"),
        ("a couple walks on a motorcycle", "sleeps"),
    ],
)
def test_new_verbs_fit_the_rest_of_the_caption(rewrite, factual: str, unwanted: str) -> None:
    assert not any(unwanted in text for text in rewrite(ActionRule(), factual))


@pytest.mark.parametrize(
    ("factual", "also_true"),
    [
        ("a girl singing at a party", "crying"),
        ("a smiling girl singing in the street", "crying"),
        ("players celebrate after a goal", "cry"),
        ("people cheering in the stadium", "crying"),
        ("a woman sitting at the table", "sleeping"),
        ("a man sitting on a sofa with a mug of coffee", "sleeping"),
        ("a man kneeling and reading on the floor", "sleeping"),
    ],
)
def test_simultaneous_actions_do_not_exclude_each_other(
    rewrite, factual: str, also_true: str
) -> None:
    assert not any(also_true in caption.split() for caption in rewrite(ActionRule(), factual))


@pytest.mark.parametrize(
    "text",
    [
        "person are inclined to believe that all people work in factories .",
        # What was cracked sits there, not the person whom the parse makes its owner.
        "person weathered , cracked purple leather chairs sitting outside of a building .",
        # The garment is worn, or one would not see the arms.
        "person wore a black t - shirt that showed off his muscular arms",
        # Beside a hand, on its back: the phrase is about the body.
        "cute little girl holding a pinwheel in hand .",
    ],
)
def test_verbs_of_unseen_or_other_subjects_stay(rewrite, text: str) -> None:
    assert rewrite(ActionRule(), text) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        # Who reads or enjoys a view does not sleep, run or dance.
        ("young woman enjoying view standing on the terrace with mountains view", "sleeping"),
        ("a guy with flat cap reading a book sitting on the beach", "dancing"),
        ("a couple on a honeymoon relaxing in the swimming pool", "running"),
        ("image may contain : person , sitting , playing a musical instrument", "running"),
        # Nobody cuts or throws what is drunk.
        ("dramatic senior woman in a man 's suit holding cocktail .", "cutting"),
    ],
)
def test_new_verbs_do_not_go_with_a_simultaneous_action(rewrite, text: str, word: str) -> None:
    assert not any(word in caption for caption in rewrite(ActionRule(), text))


@pytest.mark.parametrize("rule", [ActionRule(), NegationRule(1)])
def test_an_action_that_is_mentioned_again_is_neither_changed_nor_denied(rewrite, rule) -> None:
    assert not any("using" not in c or "not using" in c for c in rewrite(rule, TWICE))


def test_nobody_runs_on_a_couch(rewrite) -> None:
    captions = rewrite(ActionRule(), "a boy sitting on a couch")
    assert captions
    assert not any("running" in text or "dancing" in text for text in captions)
