"""Two on equal terms change places, and only where nothing belongs to one of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from spacy.tokens import Doc

from pipeline.edits.neutral.writer import rewordings


def reworded(doc: Doc) -> list[str]:
    return [one.caption for one, _ in rewordings(doc) if one.kind == "order"]


@pytest.mark.parametrize(
    ("caption", "other"),
    [
        ("A man and a woman are walking.", "A woman and a man are walking."),
        ("A man and a woman standing on the beach", "A woman and a man standing on the beach"),
        ("a kitchen with a stove and a sink", "a kitchen with a sink and a stove"),
        ("A woman holding a fork and a plate.", "A woman holding a plate and a fork."),
        ("portrait of a boy and a girl", "portrait of a girl and a boy"),
        ("an orange and white bus", "a white and orange bus"),
        ("A red and yellow train on the tracks", "A yellow and red train on the tracks"),
    ],
)
def test_equals_change_places(parse: Callable[[str], Doc], caption: str, other: str) -> None:
    assert reworded(parse(caption)) == [other]


@pytest.mark.parametrize(
    "caption",
    [
        "a man and his dog",  # the second is said by the first
        "a black dog and cat",  # black may be both
        "a man and a woman with a hat",  # whose hat?
        "a cat on a couch and a dog",  # the dog is on no couch
        "a man holding a frisbee and a dog",  # nobody holds the dog
        "a cup of coffee and cookies",
        "a cup on a table and a plate",
        "a dog, a cat and a bird",
        "there is a dog and two cats",  # "there is two cats"
        "a man and a dog wearing a hat",
        "a woman and a man holding their phones",
        "a black and white photo of a dog",
        "a black and white cat",  # protected: pictures have these colours
        "a man on a horse next to a man on a bike",
        "fish and chips",
    ],
)
def test_what_is_not_certain_stays(parse: Callable[[str], Doc], caption: str) -> None:
    assert reworded(parse(caption)) == []
