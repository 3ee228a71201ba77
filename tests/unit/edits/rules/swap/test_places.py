"""Two things in a one-way relation in space exchange places."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.swap.rule import SwapRule


@pytest.mark.parametrize(
    "factual",
    [
        "young girl with snow covered mountains in the background",
        "black rabbit with white paw on a white background",
        "a laptop sitting on top of a bed",
        "a cat sitting under a park bench",
        "a pizza on a plate",
        "a bunch of bananas sitting on top of a wooden table",
        "two computers are sitting on top of the desk",
        "a giraffe standing under a tree",
        "the woman is looking at the elephant in amazement",
        "a woman hugging a teddy bear",
        # No caption has the other where the one is.
        "a cup on a book",
        "a bench under a tree in a park",
        "a doll sitting on top of an open suitcase",
        "a large red chair in front of a building",
    ],
)
def test_a_swap_hides_and_repeats_nothing(rewrite, factual: str) -> None:
    assert rewrite(SwapRule(), factual) == []
