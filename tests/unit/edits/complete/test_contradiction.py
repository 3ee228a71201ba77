"""In which respects two captions contradict each other."""

from __future__ import annotations

import pytest

from pipeline.edits.complete.contradiction import contradictions
from pipeline.edits.complete.scene_facts import SceneFacts, scene_facts
from pipeline.edits.parse.parsed_caption import parsed_caption


def facts_of(parse, text: str) -> SceneFacts:
    facts = scene_facts(parsed_caption(parse(text)))
    assert isinstance(facts, SceneFacts), facts
    return facts


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("young woman sitting on the beach", "a woman walking in the forest",
         {"action", "setting"}),
        ("a dog runs on the beach", "two dogs sleep on a sofa", {"count", "action", "setting"}),
        ("a dog on a sofa with a ball", "a cat on a street with a car",
         {"object", "setting", "companion"}),
        ("a red bus in the parking lot", "a blue bus in the snow", {"attribute", "setting"}),
        ("a man in the park in winter", "several men in the park in summer", {"count", "setting"}),
    ],
)  # fmt: skip
def test_two_scenes_of_one_kind_contradict_each_other(parse, one, other, expected) -> None:
    first, second = facts_of(parse, one), facts_of(parse, other)
    found = contradictions(first, second)
    assert set(found) == expected
    assert contradictions(second, first) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a woman with a red hat smiles", "a woman with a red hat laughs"),
        ("a man sitting on a bench", "a man reading on a bench"),
        ("a man with a hat on the beach", "a man with a bag by the sea"),
        ("people in a park in the city", "people near trees in a park"),
        ("an animal on the beach in summer", "a dog on the beach in summer"),
        # Of two cows, one may be told of.
        ("two cows with a farmer", "a cow with a tractor"),
    ],
)
def test_what_may_be_true_of_one_picture_contradicts_nothing(parse, one, other) -> None:
    assert contradictions(facts_of(parse, one), facts_of(parse, other)) == ()
