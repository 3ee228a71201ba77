"""What replaces a noun goes with its adjectives and the rest of the caption."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.object.rule import ObjectRule


@pytest.mark.parametrize(
    ("text", "old", "never", "put"),
    [
        ("young fashion woman relaxing on the beach", "beach", {"pier", "bridge"}, {"street"}),
        ("woman standing on the street", "street", {"bridge", "pier"}, {"beach"}),
        ("beautiful narrow street", "street", {"beach"}, set()),
        ("a young handsome man in a suit", "suit", {"dress"}, {"tracksuit"}),
        ("a beautiful woman in a red dress", "dress", set(), {"raincoat"}),
        ("traditional mosques on the hill", "mosques", {"castles", "lighthouses"}, set()),
        ("a boat on a wild lake", "boat", {"seaplane"}, set()),
        ("an aerial view over a city", "city", {"farm"}, {"village"}),
        ("person in a leather jacket riding a motorcycle", "leather jacket", {"shirt"},
         {"sweater"}),
        ("close up of a pizza", "pizza", {"soup", "salad"}, set()),
        ("a bottle of red wine", "red wine", {"coffee"}, {"beer"}),
        ("young man hiking in the forest", "forest", {"garden", "park"}, set()),
        ("most beautiful pools in the world", "pools", {"highways", "cornfields"}, {"rivers"}),
        ("chocolate cookies in a box", "box", set(), {"basket"}),
        ("red berry sweet cherry on a branch", "cherry", {"watermelon"}, set()),
    ],
)  # fmt: skip
def test_what_does_not_go_with_the_rest_is_not_put_in(
    replacements, text: str, old: str, never: set[str], put: set[str]
) -> None:
    found = replacements(ObjectRule(), text, old)
    assert not found & never
    assert put <= found


@pytest.mark.parametrize(
    ("text", "old", "wrong"),
    [
        ("cute cat relaxed and looking at the camera .", "camera", "book"),
        ("orchids and light pink roses in a glass vase", "vase", "candle"),
        ("young pregnant woman sitting under a tree", "tree", "rock"),
        ("chef preparing hand made pasta on a wooden board using flour and eggs", "eggs",
         "potatoes"),
        ("horse grazing in a field", "field", "desert"),
        ("image may contain : person , on stage , playing a musical instrument and indoor",
         "stage", "a street"),
        ("attractive disabled girl in a wheelchair", "wheelchair", "sofa"),
        ("orange hibiscus flowers on green stalks with a pale blue background",
         "hibiscus flowers", "butterflies"),
        ("grilled fish on the rack", "fish", "jellyfish"),
        ("drinks at the local bar", "bar", "library"),
        ("a tug pushes a barge through the icy waters on friday", "barge", "seaplane"),
        ("aerial view of the statue , located", "statue", "painting"),
    ],
)  # fmt: skip
def test_what_would_not_stand_there_is_not_put(
    replacements, text: str, old: str, wrong: str
) -> None:
    assert wrong not in replacements(ObjectRule(), text, old)


def test_toys_that_act_are_not_exchanged(rewrite) -> None:
    bears = "illustration of little teddy bears playing musical instruments in the orchestra."
    assert not any("kites" in caption for caption in rewrite(ObjectRule(), bears))
