"""Relations: classes of the file become lemmas, and unknown names are errors."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.errors import ConfigError
from pipeline.edits.lexicon.files import read_table
from pipeline.edits.lexicon.relations import Relations, load_relations


def relations(**parts: Any) -> Relations:
    table: dict[str, Any] = {
        "nouns": {"seats": "bench @pets", "few": "cat"}, "verbs": {"posture": "sit lie"},
        "prepositions": {"on": ["on", "on top of"], "under": ["under"]},
        "exclusive": {}, "body": [],
        "unlikely": {"swimming_pool": "sand living_room"}, "ties": {"swimming_pool": "water"},
        "move": [], **parts,
    }  # fmt: skip
    return read_table("relations", table, Relations)


MOVE = {"subkind": "on_under", "between": ["on", "under"], "grounds": "@pets", "figures": "bench"}


def test_classes_become_lemmas() -> None:
    found = relations(move=[MOVE])
    (move,) = found.moves
    assert {"cat", "dog"} <= move.grounds
    assert move.figures == {"bench"}
    assert found.by_first["on"] == [(("on", "top", "of"), "on"), (("on",), "on")]
    assert found.unlikely == {"swimming pool": {"sand", "living room"}}
    assert found.ties["swimming pool"] == found.ties["swimming_pool"] == {"water"}


def test_people_animals_vehicles_and_toys_are_figures_unless_named() -> None:
    (move,) = relations(move=[{**MOVE, "figures": "@pets"}]).moves
    (open_move,) = relations(move=[{k: v for k, v in MOVE.items() if k != "figures"}]).moves
    assert move.figures < open_move.figures
    assert {"person", "car", "ball"} <= open_move.figures


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"nouns": {"seats": "@petz"}}, "@petz is no class or group"),
        ({"move": [{**MOVE, "between": ["on", "off"]}]}, r"lacks: \['off'\]"),
        ({"nouns": 3, "move": [MOVE]}, r"\[nouns\] Input should be a valid dict"),
        ({"body": [{"from": ["in hand"], "to": ["on head"], "held": "hold"}]}, "held: Input"),
    ],
)
def test_an_unknown_class_is_an_error(parts: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=rf"relations.toml.*{says}"):
        relations(**parts)


def test_every_move_is_between_two_relations() -> None:
    moves = load_relations().moves
    assert len(moves) > 10
    for move in moves:
        assert len(set(move.between)) == 2
        assert move.figures
