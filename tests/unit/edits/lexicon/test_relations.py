"""Relations: classes of the file become lemmas, and unknown names are errors."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.errors import ConfigError
from pipeline.edits.lexicon.files import read_table
from pipeline.edits.lexicon.relations import Relations, load_relations

PLACE = {"between": ["on", "under"], "grounds": "bench @pets", "figures": "@small cat"}


def relations(**parts: Any) -> Relations:
    table: dict[str, Any] = {
        "nouns": {"people": "@person elf", "small": "cup @toys"}, "verbs": {"posture": "sit lie"},
        "prepositions": {"on": ["on", "on top of"], "under": ["under"]},
        "exclusive": {},
        "unlikely": {"swimming_pool": "sand living_room"}, "ties": {"swimming_pool": "water"},
        "place": [PLACE], **parts,
    }  # fmt: skip
    return read_table("relations", table, Relations)


def test_classes_and_sorts_become_lemmas() -> None:
    found = relations()
    (place,) = found.places
    assert {"bench", "cat", "dog"} <= place.grounds
    assert {"cup", "doll", "cat"} <= place.figures
    assert found.by_first["on"] == [("on", "top", "of"), ("on",)]
    assert found.unlikely == {"swimming pool": {"sand", "living room"}}
    assert found.ties["swimming pool"] == found.ties["swimming_pool"] == {"water"}


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"nouns": {"seats": "@petz"}}, "@petz is no class or group"),
        ({"place": [{**PLACE, "between": ["on", "off"]}]}, r"lacks: \['off'\]"),
        ({"place": [{**PLACE, "grounds": "@petz"}]}, "@petz is no class or group"),
        ({"place": [{**PLACE, "moves": True}]}, "moves"),
    ],
)
def test_an_unknown_class_or_relation_is_an_error(parts: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=rf"relations.toml.*{says}"):
        relations(**parts)


@pytest.mark.parametrize(
    ("figure", "name", "ground", "allowed"),
    [
        ("cat", "under", "bench", True),
        ("man", "in front of", "car", True),
        ("elephant", "on", "stool", False),
        ("pizza", "behind", "plate", False),
        ("plate", "in", "pizza", False),
    ],
)
def test_what_may_be_where(figure: str, name: str, ground: str, allowed: bool) -> None:
    assert load_relations().allows(figure, name, ground) is allowed


def test_every_place_has_relations_that_differ() -> None:
    places = load_relations().places
    assert len(places) > 10
    for place in places:
        assert len(set(place.between)) == len(place.between) > 1
        assert place.figures
        assert place.grounds
