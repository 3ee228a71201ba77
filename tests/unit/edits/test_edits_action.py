"""Actions: what the rule on verbs makes of a caption, and what it leaves alone."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.action.rule import ActionRule


@pytest.fixture(autouse=True)
def _keep_every_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.edits.rules.action.rule.STAGED_KEPT", 1.0)


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("a bird perched on a branch", "a bird flying over a branch"),
        ("a woman looking at the camera", "a woman looking away from the camera"),
        ("a woman looking down at the camera", "a woman looking up at the camera"),
        ("a car parked on the street", "a car driving on the street"),
        ("a boat moored in the harbour", "a boat sailing in the harbour"),
        ("woman seated on the beach", "woman standing on the beach"),
        ("children playing tennis in the park", "children watching tennis in the park"),
        ("a man wearing a helmet at work", "a man holding a helmet at work"),
        ("a hand holding a cup of coffee", "a hand dropping a cup of coffee"),
        ("a group of hikers climbing the mountain", "a group of hikers descending the mountain"),
        ("man sitting on a sofa", "man lying on a sofa"),
        ("a couple kissing on the beach", "a couple fighting on the beach"),
        ("a boy opens the door", "a boy closes the door"),
        ("a girl holding a tray while talking", "a girl dropping a tray while talking"),
    ],
)
def test_actions_of_many_things_change(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(ActionRule(), factual)


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
def test_new_verbs_suit_the_rest_of_the_caption(rewrite, factual: str, unwanted: str) -> None:
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
def test_what_may_be_done_at_the_same_time_is_no_other_action(
    rewrite, factual: str, also_true: str
) -> None:
    assert not any(also_true in caption.split() for caption in rewrite(ActionRule(), factual))
