"""What a caption says twice is not changed once; what it says of two things is."""

from __future__ import annotations

import pytest

from pipeline.core.records import CaptionEdit, EditKind, Replacement
from pipeline.edits.apply.stated_twice import stated_twice

OBJECT, ATTRIBUTE, COUNT = EditKind.OBJECT, EditKind.ATTRIBUTE, EditKind.COUNT


def again(kind: EditKind, caption: str, old: str, new: str) -> str | None:
    start = caption.index(old)
    piece = Replacement(start, start + len(old), old, new)
    return stated_twice(CaptionEdit(kind, "x", caption, (piece,), old, new))


@pytest.mark.parametrize(
    ("kind", "caption", "old", "new"),
    [
        (ATTRIBUTE, "a brown horse in a field. The horse is brown.", "brown", "white"),
        (OBJECT, "a brown horse in a field. The horse is brown.", "horse", "cow"),
        (COUNT, "three boats on a lake, 3 boats", "three", "four"),
        (COUNT, "2 dogs on a sofa, the two are asleep", "2", "3"),
        (COUNT, "two dogs on a sofa, both asleep", "two", "three"),
        (COUNT, "two dogs on a sofa (②)", "two", "three"),
        (COUNT, "a cat on a sofa. The cat sleeps.", "a", "three"),
        (ATTRIBUTE, "Red Dress | women wearing a red dress", "Red", "blue"),
        (ATTRIBUTE, "a grey car, gray car on a street", "grey", "red"),
        (OBJECT, "a dog 🐕 on a sofa", "dog", "cat"),
        (OBJECT, "a dog on a sofa #dog", "dog", "cat"),
        (OBJECT, "a dog on a sofa, the puppy sleeps", "dog", "cat"),
        (OBJECT, "a bike, red bicycle on a street", "bike", "car"),
        (EditKind.ACTION, "a man riding a bike. He rides on a street", "riding", "pushing"),
        (EditKind.RELATION, "a cat under a table, the cat below the table", "under", "on"),
    ],
)
def test_a_fact_that_is_stated_twice_is_found(kind, caption, old, new) -> None:
    assert again(kind, caption, old, new)


@pytest.mark.parametrize(
    ("kind", "caption", "old", "new"),
    [
        (ATTRIBUTE, "a brown horse in a field", "brown", "white"),
        (ATTRIBUTE, "a red car and a red truck", "red", "blue"),
        (OBJECT, "a red car and a blue car", "car", "bus"),
        (OBJECT, "a dog and another dog", "dog", "cat"),
        (COUNT, "two dogs and two cats on a sofa", "two", "three"),
        (COUNT, "a red car and a blue car", "a", "two"),
        (COUNT, "cruise ship and boats by the dock", "boats", "a single boat"),
        (COUNT, "three trees with bright flowers", "three", "two"),
        (EditKind.RELATION, "a cat under a table and a dog on a sofa", "under", "on"),
        (EditKind.RELATION, "a cat on a table on a lawn", "on", "under"),
        (OBJECT, "a dog on a sofa ☀", "dog", "cat"),
        (OBJECT, "a wine bottle with wine glasses", "wine bottle", "jug"),
        (ATTRIBUTE, "blue germs in a drop - dark blue background", "blue", "red"),
    ],
)
def test_what_is_said_of_two_things_is_left_alone(kind, caption, old, new) -> None:
    assert again(kind, caption, old, new) is None


def test_a_denial_of_what_is_repeated_is_found() -> None:
    caption = "a brown horse in a field. The horse is brown."
    at = caption.rindex("brown")
    piece = Replacement(at, at, "", "not ")
    edit = CaptionEdit(EditKind.NEGATION, "x", caption, (piece,), "", "not")
    assert stated_twice(edit) == "brown"


def test_a_denied_number_belongs_to_what_it_is_denied_of() -> None:
    caption = "two women holding one umbrella, not two, on the beach"
    pieces = tuple(
        Replacement(caption.rindex(old), caption.rindex(old) + 3, old, new)
        for old, new in (("one", "two"), ("two", "one"))
    )
    assert stated_twice(CaptionEdit(EditKind.NEGATION, "x", caption, pieces, "", "not")) is None
