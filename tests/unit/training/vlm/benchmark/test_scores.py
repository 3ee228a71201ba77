from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.training.vlm.benchmark.items import Picture, Question
from pipeline.training.vlm.benchmark.scores import judge, mean_of_kinds, summarize

PICTURES = (Picture(Path("a")), Picture(Path("b")))


def group(kind: str = "swap", factual: int | None = None) -> Question:
    return Question("q", kind, ("c0", "c1"), PICTURES, factual=factual)


@pytest.mark.parametrize(
    ("similarities", "won"),
    [
        # rows are pictures, columns captions
        ([[0.9, 0.1], [0.2, 0.8]], (True, True, True)),
        ([[0.9, 0.8], [0.1, 0.2]], (True, False, False)),  # picture 0 likes both captions more
        ([[0.9, 0.1], [0.95, 0.99]], (True, False, False)),
        ([[0.3, 0.4], [0.2, 0.5]], (False, True, False)),
        ([[0.5, 0.5], [0.5, 0.5]], (False, False, False)),
        ([[0.1, 0.9], [0.8, 0.2]], (False, False, False)),
    ],
)
def test_scores_by_hand(similarities: list[list[float]], won: tuple[bool, ...]) -> None:
    found = judge(group(), np.array(similarities))
    assert (found["text"], found["image"], found["group"]) == won
    assert set(found) == {"text", "image", "group"}


def test_who_does_not_look_wins_nothing() -> None:
    blind = np.array([[0.9, 0.1], [0.9, 0.1]])
    assert judge(group(factual=0), blind) == {
        "text": False, "image": False, "group": False, "factual": True,
    }  # fmt: skip
    assert judge(group(factual=1), blind)["factual"] is False


def test_of_several_captions_the_true_one_must_be_nearest() -> None:
    question = Question("q", "order", ("t", "f", "g"), PICTURES[:1])
    assert judge(question, np.array([[0.5, 0.4, 0.3]])) == {"choice": True}
    assert judge(question, np.array([[0.5, 0.4, 0.6]])) == {"choice": False}
    assert judge(question, np.array([[0.5, 0.5, 0.1]])) == {"choice": False}


def test_shares_are_by_kind_and_all_together() -> None:
    questions = [group("swap"), group("swap"), group("count")]
    won = [{"group": True}, {"group": False}, {"group": True}]
    found = summarize(questions, won)
    assert list(found) == ["count", "swap", "all"]
    assert (found["swap"]["group"].right, found["swap"]["group"].of) == (1, 2)
    assert found["all"]["group"].share == pytest.approx(2 / 3)
    assert found["all"]["group"].chance == pytest.approx(1 / 6)
    assert mean_of_kinds(found) == {"group": 0.75}
    # Wilson's interval for 1 of 2, from the formula: centre 0.5, half-width 0.4055.
    swap = found["swap"]["group"]
    assert (swap.low, swap.high) == pytest.approx((0.0945, 0.9055), abs=1e-3)


def test_one_kind_needs_no_sum() -> None:
    assert list(summarize([group()], [{"group": True}])) == ["swap"]


def reworded(factual: int | None = 0, kind: str = "swap", changed: str = "order") -> Question:
    return Question(
        "q", kind, ("c0", "c1"), PICTURES, factual=factual, neutral="n", neutral_kind=changed
    )


@pytest.mark.parametrize(
    ("row", "won"),
    [
        ([0.9, 0.5, 0.8], True),  # the edit moves 0.4, the other words 0.1
        ([0.9, 0.5, 1.0], True),
        ([0.9, 0.85, 0.8], False),  # it fears every change
        ([0.5, 0.9, 0.4], True),  # wrong about the edit, and yet not moved by words
        ([0.9, 0.9, 0.9], False),  # it never moves
    ],
)
def test_other_words_must_move_less_than_the_edit(row: list[float], won: bool) -> None:
    other = [0.1, 0.2, 0.3]
    assert judge(reworded(0), np.array([row, other]))["invariance"] is won
    # The second caption is the factual one: its picture's row counts.
    turned = [row[1], row[0], row[2]]
    assert judge(reworded(1), np.array([other, turned]))["invariance"] is won
    assert "invariance" not in judge(reworded(None), np.array([row, other]))


def test_with_one_picture_the_nearest_false_caption_is_the_edit() -> None:
    question = Question("q", "order", ("t", "f", "g"), PICTURES[:1], neutral="n")
    found = judge(question, np.array([[0.9, 0.1, 0.6, 0.7]]))
    assert found == {"choice": True, "invariance": True}
    assert judge(question, np.array([[0.9, 0.1, 0.8, 0.7]]))["invariance"] is False


def test_random_similarities_are_invariant_half_of_the_time() -> None:
    draws = np.random.default_rng(0).random((2000, 2, 3))
    share = np.mean([judge(reworded(0), drawn)["invariance"] for drawn in draws])
    assert share == pytest.approx(0.5, abs=0.04)


def test_invariance_is_told_by_what_was_changed_too_and_counts_once() -> None:
    questions = [reworded(), reworded(kind="count", changed="synonym"), group("count")]
    won = [{"invariance": True}, {"invariance": False}, {"group": True}]
    found = summarize(questions, won)
    assert list(found) == ["count", "swap", "reworded: order", "reworded: synonym", "all"]
    assert (found["all"]["invariance"].right, found["all"]["invariance"].of) == (1, 2)
    assert found["reworded: synonym"]["invariance"].chance == 0.5
    assert mean_of_kinds(found) == {"invariance": 0.5, "group": 1.0}
