"""Causes and effects that a caption licenses."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.causal.rule import CausalRule
from tests.integration.edits.caption_edits import captions, edits

pytestmark = pytest.mark.integration
RULE = CausalRule()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a flag waving in the wind", ("flag", "wind")),
        ("a car covered with snow", ("car", "snow")),
        ("woman with an umbrella in the rain", ("umbrella", "rain")),
        ("orange sky at sunset", ("orange", "sun")),
        ("a football player celebrates after scoring a goal", ("celebrat", "goal")),
        ("waves crash against the rocks", ("foam", "wave")),
        ("rainbow over the mountains after a storm", ("rainbow", "rain")),
        ("footprints in the sand", ("footprints", "steps")),
        ("the trees give shade in a park", ("shade", "tree")),
    ],
)
def test_what_a_caption_licenses_is_composed(text: str, words: tuple[str, ...]) -> None:
    found = edits(RULE, text)
    assert found
    for edit in found:
        assert edit.subkind == "composed"
        assert all(word in edit.factual + edit.caption for word in words)


@pytest.mark.parametrize(
    "text",
    [
        "a dog on the beach",
        "wind turbines waving goodbye to coal",
        "a woman waving in the wind",
        "portrait of a woman spinning her umbrella because it is not raining",
        "snow globe covered with glitter",
        "saturday night at the club",
        "how do you cover a car with snow?",
        "because it was awesome",
        "my hair because of the ring",
        "person celebrates victory at the end of the game",
        "rainbow flag over the city",
        "trees in bloom in spring",
        "orange leaves in autumn",
        "a tennis player celebrating after a victory",
        "players celebrate after scoring the first touchdown",
        "rugby player celebrates after scoring",
        "illustration of a steam locomotive",
        "the city at night",
        "twilight in the village after sunset",
        "the rising fog exposes the mountains",
        "fog lifts over the river",
        "the storm caused damage to houses",
        "the fight between rebels leads to smoke",
    ],
)
def test_what_is_not_licensed_is_not_composed(text: str) -> None:
    assert captions(RULE, text) == set()


def test_the_verb_agrees_with_the_head_of_its_subject() -> None:
    (nominal,) = edits(RULE, "the hills at sunset")
    glow = "the glow over the hills is the consequence of the setting sun"
    assert nominal.factual == glow
    assert nominal.caption == "the setting sun is the consequence of the glow over the hills"
    (clause,) = edits(RULE, "the islands at sunset")
    assert "the sky over the islands is glowing" in clause.factual
    (verb,) = edits(RULE, "mountains at sunset")
    assert verb.caption == "the glow over the mountains results in the setting sun"


def test_what_is_bright_is_the_noun_of_sunny() -> None:
    assert captions(RULE, "the street on a sunny day")
    found = captions(RULE, "a sunny courtyard in the city")
    assert found
    assert all("courtyard" in caption for caption in found)
