"""An export is complete or absent, and says why it is empty."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from pipeline.cli.export import Format
from pipeline.core.errors import ConfigError, PermanentError, ShardCorruptError
from pipeline.export.reading import ExportWishes
from pipeline.export.run import FORMATS, KEEP_WEIGHTS, export_run
from tests.unit.export.exported_run import exported, write_run

TEXT_ENOUGH = {"hf"}


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_command_offers_every_format() -> None:
    assert get_args(Format) == tuple(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_equal_runs_give_equal_bytes(tmp_path: Path, name: str) -> None:
    output, outcome = exported(tmp_path, name)
    first = files(output)
    assert first
    assert outcome.sets == 3
    output.rename(tmp_path / "before")
    export_run(tmp_path / "run", name, output, ExportWishes())
    assert files(output) == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["before", "out", "run"]


@pytest.mark.parametrize("name", sorted(set(FORMATS) - TEXT_ENOUGH))
def test_without_pictures_it_says_why_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    run = write_run(tmp_path / "run", pictures=False)
    with pytest.raises(PermanentError, match=r"nothing of 3 sets .*\(\d.*--images sdxl"):
        export_run(run, name, tmp_path / "out", ExportWishes())
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("name", FORMATS)
def test_weights_of_edits_are_kept_or_edits_drawn_by_them(tmp_path: Path, name: str) -> None:
    run = write_run(tmp_path / "run", weight=1e-9)
    lost = "counterfactuals that come oftener than their reverse, by weight"
    if name in KEEP_WEIGHTS:
        outcome = export_run(run, name, tmp_path / "out", ExportWishes())
        assert lost not in outcome.left_out
        return
    try:
        told = str(export_run(run, name, tmp_path / "out", ExportWishes()).left_out)
    except PermanentError as error:
        told = str(error)
    assert lost in told


def test_a_damaged_shard_leaves_nothing(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    tar = run / "shards" / "000001.tar"
    tar.write_bytes(tar.read_bytes()[:2000])
    with pytest.raises(ShardCorruptError, match=r"000001\.tar"):
        export_run(run, "pairs", tmp_path / "out", ExportWishes())
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_misuse_is_said(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    with pytest.raises(ConfigError, match="no format 'csv'; there are pairs"):
        export_run(run, "csv", tmp_path / "out", ExportWishes())
    with pytest.raises(ConfigError, match="--k is for cf-vlm"):
        export_run(run, "pairs", tmp_path / "out", ExportWishes(k=2))
    export_run(run, "pairs", tmp_path / "out", ExportWishes())
    with pytest.raises(ConfigError, match="is there already"):
        export_run(run, "pairs", tmp_path / "out", ExportWishes())
