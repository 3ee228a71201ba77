"""Sentences, phrases and introductions that say the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from spacy.tokens import Doc

from pipeline.edits.neutral.writer import rewordings


def reworded(doc: Doc) -> dict[str, str]:
    return {one.rule: one.caption for one, _ in rewordings(doc) if one.kind == "clause"}


@pytest.mark.parametrize(
    ("caption", "rule", "other"),
    [
        ("A dog is running on the beach.", "phrase", "A dog running on the beach."),
        ("A cup is on the table", "phrase", "A cup on the table"),
        ("A dog running on the beach.", "sentence", "A dog is running on the beach."),
        ("two cats sleeping on a bed", "sentence", "two cats are sleeping on a bed"),
        ("A group of people riding bikes", "sentence", "A group of people are riding bikes"),
        ("a cake covered with icing", "sentence", "a cake is covered with icing"),
        ("There is a dog on the grass.", "no_there", "A dog on the grass."),
        ("there are two boats in the water", "no_there", "two boats in the water"),
        ("A dog on the grass.", "there", "There is a dog on the grass."),
        ("two boats in the water", "there", "there are two boats in the water"),
        ("A dog on the grass.", "picture", "A picture of a dog on the grass."),
        ("A photo of a dog on the grass.", "no_picture", "A dog on the grass."),
        ("a bus that is parked on the street", "participle", "a bus parked on the street"),
        ("A man who is wearing a hat", "participle", "A man wearing a hat"),
    ],
)
def test_the_same_in_another_form(
    parse: Callable[[str], Doc], caption: str, rule: str, other: str
) -> None:
    assert reworded(parse(caption)).get(f"clause.{rule}") == other


@pytest.mark.parametrize(
    ("caption", "rule"),
    [
        ("a poster featuring a dog", "sentence"),
        ("a man riding a bike and a woman walking", "sentence"),
        ("A boy with a dog is riding a bike", "phrase"),  # the dog might ride
        ("A dog is running and it has a ball", "phrase"),
        ("A dog is not running", "phrase"),
        ("there is no dog on the grass", "no_there"),
        ("The dog on the grass", "there"),
        ("the top ten best roads in the world", "there"),
        ("a drawing of a dog", "no_picture"),  # it is seen to be one
        ("a photo of a bus taken from a distance", "no_picture"),
        ("a picture of a dog hangs on the wall", "no_picture"),
        ("a black and white photo of a dog", "no_picture"),
        ("a street light that is on and a stop sign", "participle"),
        ("a lady smiles", "picture"),
        ("an orange suits parked in front of a house", "sentence"),
        ("Several giraffe in a zoo", "there"),
    ],
)
def test_what_is_not_certain_stays(parse: Callable[[str], Doc], caption: str, rule: str) -> None:
    assert f"clause.{rule}" not in reworded(parse(caption))
