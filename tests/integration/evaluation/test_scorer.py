"""The small CLIP that the package ships: its size, and what it tells apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.adapters.clip.encoder import open_joint_encoder
from pipeline.cli.app import app
from pipeline.config.scores import ScoresConfig
from pipeline.evaluation.scorer import SCORER_GOALS, prefer_painted

pytestmark = pytest.mark.integration


PAIRS = 20


@pytest.mark.parametrize("kind", SCORER_GOALS)
def test_it_prefers_the_true_caption_of_unseen_pairs(kind: str) -> None:
    """`counterfactory eval-scorer` finds at least 0.998 on 300 pairs of each of these kinds."""
    encoder = open_joint_encoder(ScoresConfig(clip="builtin:world", device="cpu"))
    found = prefer_painted(encoder, kind, PAIRS, seed=1)
    assert found.right.asked == 2 * PAIRS
    assert found.right.share >= SCORER_GOALS[kind]
    assert found.margin > 0.1


def test_the_command_counts_painted_and_drawn_pictures(tmp_path: Path) -> None:
    file = tmp_path / "counts.json"
    asked = ["--pairs", "5", "--drawn", "3", "--kinds", "colour,count", "--device", "cpu"]
    result = CliRunner().invoke(app, ["eval-scorer", *asked, "--output", str(file)])
    assert result.exit_code == 0, result.output
    kinds = json.loads(file.read_text())["kinds"]
    assert list(kinds) == ["colour", "count"]
    for found in kinds.values():
        assert found["painted"]["right"]["asked"] == 10
        assert found["painted"]["right"]["right"] >= 8
        assert found["drawn"]["right"]["asked"] <= 6
        assert found["drawn"]["right"]["right"] <= found["drawn"]["right"]["asked"]
