"""Controls of the world: what is painted right is right, and every fault is one."""

from __future__ import annotations

import pytest

from pipeline.evaluation.controls import (
    ARTEFACT,
    MINIMAL,
    NO_EDIT,
    OVER_EDIT,
    WRONG_EDIT,
    paint_controls,
)
from pipeline.selection.fit_bands import RIGHT
from pipeline.training.world.judge import is_visible, keeps_rest
from pipeline.training.world.reader import read

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("kind", ["colour", "count", "object", "relation", "negation"])
def test_painted_controls_are_what_their_labels_say(kind: str) -> None:
    for one in paint_controls(kind, 6, seed=1):
        pictures = {image.candidate: image for image in one.rendered.candidates[1:]}
        seen = {
            label: read(pictures[candidate].pixels).scene
            for (variant, candidate), label in one.labels.items()
            if variant == MINIMAL and label != ARTEFACT
        }
        assert seen[RIGHT] == one.pair.edited_scene
        assert seen[NO_EDIT] == one.pair.scene
        assert not is_visible(one.pair, seen[WRONG_EDIT])
        assert not keeps_rest(one.pair, one.pair.scene, seen[OVER_EDIT])
