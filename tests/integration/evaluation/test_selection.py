"""What selection is worth on painted pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.scores import SelectionConfig
from pipeline.evaluation.controls import (
    NO_EDIT,
    measure_controls,
    paint_controls,
)
from pipeline.evaluation.selection import evaluate_selection
from pipeline.scoring.stage import ScoreStage
from pipeline.selection.calibrate import band_table, fit_groups

pytestmark = pytest.mark.integration


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
