"""A stranger's loop around a real CLIP of transformers learns on real shards."""

from __future__ import annotations

import inspect
import math
from pathlib import Path

import pytest
from clip_loop import train

pytestmark = pytest.mark.integration
WORLD_CLIP = Path(__file__).resolve().parents[4] / "pipeline" / "models" / "world_clip"


def test_the_loop_is_short() -> None:
    lines = [line for line in inspect.getsource(train).splitlines() if line.strip()]
    assert 10 < len(lines) <= 30


@pytest.mark.parametrize("objective", ["cf_vlm", "neg_clip", "triplet_clip", "ce_clip"])
def test_it_learns(run: Path, objective: str) -> None:
    losses = train(run, WORLD_CLIP, epochs=4, objective=objective)
    assert len(losses) == 12
    assert all(math.isfinite(loss) for loss in losses)
    assert sum(losses[-3:]) < 0.9 * sum(losses[:3])


def test_it_runs_on_text_alone_and_learns_nothing(text_run: Path) -> None:
    """Sets without a picture: every picture loss is 0, and so is its gradient."""
    losses = train(text_run, WORLD_CLIP, epochs=1)
    assert losses == [0.0] * len(losses)
    assert losses
