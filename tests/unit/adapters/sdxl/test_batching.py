"""Which requests go through the model together."""

from __future__ import annotations

import pytest

from pipeline.adapters.sdxl.batching import next_batch
from pipeline.core.draws import Draw, Guide
from pipeline.core.records import AnchorImage
from pipeline.core.strategies import (
    IMG2IMG,
    INDEPENDENT,
    INPAINT,
    PROMPT_TO_PROMPT,
    SAME_NOISE,
    StrategyParameters,
)

PICTURE = AnchorImage(b"data", "jpg", 8, 8)


def plain(number: int) -> Draw:
    return Draw(f"a{number}", "full0", "prompt", number, INDEPENDENT)


def real(number: int, strategy: str = INPAINT, strength: float = 0.6) -> Draw:
    return Draw(
        f"a{number}",
        "min0",
        "prompt",
        number,
        strategy,
        parameters=StrategyParameters(strength=strength),
        guide=Guide("prompt", "prompt", ()),
        picture=PICTURE,
    )


def batches(draws: list[Draw], size: int) -> list[list[int]]:
    found: list[list[int]] = []
    missing = list(range(len(draws)))
    while missing:
        found.append(next_batch(draws, missing, size))
        missing = [number for number in missing if number not in found[-1]]
    return found


def test_plain_draws_fill_batches_in_order() -> None:
    assert batches([plain(n) for n in range(5)], 2) == [[0, 1], [2, 3], [4]]


@pytest.mark.parametrize(
    "other", [plain(9), real(9, IMG2IMG), real(9, INPAINT, 0.9)], ids=["plain", "way", "strength"]
)
def test_edits_of_real_pictures_share_a_call_with_their_like_only(other: Draw) -> None:
    draws = [real(0), other, real(1)]
    assert batches(draws, 8) == [[0, 2], [1]]


def test_an_edit_stays_with_its_source() -> None:
    control = Draw("a", "control", "a red car", 1, SAME_NOISE)
    edit = Draw(
        "a", "min0", "a blue car", 1, PROMPT_TO_PROMPT, guide=Guide("a red car", "a red car", ())
    )
    assert batches([plain(0), control, edit], 2) == [[0], [1, 2]]
