from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from pipeline.export.formats.conversations import LetterBalance
from tests.unit.export.exported_run import (
    CAUSE,
    CONTROL,
    EDIT_0,
    EDIT_1,
    FULL_0,
    NEGATION,
    exported,
    shown,
)


@pytest.mark.parametrize(("name", "has_id"), [("llava", True), ("qwen", False)])
def test_the_answer_names_what_is_true(tmp_path: Path, name: str, has_id: bool) -> None:
    output, _ = exported(tmp_path, name)
    records = json.loads((output / "train.json").read_text("utf-8"))
    found = []
    for record in records:
        assert ("id" in record) == has_id
        question, answer = record["conversations"]
        assert (question["from"], answer["from"]) == ("human", "gpt")
        _, _, a, b, _ = question["value"].split("\n")
        assert question["value"].startswith("<image>\n")
        sentence = {"A": a, "B": b}[answer["value"]].partition(". ")[2]
        found.append((shown(output / record["image"]), sentence))
    assert found == [
        (CONTROL, "a red car"),
        (EDIT_0, "a blue car"),
        (CONTROL, NEGATION[0]),
        (EDIT_1, NEGATION[1]),
        (CONTROL, "a wet street"),
        (EDIT_0, "a dry street"),
        (CONTROL, CAUSE[0]),
        (CONTROL, "a wet street"),
        (FULL_0, "a meadow in the sun"),
        (CONTROL, "two dogs"),
    ]


def test_ids_are_distinct(tmp_path: Path) -> None:
    output, _ = exported(tmp_path, "llava")
    ids = [record["id"] for record in json.loads((output / "train.json").read_text("utf-8"))]
    assert len(ids) == len(set(ids)) == 10


def test_each_letter_is_right_half_the_time_in_every_kind() -> None:
    balance = LetterBalance()
    given = Counter(
        (kind, pair, balance.next_is_a(kind, is_pair=pair))
        for turn in range(20)
        for kind in ("count", "swap")
        for pair in ((True, False) if turn % 2 else (False,))
    )
    assert set(given.values()) == {10, 5}
