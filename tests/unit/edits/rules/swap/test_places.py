"""Two things in a one-way relation in space exchange places."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.swap.rule import SwapRule


@pytest.mark.parametrize(
    "factual",
    [
        "young girl with snow covered mountains in the background",
        "black rabbit with white paw on a white background",
    ],
)
def test_a_swap_hides_and_repeats_nothing(rewrite, factual: str) -> None:
    assert rewrite(SwapRule(), factual) == []
