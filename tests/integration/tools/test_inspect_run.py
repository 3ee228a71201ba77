"""What `counterfactory inspect` counts, and what its sheet says of a picture that is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pipeline.shards.reader import iterate_samples, tars_at
from pipeline.tools.inspect_run import _row, inspect_path
from tests.integration.report.scored_run import Wanted, write_scored_run

pytestmark = pytest.mark.integration


def test_a_missing_picture_s_cell_says_why(tmp_path: Path) -> None:
    layout = write_scored_run(tmp_path / "run", Wanted(sets=30, side_px=16))
    samples = list(iterate_samples(tars_at(layout.root)))
    reasons = {reason for sample in samples for reason in sample.document.missing.values()}
    assert "image.margin_low" in reasons
    cells = [cell for sample in samples for cell in _row(sample)]
    notes = {cell.note for cell in cells}
    assert any(note.startswith("was “") for note in notes)
    assert not any("(" in note or note == "was “”" for note in notes), notes
    told = {cell.missing for cell in cells if cell.image is None}
    assert "margin too low" in told
    assert "" not in told
    assert all(not cell.missing for cell in cells if cell.image is not None)


def test_captions_alone_have_no_places_for_pictures(tmp_path: Path) -> None:
    layout = write_scored_run(tmp_path / "plain", Wanted(sets=4, has_pictures=False))
    samples = iterate_samples(tars_at(layout.root))
    assert not any(cell.has_place for sample in samples for cell in _row(sample))


def test_it_counts_and_writes_a_sheet_beside_the_run(tmp_path: Path) -> None:
    layout = write_scored_run(tmp_path / "run", Wanted(sets=6, side_px=16, control_least=-1.0))
    found = inspect_path(layout.root, sheet=None, rows=3)
    assert (found.samples, found.sheet_rows, found.complete) == (6, 3, True)
    assert found.sheet == tmp_path / "run.png"
    with Image.open(found.sheet) as sheet:
        assert sheet.height > 3 * 200
