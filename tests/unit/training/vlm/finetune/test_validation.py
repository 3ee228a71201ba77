"""Accuracies by kind on hand-made features."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from pipeline.training.vlm.finetune.validation import ValidationResult, told_apart, validate
from pipeline.training.vlm.sample import KINDS


def features(**changes: Any) -> dict[str, torch.Tensor]:
    """One anchor along x; an edit along y with a picture along y."""
    x, y = [1.0, 0.0], [0.0, 1.0]
    plain = {
        "image": [x], "text": [x], "edit_text": [[y]], "pair_text": [[[9.0, 9.0]]],
        "edit_image": [[y]],
    } | changes  # fmt: skip
    flags = {
        "pair_is_caption": True, "edit_image_is_negative": True, "edit_mask": True,
    }  # fmt: skip
    found = {name: torch.tensor(value) for name, value in plain.items() if name not in flags}
    found |= {name: torch.tensor([[changes.get(name, value)]]) for name, value in flags.items()}
    return found | {"has_image": torch.tensor([True])}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, True),
        ({"edit_image": [[[1.0, 0.0]]]}, False),  # its picture is like the factual one
        ({"edit_image": [[[1.0, 0.0]]], "edit_image_is_negative": False}, True),  # not asked
        ({"edit_text": [[[1.0, 0.0]]]}, False),  # a tie is lost
        ({"pair_is_caption": False, "pair_text": [[[0.0, 1.0]]]}, False),  # its own wording counts
        ({"pair_is_caption": False, "pair_text": [[[1.0, 0.1]]]}, True),
    ],
)
def test_told_apart(changes: dict[str, Any], told: bool) -> None:
    found, seen = told_apart(features(**changes))
    assert (found.item(), seen.item()) == (told, True)


def test_what_is_masked_is_not_asked_about() -> None:
    found, seen = told_apart(features(edit_mask=False))
    assert not found.any()
    assert not seen.any()


def test_shares_are_by_kind_over_all_batches() -> None:
    kind = KINDS.index("count")
    batches = [{"edit_kind": torch.tensor([[kind]])}, {"edit_kind": torch.tensor([[kind]])}]
    answers = iter([(features(), 1.0), (features(edit_text=[[[1.0, 0.0]]]), 3.0)])
    result = validate(7, batches, lambda batch: next(answers))
    assert result == ValidationResult(7, 2.0, {"count": 0.5}, {"count": 2})
    assert result.mean == 0.5
    assert validate(7, [], lambda batch: next(answers)) is None


def test_text_alone_has_a_loss_and_no_accuracy() -> None:
    result = validate(1, [{}], lambda batch: ({}, 0.5))
    assert result == ValidationResult(1, 0.5, {}, {})
    assert result.mean == 0
    assert math.isfinite(result.rank[1])


def test_of_equal_accuracies_the_lower_loss_is_better() -> None:
    first = ValidationResult(1, 2.0, {"count": 0.5}, {"count": 2})
    second = ValidationResult(2, 1.0, {"count": 0.5}, {"count": 2})
    worse = ValidationResult(3, 0.1, {"count": 0.4}, {"count": 2})
    assert max([first, second, worse], key=lambda found: found.rank) is second
