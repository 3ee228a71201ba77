"""Relations: classes of the file become lemmas, and unknown ones are errors."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.errors import ConfigError
from pipeline.edits.lexicon.files import read_table
from pipeline.edits.lexicon.relations import Relations, load_relations


def relations(**parts: Any) -> Relations:
    table: dict[str, Any] = {
        "nouns": {"seats": "bench @pets", "few": "cat"}, "verbs": {"posture": "sit lie"},
        "frozen": {"phrases": ["on time"]}, "exclusive": {}, "body": [],
        "unlikely": {"swimming_pool": "sand living_room"}, "ties": {"swimming_pool": "water"},
        "move": [], **parts,
    }  # fmt: skip
    return read_table("relations", table, Relations)


MOVE = {"subkind": "on_under", "from": ["on top of"], "to": ["under"], "grounds": ["few"],
        "figures": ["seats"], "except": ["few"], "verbs": ["posture", "hop"]}  # fmt: skip


def test_classes_become_lemmas() -> None:
    found = relations(move=[MOVE])
    move = found.moves[0]
    assert move.sources == (("on", "top", "of"),)
    assert move.grounds == {"cat"}
    assert {"bench", "dog"} <= move.figures
    assert "cat" not in move.figures
    assert move.verbs == {"sit", "lie", "hop"}
    assert found.unlikely == {"swimming pool": {"sand", "living room"}}
    assert found.ties["swimming pool"] == found.ties["swimming_pool"] == {"water"}


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"nouns": {"seats": "@petz"}}, "@petz is no class or group"),
        ({"move": [{**MOVE, "grounds": ["chairs"]}]}, r"\[nouns\] lacks: \['chairs'\]"),
        ({"nouns": 3, "move": [MOVE]}, r"\[nouns\] Input should be a valid dict"),
        ({"body": [{"from": ["in hand"], "to": ["on head"], "held": "hold"}]}, "held: Input"),
    ],
)
def test_an_unknown_class_is_an_error(parts: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=rf"relations.toml.*{says}"):
        relations(**parts)


def test_every_move_names_words() -> None:
    moves = load_relations().moves
    assert len(moves) > 50
    for move in moves:
        assert move.grounds
        assert move.figures
        assert move.verbs
        assert move.targets
        assert not {" ".join(words) for words in move.sources} & set(move.targets)
