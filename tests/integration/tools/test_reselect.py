"""Choosing again: same bytes for the same bands, nothing drawn or scored, more for wider ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.config.loading import build_config
from pipeline.core.errors import ConfigError
from pipeline.core.progress import Silent
from pipeline.runs.run import run_config
from pipeline.shards.layout import RunLayout
from pipeline.shards.reader import iterate_samples
from pipeline.shards.sidecar import read_sidecar
from pipeline.shards.verify import verify_run
from pipeline.tools.reselect import refilter

pytestmark = pytest.mark.integration

LOOSE = {"default": {"margin": [-0.2, None]}}
STRICT = {"default": {"margin": [0.15, None]}, "control": {"image_text": [0.3, None]}}


def settings(output: Path, **selection: Any) -> dict[str, Any]:
    return {
        "output": str(output),
        "source": {"kind": "tabular", "input": "sample:world", "limit": 10, "shard_size": 6},
        "edits": {"vocabulary": "builtin:world", "max_minimal": 2},
        "checks": {"wordnet": "off"},
        "images": {
            "renderer": "sdxl", "model": "builtin:world", "device": "cpu", "width_px": 128,
            "height_px": 128, "steps": 6, "guidance_scale": 2.0, "batch_size": 16,
            "candidates": 2, "keep_candidates": True,
        },
        "scores": {"clip": "builtin:world", "device": "cpu"},
        "selection": selection,
    }  # fmt: skip


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("refilter") / "run"
    run_config(build_config(settings(folder)), {}, Silent())
    return folder


def contents(run: Path) -> dict[str, bytes]:
    files = (path for path in run.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in files}


def pictures(run: Path) -> dict[tuple[str, str], bytes]:
    """Every drawn picture by key and variant."""
    found = {}
    for sample in iterate_samples(RunLayout(run)):
        for variant in sample.document.images:
            data = sample.image(variant)
            assert data is not None
            found[sample.key, variant] = data
    return found


def kept_of(run: Path) -> set[tuple[str, str]]:
    return set(pictures(run))


def test_the_run_measured_every_picture(finished: Path) -> None:
    layout = RunLayout(finished)
    assert verify_run(layout) == []
    rows = [row for row in read_sidecar(layout.sidecar(0)) if row.item == "image"]
    assert rows
    for row in rows:
        assert "image_text" in row.scores
        assert ("margin" in row.scores) == (row.variant != "control")
    columns = set(pq.read_schema(layout.sidecar(0)).names)
    assert {"score_margin", "score_change"} <= columns
    assert "score_nsfw" not in columns


def test_the_same_bands_give_the_same_bytes(finished: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        refilter(finished, tmp_path / name, {"bands": STRICT})
        assert verify_run(RunLayout(tmp_path / name)) == []
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    # A finished one is left alone.
    refilter(finished, tmp_path / "one", {"bands": STRICT})
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_wider_bands_keep_a_superset(finished: Path, tmp_path: Path) -> None:
    refilter(finished, tmp_path / "strict", {"bands": STRICT})
    refilter(finished, tmp_path / "loose", {"bands": LOOSE})
    strict, loose = kept_of(tmp_path / "strict"), kept_of(tmp_path / "loose")
    assert strict < loose <= kept_of(finished)
    refused = [
        row
        for sidecar in sorted((tmp_path / "strict" / "shards").glob("*.parquet"))
        for row in read_sidecar(sidecar)
        if row.item == "image" and row.status == "rejected"
    ]
    assert {row.reason for row in refused} <= {"image.margin_low", "image.image_text_low"}
    assert refused
    assert all(row.scores for row in refused)


def test_what_is_chosen_again_is_what_a_run_with_these_bands_makes(
    finished: Path, tmp_path: Path
) -> None:
    run_config(build_config(settings(tmp_path / "run", bands=STRICT)), {}, Silent())
    refilter(finished, tmp_path / "again", {"bands": STRICT})
    assert kept_of(tmp_path / "run") == kept_of(tmp_path / "again")


def test_nothing_is_drawn_or_scored(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    for module, name in (
        ("pipeline.adapters.sdxl.renderer", "open_renderer"),
        ("pipeline.adapters.clip.encoder", "open_joint_encoder"),
        ("pipeline.adapters.llm.opening", "open_chat"),
    ):
        monkeypatch.setattr(f"{module}.{name}", lambda *_, n=name, **__: opened.append(n))
    refilter(finished, tmp_path / "new", {"bands": LOOSE, "rank": "image_text"})
    assert opened == []
    stored = set(pictures(finished).values())
    candidates = (finished / "candidates").glob("*.tar")
    everything = b"".join(path.read_bytes() for path in candidates)
    for data in pictures(tmp_path / "new").values():
        assert data in stored or data in everything


def test_missing_variants_are_marked_and_their_captions_stay(
    finished: Path, tmp_path: Path
) -> None:
    refilter(finished, tmp_path / "strict", {"bands": STRICT})
    marked = 0
    for sample in iterate_samples(RunLayout(tmp_path / "strict")):
        for variant, reason in sample.document.missing.items():
            marked += 1
            assert reason.startswith("image.")
            assert f"{variant}.txt" in sample.fields
            assert f"{variant}.jpg" not in sample.fields
    assert marked


def test_misuse_is_named(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"scores\.nsfw"):
        refilter(finished, tmp_path / "a", {"bands": {"default": {"nsfw": [None, 0.5]}}})
    with pytest.raises(ConfigError, match="new directory"):
        refilter(finished, finished, {"bands": LOOSE})
    with pytest.raises(ConfigError, match=r"nothing does not exist"):
        refilter(tmp_path / "nothing", tmp_path / "b", {"bands": LOOSE})
    refilter(finished, tmp_path / "c", {"bands": LOOSE})
    with pytest.raises(ConfigError, match="made by another run"):
        refilter(finished, tmp_path / "c", {"bands": STRICT})
    assert not (tmp_path / "a").exists()
