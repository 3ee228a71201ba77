"""One picture of a run drawn again: the same bytes on the CPU, or a message that says why not."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.config.images import ImagesConfig
from pipeline.config.loading import build_config
from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError, ShardCorruptError
from pipeline.core.progress import Silent
from pipeline.runs.run import run_config
from pipeline.shards.candidates import read_candidates
from pipeline.shards.layout import RunLayout
from pipeline.shards.reader import StoredSample, iterate_samples
from pipeline.shards.verify import verify_run
from pipeline.tools.replay import Replay, replay

pytestmark = pytest.mark.integration


def config_of(folder: Path, images: ImagesConfig, **changes: object) -> RunConfig:
    drawing = {**images.model_dump(exclude_unset=True), "steps": 2, "batch_size": 5, **changes}
    return build_config(
        {
            "output": str(folder),
            "source": {"limit": 40, "shard_size": 20},
            "checks": {"wordnet": "off"},
            "images": drawing,
        }
    )


@pytest.fixture(scope="module")
def finished(
    tmp_path_factory: pytest.TempPathFactory, tiny_config: Callable[..., ImagesConfig]
) -> Path:
    folder = tmp_path_factory.mktemp("replay") / "run"
    run_config(config_of(folder, tiny_config(), blend=0.4), {}, Silent())
    return folder


@pytest.fixture
def copied(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "run"))


def samples(run: Path) -> list[StoredSample]:
    return list(iterate_samples(RunLayout(run)))


def again(run: Path, key: str, name: str, batch_size: int | None = None) -> Replay:
    return replay(run, key, name, {}, device="cpu", batch_size=batch_size)


def test_every_picture_of_some_sets_comes_again_with_the_same_bytes(finished: Path) -> None:
    stored = samples(finished)
    assert len(RunLayout(finished).tars()) == 2
    chosen = [stored[0], stored[len(stored) // 2], stored[-1]]
    strategies = set()
    for sample in chosen:
        for variant, entry in sample.document.images.items():
            found = again(finished, sample.key, entry.file)
            assert found.is_same, (sample.key, variant)
            assert found.stored == sample.fields[entry.file]
            assert found.largest_difference == 0
            strategies.add(found.draw.strategy)
    # Of forty captions hardly any is the complete counterfactual of another, drawn independently.
    assert strategies >= {"same_noise", "prompt_to_prompt"}


def test_another_batch_differs_by_float_error_at_most(finished: Path) -> None:
    sample = samples(finished)[0]
    found = again(finished, sample.key, "min0", batch_size=2)
    assert found.largest_difference <= 8  # a JPEG spreads a single rounding over its block
    assert found.changed_pixels < 0.2


def test_the_command_prints_both_hashes_and_writes_the_picture(
    finished: Path, tmp_path: Path
) -> None:
    sample = samples(finished)[0]
    target = tmp_path / "again.jpg"
    arguments = ["replay", str(finished), sample.key, "min0.jpg", "--output", str(target)]
    result = CliRunner().invoke(app, [*arguments, "--device", "cpu"])
    assert result.exit_code == 0, result.output
    assert "same bytes" in result.output
    assert target.read_bytes() == sample.fields["min0.jpg"]
    hashes = [line.split()[-1] for line in result.output.splitlines() if "sha256" in line]
    assert len(hashes) == 2
    assert hashes[0] == hashes[1]


def test_a_changed_picture_is_called_different(copied: Path) -> None:
    sample = samples(copied)[0]
    tar = sample.path
    data = bytearray(tar.read_bytes())
    place = data.index(sample.fields["min0.jpg"]) + len(sample.fields["min0.jpg"]) - 40
    data[place] ^= 0x01
    tar.write_bytes(data)
    result = CliRunner().invoke(
        app, ["replay", str(copied), sample.key, "min0.jpg", "--device", "cpu"]
    )
    assert result.exit_code == 1
    assert "different: " in result.output


def test_what_is_missing_is_named(finished: Path, tmp_path: Path) -> None:
    key = samples(finished)[0].key
    with pytest.raises(ConfigError, match="is no run directory: it has no run.json"):
        again(tmp_path, key, "min0.jpg")
    with pytest.raises(ConfigError, match="holds the key 'nokey'"):
        again(finished, "nokey", "min0.jpg")
    with pytest.raises(ConfigError, match=r"has no picture 'min9.jpg'; it has .*jpg, min0.jpg"):
        again(finished, key, "min9.jpg")


def test_another_model_is_refused_by_name(copied: Path, tiny_folder: Path, tmp_path: Path) -> None:
    key = samples(copied)[0].key
    record = json.loads((copied / "run.json").read_text("utf-8"))
    changed = Path(shutil.copytree(tiny_folder, tmp_path / "model"))
    settings = changed / "scheduler" / "scheduler_config.json"
    settings.write_text(settings.read_text("utf-8").replace("0.012", "0.011"), "utf-8")
    record["config"]["images.model"] = str(changed)
    (copied / "run.json").write_text(json.dumps(record), "utf-8")
    with pytest.raises(ConfigError, match="these differ: weights"):
        again(copied, key, "min0")


def test_files_of_two_runs_are_refused(copied: Path) -> None:
    key = samples(copied)[0].key
    record = json.loads((copied / "run.json").read_text("utf-8"))
    record["config"]["images.blend"] = 0.5
    (copied / "run.json").write_text(json.dumps(record), "utf-8")
    with pytest.raises(ShardCorruptError, match="not of one run"):
        again(copied, key, "min0")
    (copied / "captions" / "000000.jsonl").unlink()
    with pytest.raises(ConfigError, match=r"000000.jsonl is missing"):
        again(copied, key, "min0")


def test_candidates_are_kept_byte_for_byte_and_the_run_is_sound(
    tmp_path: Path, tiny_config: Callable[..., ImagesConfig]
) -> None:
    several = {"candidates": 3, "candidate_seeds": 2, "keep_candidates": True}
    roots = [tmp_path / "one", tmp_path / "two"]
    for root in roots:
        config = config_of(root, tiny_config(), **several)
        source = config.source.model_copy(update={"limit": 8})
        run_config(config.model_copy(update={"source": source}), {}, Silent())
    layouts = [RunLayout(root) for root in roots]
    assert verify_run(layouts[0]) == []
    for path in (layouts[0].candidates(0), layouts[0].tar(0)):
        assert path.read_bytes() == (roots[1] / path.relative_to(roots[0])).read_bytes()
    stored = list(read_candidates(layouts[0].candidates(0)))
    for candidates, sample in zip(stored, samples(roots[0]), strict=True):
        counts = Counter(entry.variant for entry in candidates.document.candidates)
        assert counts.pop("control") == 2
        entries = (*sample.document.minimal, *sample.document.full)
        assert set(counts) == {entry.variant for entry in entries if entry.visible}
        assert set(counts.values()) <= {3}
        pictures = list(candidates.pictures.values())
        assert len(set(pictures)) == len(pictures)
    assert any(len(candidates.document.candidates) > 2 for candidates in stored)
    key = stored[0].document.key
    for name in ("min0", "min0.c1", "control.c1.jpg", "full0.c2.jpg"):
        if name.split(".")[0] in {entry.variant for entry in stored[0].document.candidates}:
            assert again(roots[0], key, name).is_same, name
