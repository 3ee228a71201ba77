"""Controls of the world: what is painted right is right, and every fault is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.scores import SelectionConfig
from pipeline.evaluation.controls import (
    ARTEFACT,
    MINIMAL,
    NO_EDIT,
    OVER_EDIT,
    WRONG_EDIT,
    measure_controls,
    paint_controls,
)
from pipeline.evaluation.selection import evaluate_selection
from pipeline.scoring.stage import ScoreStage
from pipeline.selection.calibrate import band_table, fit_groups
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


def test_pixels_alone_part_right_pictures_from_blank_and_unchanged_ones(tmp_path: Path) -> None:
    """No model: the bands that fit are of what pixels say, and selection obeys them."""
    stage = ScoreStage()
    sets, pictures = measure_controls(stage, list(paint_controls("colour", 60, seed=2)))
    fitted = fit_groups(pictures, precision=0.97, min_recall=0.8)
    colour = next(one for one in fitted if one.group == "attribute.colour")
    assert colour.bounds
    assert colour.held_out.precision > colour.held_out.before
    kept, asked = colour.held_out.kept_by_label[NO_EDIT]
    assert asked > 10
    assert kept == 0
    report = evaluate_selection("colour", sets, SelectionConfig(bands=band_table(fitted)))
    assert report.accepted.share > report.drawn.share
    assert report.best.share == 1.0
    assert sum(report.wrong.values()) == report.accepted.asked - report.accepted.right
