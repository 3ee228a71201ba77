"""The small CLIP that the package ships: its size, and what it tells apart."""

from __future__ import annotations

import pytest

from pipeline.adapters.clip.encoder import open_joint_encoder
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
