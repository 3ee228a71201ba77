"""Which texts a picture competes with."""

from __future__ import annotations

import math

import pytest
import torch

from pipeline.training.vlm.losses.hard_negatives import Images, Negatives, Texts, contrast


def eye(row: int, size: int = 4) -> list[float]:
    return [float(column == row) for column in range(size)]


def one(negatives: list[int], *, beside: bool, anchor: int = 0) -> float:
    """Loss from the one picture of anchor 0 to its text, beside negatives like the picture."""
    count = len(negatives)
    to_text, to_image = contrast(
        Images(torch.tensor([eye(0)]), torch.tensor([0]), torch.tensor([True])),
        Texts(torch.tensor([eye(0)]), torch.tensor([0]), torch.tensor([True])),
        Negatives(
            torch.tensor([eye(number) for number in negatives]).reshape(count, 4),
            torch.full((count,), anchor),
            torch.ones(count, dtype=torch.bool),
            torch.full((1, count), beside),
        ),
        1.0,
    )
    assert float(to_image) == 0.0, "there is no other picture"
    return float(to_text)


def test_a_text_competes_with_the_negatives_that_stand_beside_it() -> None:
    assert one([0], beside=True) == pytest.approx(math.log(2))
    assert one([1], beside=True) == pytest.approx(math.log(1 + math.exp(-1)))
    assert one([], beside=True) == 0.0


def test_what_belongs_to_its_anchor_is_no_negative_by_chance() -> None:
    assert one([0, 1], beside=False) == 0.0
    assert one([0], beside=False, anchor=1) == pytest.approx(math.log(2)), "of another anchor it is"
