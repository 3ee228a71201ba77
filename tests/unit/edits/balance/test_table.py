"""A table says what share of edits to keep, and which ones these are."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError
from pipeline.core.records import EditKind
from pipeline.edits.balance.table import AUTO, BalanceTable, load_balance
from tests.unit.edits.balance.test_features import edit_of

TABLE = BalanceTable(
    captions=100,
    frequency={"object": {"dog": 20.0, "cat": 5.0}},
    log_odds={"object": {"cat": 0.5, "dog": -0.9}, "swap": {"cat": 9.0}},
)
THERE = edit_of(EditKind.OBJECT, "a dog", "a cat", "dog", "cat")
BACK = edit_of(EditKind.OBJECT, "a cat", "a dog", "cat", "dog")


def test_the_commoner_direction_is_thinned_to_the_rarer_one() -> None:
    assert TABLE.weight(THERE) == pytest.approx(math.exp(-1.4))
    assert TABLE.weight(BACK) == 1


def test_swaps_are_not_balanced() -> None:
    assert TABLE.weight(edit_of(EditKind.SWAP, "a dog", "a cat", "dog", "cat")) == 1


def test_the_share_that_is_accepted_is_the_weight() -> None:
    accepted = [TABLE.accepts(THERE, 3, f"a{i}") for i in range(2000)]
    assert sum(accepted) / 2000 == pytest.approx(math.exp(-1.4), abs=0.03)
    assert accepted == [TABLE.accepts(THERE, 3, f"a{i}") for i in range(2000)]
    assert accepted != [TABLE.accepts(THERE, 4, f"a{i}") for i in range(2000)]
    assert all(TABLE.accepts(BACK, 3, f"a{i}") for i in range(100))


@pytest.mark.parametrize("alone", [0.1, 0.5, 1.0])
def test_who_is_alone_is_preferred_and_the_share_is_what_it_was(alone: float) -> None:
    table = BalanceTable(log_odds=TABLE.log_odds, alone={"object": alone})
    draws = 4000
    kept = {
        is_alone: sum(table.accepts(THERE, 3, f"a{i}", is_alone=is_alone) for i in range(draws))
        for is_alone in (True, False)
    }
    assert kept[True] > kept[False]
    share = (alone * kept[True] + (1 - alone) * kept[False]) / draws
    assert share == pytest.approx(math.exp(-1.4), abs=0.02)
    assert table.accepts(BACK, 3, "a", is_alone=False)


def test_a_file_gives_back_the_table(tmp_path: Path) -> None:
    file = tmp_path / "balance.json"
    file.write_text(TABLE.to_json(), "utf-8")
    read = load_balance(str(file))
    assert read == TABLE
    assert read.fingerprint == TABLE.fingerprint != BalanceTable().fingerprint


def test_the_packaged_table_knows_what_captions_say() -> None:
    table = load_balance("builtin:web")
    assert table is load_balance(AUTO)
    assert table.captions >= 5000
    assert set(table.log_odds) == {
        "object", "attribute", "count", "relation", "action", "negation",
    }  # fmt: skip
    colours = table.frequency["attribute"]
    assert colours["white"] > colours["purple"]
    denied = edit_of(
        EditKind.NEGATION, "a man sitting", "a man not sitting", "sitting", "not sitting"
    )
    assert table.weight(denied) < 0.1, "hardly a caption denies anything"
    beside = edit_of(EditKind.RELATION, "a cat on a sofa", "a cat next to a sofa", "on", "next to")
    assert table.weight(beside) < 0.5


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (None, "cannot be read"),
        ("{", "is no balance table"),
        ('{"log_odds": {"object": {"cat": "x"}}}', r"log_odds\.object\.cat"),
        ('{"format": "counterfactory-balance-9"}', "another version"),
    ],
)
def test_what_is_no_table_is_refused_by_name(tmp_path: Path, text: str | None, what: str) -> None:
    file = tmp_path / "balance.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ConfigError, match=what):
        load_balance(str(file))
    with pytest.raises(ConfigError, match=r"builtin:coco.*is not packaged"):
        load_balance("builtin:coco")
