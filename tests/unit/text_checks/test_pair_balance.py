from __future__ import annotations

import pytest

from pipeline.core.records import CaptionEdit, EditKind
from pipeline.text_checks.pair_balance import surplus
from tests.unit.text_checks.checks_records import make_edit

COLOUR, NOT = EditKind.ATTRIBUTE, EditKind.NEGATION
Edits = list[tuple[str, CaptionEdit]]


def edits(old: str, new: str, number: int, kind: EditKind = COLOUR) -> Edits:
    return [
        (f"{old}{i}", make_edit(f"a {old} car and item {i}", old, new, kind)) for i in range(number)
    ]


def left(made: Edits, out: object) -> list[str]:
    assert isinstance(out, dict)
    return sorted(edit.old for index, (_, edit) in enumerate(made) if index not in out)


def test_nothing_is_left_out_unless_asked() -> None:
    assert surplus(edits("white", "green", 50), None, None) == {}


def test_a_cap_holds_for_each_direction_by_itself() -> None:
    made = [*edits("white", "green", 9), *edits("green", "white", 5), *edits("red", "blue", 2)]
    assert left(made, surplus(made, 4, None)) == ["green"] * 4 + ["red"] * 2 + ["white"] * 4


@pytest.mark.parametrize(("ratio", "stay"), [(1.0, 5), (1.5, 8), (2.0, 9), (10.0, 9)])
def test_a_direction_may_come_so_many_times_as_often_as_back(ratio: float, stay: int) -> None:
    made = [*edits("white", "green", 9), *edits("green", "white", 5)]
    assert left(made, surplus(made, None, ratio)) == ["green"] * 5 + ["white"] * stay


def test_what_never_comes_back_counts_as_once_and_denials_need_no_way_back() -> None:
    made = [*edits("white", "green", 9), *edits("white", "not white", 9, NOT)]
    out = surplus(made, None, 2.0)
    assert len(made) - len(out) == 2 + 9
    assert "9 times in the shard, back 0; at most 2 stay" in next(iter(out.values()))


def test_a_cap_counts_for_the_way_back_too() -> None:
    made = [*edits("white", "green", 30), *edits("green", "white", 10)]
    assert left(made, surplus(made, 4, 2.0)) == ["green"] * 4 + ["white"] * 4


def test_which_ones_stay_does_not_follow_from_their_order() -> None:
    made = edits("white", "green", 20)
    stays = {made[i][0] for i in range(20) if i not in surplus(made, 5, None)}
    turned = made[::-1]
    assert stays == {turned[i][0] for i in range(20) if i not in surplus(turned, 5, None)}
    assert stays != {made[i][0] for i in range(5)}
