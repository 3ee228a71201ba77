"""The grid of fixed prompts and seeds."""

from __future__ import annotations

import pytest

from tests.integration.training.sdxl.drawn import (
    Trained,
)

pytestmark = pytest.mark.integration


def test_a_grid_came_every_so_many_steps_and_at_the_end(trained: Trained) -> None:
    names = sorted(path.name for path in (trained[0].folder / "validation").iterdir())
    assert names == ["step-000000.png", "step-000060.png", "step-000090.png"]
