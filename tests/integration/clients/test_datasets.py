"""huggingface `datasets` reads a run by the types that its card names: both ways, ragged sets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import datasets
import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.core.records import SCHEMA_VERSION
from pipeline.shards.layout import RunLayout
from pipeline.shards.reader import iterate_samples

pytestmark = pytest.mark.integration

DRAWN = (
    "--images", "sdxl", "--set", "images.model=builtin:tiny", "--set", "images.width_px=64",
    "--set", "images.height_px=64", "--set", "images.steps=1", "--set", "images.device=cpu",
)  # fmt: skip


@pytest.fixture(scope="module", params=["captions", "pictures"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run by the command: two shards, sets of different sizes."""
    root = tmp_path_factory.mktemp("run") / request.param
    options = ["--limit", "12", "--set", "source.shard_size=8"]
    options += DRAWN if request.param == "pictures" else ()
    done = CliRunner().invoke(
        app, ["run", *options, "--output", str(root), "--quiet", "--no-report"]
    )
    assert done.exit_code == 0, done.output
    return root


def check(rows: Any, run: Path) -> None:
    """Every field of every sample is there, and what a sample lacks is None."""
    samples = list(iterate_samples(RunLayout(run)))
    names = {name for sample in samples for name in sample.fields}
    assert len({frozenset(sample.fields) for sample in samples}) > 1, "the sets must be ragged"
    seen = 0
    for row, sample in zip(rows, samples, strict=True):
        assert set(row) == {*names, "__key__", "__url__"}
        assert {name for name in names if row[name] is not None} == set(sample.fields)
        assert row["__key__"].endswith(sample.key)
        assert row["txt"] == sample.document.caption
        assert row["json"]["schema_version"] == SCHEMA_VERSION
        assert [edit["pair_text"] for edit in row["json"]["minimal"]] == [
            edit.pair_text for edit in sample.document.minimal
        ]
        pictures = [name for name in sample.fields if name.endswith("jpg")]
        seen += len(pictures)
        assert all(row[name].size == (64, 64) for name in pictures)
    assert bool(seen) == (run.name == "pictures")


@pytest.mark.parametrize("streaming", [False, True])
def test_the_run_directory_loads(run: Path, tmp_path: Path, streaming: bool) -> None:
    loaded = datasets.load_dataset(str(run), streaming=streaming, cache_dir=str(tmp_path))
    check(loaded["train"], run)


def lines_of(page: Path) -> str:
    """The lines of a page that read with `datasets`; exactly one block does."""
    blocks = re.findall(r"```py\n(.*?)```", page.read_text("utf-8"), flags=re.DOTALL)
    (found,) = [block for block in blocks if "features=types" in block]
    return found


@pytest.mark.parametrize("where", ["card", "documentation"])
def test_a_stranger_reads_by_the_lines_that_are_written_down(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    docs = Path(__file__).resolve().parents[3] / "docs" / "training.md"
    page = run / "README.md" if where == "card" else docs
    named = '"path/to/this/folder"' if where == "card" else '"outputs/cc3m"'
    lines = lines_of(page)
    assert lines.count(named) == 1
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path)
    names: dict[str, Any] = {}
    exec(lines.replace(named, repr(str(run))), names)  # noqa: S102
    check(names["rows"]["train"], run)


@pytest.mark.parametrize("streaming", [False, True])
def test_its_tars_load_with_the_types_of_the_card(
    run: Path, tmp_path: Path, streaming: bool
) -> None:
    builder = datasets.load_dataset_builder(str(run), cache_dir=str(tmp_path))
    tars = [str(run / name) for name in (run / "shards.txt").read_text().split()]
    assert len(tars) == 2
    loaded = datasets.load_dataset(
        "webdataset", data_files=tars, features=builder.info.features, streaming=streaming,
        cache_dir=str(tmp_path),
    )  # fmt: skip
    check(loaded["train"], run)
