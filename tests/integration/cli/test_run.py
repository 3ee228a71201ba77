"""`counterfactory run` and `plan`: what is said at the end, and what is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.core.errors import PermanentError
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def _one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)


def arguments(output: Path, *more: str) -> list[str]:
    return ["run", "--limit", "6", "--set", "source.shard_size=3", "--output", str(output), *more]


def test_a_run_ends_with_its_counts_its_report_and_what_to_do_next(tmp_path: Path) -> None:
    root = tmp_path / "run"
    done = CliRunner().invoke(app, arguments(root, "--quiet"))
    assert done.exit_code == 0, done.output
    manifest = read_manifest(RunLayout(root))
    assert manifest is not None
    assert f"6 rows → {manifest.counts.samples} sets, 0 images in {root}" in done.stdout
    assert f"counterfactory verify {root}" in done.stdout
    assert (root / "report" / "index.html").is_file()
    assert done.stderr == "", "quiet shows no progress"
    again = CliRunner().invoke(app, arguments(root, "--no-report"))
    assert "(2 shards were there before)" in again.stdout
    assert "open it:" not in again.stdout


def test_one_of_two_processes_leaves_the_end_to_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "run"
    monkeypatch.setenv("WORLD_SIZE", "2")
    for rank, said in (("0", "process 0 of 2: its shards in"), ("1", "open it:")):
        monkeypatch.setenv("RANK", rank)
        monkeypatch.setenv("LOCAL_RANK", rank)
        done = CliRunner().invoke(app, arguments(root))
        assert done.exit_code == 0, done.output
        assert said in done.stdout
    assert RunLayout(root).manifest_json.is_file()


def test_a_run_that_made_nothing_is_an_error_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "captions.tsv"
    path.write_text("no tab in this row\nnor in this one\n", "utf-8")
    root = tmp_path / "run"
    done = CliRunner().invoke(
        app, ["run", "--source", "cc_tsv", "--input", str(path), "--output", str(root)]
    )
    assert isinstance(done.exception, PermanentError)
    assert "nothing was made of 2 rows" in str(done.exception)
    assert "source.columns (2)" in str(done.exception)
    assert not (root / "report").exists()


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    root = tmp_path / "run"
    done = CliRunner().invoke(
        app,
        ["plan", "--limit", "6", "--images", "sdxl", "--output", str(root), "--gpu-tflops", "80"],
    )
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "source rows 6" in lines
    assert "one GPU that sustains 80 TFLOP/s (--gpu-tflops)" in done.stdout
    assert list(tmp_path.iterdir()) == []
