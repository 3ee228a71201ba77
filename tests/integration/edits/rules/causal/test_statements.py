"""Statements of cause and effect, found by their connective."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.causal.statements import find_mentions
from tests.integration.edits.caption_edits import parse

pytestmark = pytest.mark.integration


def mined(text: str) -> list[tuple[str, str, str]]:
    doc = parse(text)
    return [
        (m.connective.name, doc[slice(*m.cause)].text, doc[slice(*m.effect)].text)
        for m in find_mentions(doc)
    ]


@pytest.mark.parametrize(
    ("text", "connective", "cause", "effect"),
    [
        ("the street is wet because it is raining", "because",
         "it is raining", "the street is wet"),
        ("because the road is icy, the cars are moving slowly", "because",
         "the road is icy", "the cars are moving slowly"),
        ("an empty parking lot closed because of low water levels", "because of",
         "low water levels", "an empty parking lot closed"),
        ("the museum is closed due to snow", "due to", "snow", "the museum is closed"),
        ("due to bad weather, the museum will be closing today", "due to",
         "bad weather", "the museum will be closing today"),
        ("damage caused by a storm", "is caused by", "a storm", "damage"),
        ("the fire was caused by lightning", "is caused by", "lightning", "the fire"),
        ("the trees fell as a result of the storm", "as a result of",
         "the storm", "the trees fell"),
        ("the heavy rain resulted in floods", "result in", "the heavy rain", "floods"),
        ("waves crash against the town causing damage to buildings", "cause",
         "waves crash against the town", "damage to buildings"),
        ("the dog stole food and became sick, leading to the discovery of the ring", "lead to",
         "the dog stole food and became sick", "the discovery of the ring"),
        ("the storm causes damage to houses", "cause", "the storm", "damage to houses"),
        ("letters have led to a fight between rebels", "lead to",
         "letters", "a fight between rebels"),
        ("she was afraid of the dogs, so she climbed on the shelf", "so",
         "she was afraid of the dogs", "she climbed on the shelf"),
    ],
)  # fmt: skip
def test_a_statement_is_found_with_its_direction(
    text: str, connective: str, cause: str, effect: str
) -> None:
    assert mined(text) == [(connective, cause, effect)]


@pytest.mark.parametrize(
    "text",
    [
        "help out a good cause on saturday",
        "the cause of death is unknown",
        "this dress is so beautiful",
        "image result for birds on the dock",
        "the results of the game",
        "lead singer of the band on stage",
        "stairs leading to the second floor of the gallery",
        "this wooden staircase leads to a cozy media room.",
        "a stone pathway leads to a rock garden in this backyard.",
        "the road leading to the palace",
        "led lights inside the balloons",
        "because the best food for thought is food.",
        "because in the end",
        "thanks to person for a shot of the lighthouse",
        "person was born before her due date",
        "an illustration depicting the effects of air pollution",
        "a vector with the effect of a shabby pattern",
        "website wanted a driveway so he would not have to park on the road",
        "it is real is because of the road sign",
        "he owes money to the bank",
        "a cake so light you can pick it up",
    ],
)  # fmt: skip
def test_look_alikes_are_no_statements(text: str) -> None:
    assert mined(text) == []


def test_direction_is_stored_with_each_connective() -> None:
    first = next(iter(find_mentions(parse("the road is closed due to heavy rain"))))
    second = next(iter(find_mentions(parse("the heavy rain resulted in floods"))))
    assert (first.connective.direction, second.connective.direction) == (
        "effect_first",
        "cause_first",
    )
