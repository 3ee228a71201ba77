"""The best weights on disk, through kills and resumes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from pipeline.training.loop.checkpoint import Snapshot, list_checkpoints
from pipeline.training.vlm.finetune.best import BestWeights
from pipeline.training.vlm.finetune.validation import ValidationResult

pytestmark = pytest.mark.integration


def result(step: int, accuracy: float) -> ValidationResult:
    return ValidationResult(step, 1.0, {"count": accuracy}, {"count": 10})


def snapshot(step: int) -> Snapshot:
    weights = {"w": torch.full((2,), float(step))}
    return Snapshot(step, {}, weights, {}, 0, {}, {})


def filled(folder: Path, *accuracies: float) -> BestWeights:
    best = BestWeights(folder)
    for step, accuracy in enumerate(accuracies):
        best.add(result(step, accuracy), lambda step=step: snapshot(step))
    return best


def loaded(best: BestWeights) -> tuple[int | None, float]:
    weight = torch.nn.Parameter(torch.full((2,), -1.0))
    return best.load_into({"w": weight}), float(weight[0].detach())


def test_the_best_is_kept_alone(tmp_path: Path) -> None:
    best = filled(tmp_path, 0.2, 0.6, 0.4)
    assert loaded(best) == (1, 1.0)
    assert [step for step, _ in list_checkpoints(tmp_path)] == [1]
    assert len(best.validations) == 3


def test_without_a_validation_there_is_none(tmp_path: Path) -> None:
    assert loaded(BestWeights(tmp_path)) == (None, -1.0)


def test_a_resume_forgets_what_came_after_its_checkpoint(tmp_path: Path) -> None:
    before = filled(tmp_path, 0.2, 0.6, 0.9)  # killed before the checkpoint of step 2
    again = BestWeights(tmp_path)
    again.take_up(before.validations[:2], 1, is_main=True)
    assert list_checkpoints(tmp_path) == []
    again.add(result(2, 0.9), lambda: snapshot(2))
    assert loaded(again) == (2, 2.0)


def test_a_resume_keeps_the_best_of_before(tmp_path: Path) -> None:
    before = filled(tmp_path, 0.2, 0.9, 0.4)
    again = BestWeights(tmp_path)
    again.take_up(before.validations, 2, is_main=True)
    again.add(result(3, 0.5), lambda: snapshot(3))
    assert loaded(again) == (1, 1.0)
