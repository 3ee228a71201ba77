"""What a caption says of its scene, and which captions show none."""

from __future__ import annotations

import json

import pytest

from pipeline.core.ids import canonical_json
from pipeline.edits.complete.scene_facts import SceneFacts, scene_facts
from pipeline.edits.parse.parsed_caption import parsed_caption


def facts_of(parse, text: str) -> SceneFacts:
    facts = scene_facts(parsed_caption(parse(text)))
    assert isinstance(facts, SceneFacts), facts
    return facts


def test_a_scene_is_its_main_thing_with_number_doing_place_and_company(parse) -> None:
    facts = facts_of(parse, "two young women ride red bicycles along the beach at sunset")
    assert (facts.sort, facts.lemma, facts.number) == ("people", "woman", "2")
    assert facts.doing & {"ride", "cycle"}
    assert facts.settings == {"shore"}
    assert facts.times == {("daytimes", "sunset")}
    assert facts.things == {"bicycle"}
    assert ("bicycle", "colour", "red") in facts.qualities
    assert facts.length == 11


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("a dog runs on the beach", "1"),
        ("dogs run on the beach", "several"),
        ("a dog and a cat sleeping on the sofa", "several"),
        ("a group of dogs on the beach", "several"),
        ("fresh milk in a glass jug", ""),
    ],
)
def test_how_many_there_are(parse, text: str, number: str) -> None:
    assert facts_of(parse, text).number == number


def test_what_a_picture_is_of_is_the_main_thing(parse) -> None:
    assert facts_of(parse, "a close-up of the front of a red tram").lemma == "tram"
    assert facts_of(parse, "vector illustration of a dog in a park").style == "drawn"


def test_in_the_background_is_no_studio(parse) -> None:
    assert not facts_of(parse, "a dog on the grass with trees in the background").settings & {
        "studio"
    }
    assert facts_of(parse, "a dog on a white background with a ball").settings == {"studio"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("image may contain: person, sitting and outdoor", "it is a list"),
        ("how to train your dog at home", "it is no description"),
        ("a dead bird lies on the street", "said of no scene"),
        ("a dog on the beach in 1998 at noon", "marks or numbers"),
        ("a dog runs", "it has 3 words"),
        ("a statue of Barack in the park", "names somebody"),
        ("a man who believes in a better world", "'believes' is not seen"),
        ("houses in the village of person at night", "'person' stands for"),
        ("one of the many of them all", "no known thing"),
    ],
)
def test_what_shows_no_scene_is_told_why(parse, text: str, reason: str) -> None:
    found = scene_facts(parsed_caption(parse(text)))
    assert isinstance(found, str)
    assert reason in found


def test_facts_come_back_from_their_text(parse) -> None:
    facts = facts_of(parse, "two young women ride red bicycles along the beach at sunset")
    assert SceneFacts.from_json(json.loads(canonical_json(facts.to_json()))) == facts
