"""A benchmark folder is complete, and its sheet shows every kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pipeline.core.errors import ConfigError, PermanentError
from pipeline.shards.atomic import write_json
from pipeline.tools.make_benchmark import SHEET, make_benchmark
from pipeline.training.vlm.benchmark.make import BenchmarkWishes
from tests.unit.export.exported_run import write_run

pytestmark = pytest.mark.integration
ALL = BenchmarkWishes(split="all", drop=0.0)


def test_the_folder_holds_groups_pictures_and_a_sheet(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    write_json(run / "run.json", {"config": {"scores.clip": "org/model"}})
    about = make_benchmark(str(run), tmp_path / "bench", ALL)
    assert about.scored_by == "org/model"
    assert sorted(path.name for path in (tmp_path / "bench").iterdir()) == [
        "benchmark.json", "groups.jsonl", "images", "sheet.png",
    ]  # fmt: skip
    with Image.open(tmp_path / "bench" / SHEET) as sheet:
        assert sheet.width > 1000, "three groups stand side by side"
        # Grey pictures of a factual scene and of an edit, and marks of two kinds of labels.
        assert {(80, 80, 80), (120, 120, 120)} <= {
            colour for _, colour in sheet.convert("RGB").getcolors(1 << 20) or ()
        }


def test_a_run_without_scores_names_no_scorer(tmp_path: Path) -> None:
    about = make_benchmark(str(write_run(tmp_path / "run")), tmp_path / "bench", ALL)
    assert about.scored_by is None


def test_nothing_is_left_of_a_benchmark_that_cannot_be(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", pictures=False)
    with pytest.raises(PermanentError, match="no set in 2 shards"):
        make_benchmark(str(run), tmp_path / "bench", ALL)
    with pytest.raises(ConfigError, match="names no tar"):
        make_benchmark(str(tmp_path / "none"), tmp_path / "bench", ALL)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
