"""Every command reads a run on an S3 server, as it reads the same run on this machine."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import pipeline.stores.asking as asking
from pipeline.cli.app import app, main
from pipeline.config.loading import build_config
from pipeline.core.errors import TransientError
from pipeline.core.progress import Silent
from pipeline.runs.run import run_config
from pipeline.shards.layout import RunLayout
from pipeline.shards.reader import iterate_samples
from pipeline.shards.verify import verify_run
from pipeline.training.sdxl.config import load_finetune_config
from pipeline.training.sdxl.run import _from_shards
from pipeline.training.vlm.loader import CounterfactualDataset
from pipeline.training.vlm.tar_stream import stream_samples
from tests.integration.adapters.sdxl.tiny_sdxl import one_thread
from tests.integration.stores.s3_server import Bucket

pytestmark = pytest.mark.integration

__all__ = ["one_thread"]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two shards with pictures and candidates."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    images = {
        "renderer": "sdxl", "model": "builtin:tiny", "steps": 1, "width_px": 64, "height_px": 64,
        "device": "cpu", "candidates": 2, "keep_candidates": True,
    }  # fmt: skip
    tree = {"output": str(folder), "source": {"limit": 12, "shard_size": 6}, "images": images,
            "checks": {"wordnet": "off"}}  # fmt: skip
    manifest = run_config(build_config(tree), {}, Silent()).manifest
    assert manifest is not None
    assert manifest.counts.images > 4
    return folder


@pytest.fixture
def stored(s3: Bucket, local: Path) -> Bucket:
    """The same run, on the store."""
    s3.hold(local)
    return s3


def said(*words: object) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words])
    if done.exception is not None:
        raise done.exception
    return done.stdout


def test_what_is_printed_of_it_is_the_same(stored: Bucket, local: Path, tmp_path: Path) -> None:
    for command in (
        ("verify", "RUN"),
        ("inspect", "RUN", "--sheet", tmp_path / "sheet.png"),
        ("audit", "RUN", "--quiet", "--lm", "none", "--output", tmp_path / "audit.json"),
        ("report", "RUN", "--output", tmp_path / "page.html"),
    ):
        here, there = (
            said(*(root if word == "RUN" else word for word in command))
            for root in (local, stored.root)
        )
        assert there.replace(str(stored.root), str(local)) == here
    assert "sound" in said("verify", stored.root, "--workers", "2")
    assert not [path for method, path, _ in stored.server.seen if method not in {"GET", "HEAD"}]


def test_what_a_run_leaves_beside_itself_is_on_the_store(stored: Bucket) -> None:
    assert str(stored.root / "report" / "index.html") in said("report", stored.root)
    said("audit", stored.root, "--quiet", "--lm", "none")
    said("inspect", stored.root)
    assert (stored.root / "report" / "index.html").read_bytes().startswith(b"<!doctype")
    assert json.loads(stored.root.with_name("run.audit.json").read_bytes())["sets"] > 0
    assert stored.root.with_name("run.png").read_bytes()[1:4] == b"PNG"


def test_refilter_reads_one_and_writes_another(stored: Bucket, local: Path, tmp_path: Path) -> None:
    again = stored.root.with_name("again")
    said("refilter", stored.root, "--output", again, "--rank", "detail", "--quiet")
    said("refilter", local, "--output", tmp_path / "again", "--rank", "detail", "--quiet")
    assert verify_run(RunLayout(again)) == []
    for name in again.sizes():
        if name.startswith(("shards/", "captions/", "candidates/")):
            assert (again / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_a_picture_is_drawn_again(stored: Bucket, tmp_path: Path) -> None:
    sample = next(s for s in iterate_samples(RunLayout(stored.root)) if s.image("min0"))
    told = said("replay", stored.root, sample.key, "min0", "--output", tmp_path / "again.jpg")
    assert "same bytes" in told
    assert (tmp_path / "again.jpg").read_bytes() == sample.image("min0")


@pytest.mark.parametrize(
    "command",
    [("export", "RUN", "--to", "pairs"), ("benchmark", "make", "RUN", "--split", "all")],
    ids=lambda words: words[0],
)
def test_exports_and_benchmarks_are_the_same(
    stored: Bucket, local: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    made = []
    for root in (local, stored.root):
        said(*(root if word == "RUN" else word for word in command), "--output", tmp_path / "made")
        made.append(
            {
                path.relative_to(tmp_path).as_posix(): path.read_bytes().replace(
                    str(root).encode(), b"RUN"
                )
                for path in (tmp_path / "made").rglob("*")
                if path.is_file()
            }
        )
        shutil.rmtree(tmp_path / "made")
    assert made[0] == made[1]
    assert len(made[0]) > 1
    words = [str(stored.root) if word == "RUN" else word for word in command]
    refused = CliRunner().invoke(app, [*words, "--output", str(stored.root.with_name("made"))])
    assert "name a local folder" in str(refused.exception)


def test_trainings_read_the_same_sets(stored: Bucket, local: Path) -> None:
    keys, examples = [], []
    for root in (local, stored.root):
        dataset = CounterfactualDataset(str(root), transform=lambda image: image, resampled=False)
        keys.append([sample.key for sample in dataset])
        config = load_finetune_config({"data.run": str(root)}, file=None)
        examples.append([(e.caption, e.data) for e in _from_shards(config)])
    assert keys[0] == keys[1] != []
    assert examples[0] == examples[1] != []


@pytest.mark.parametrize("command", ["train-vlm", "finetune"])
def test_trainings_on_a_store_give_the_weights_of_one_here(
    stored: Bucket, local: Path, tmp_path: Path, command: str
) -> None:
    weights = []
    for place, root in (("here", local), ("there", stored.root)):
        words: list[object]
        if command == "train-vlm":
            # Processes that read are forked from one that has asked the store already.
            words = [root, "--model", "builtin:world", "--set", "sets.split=all",
                     "--set", "train.warmup_steps=0", "--set", "sets.workers=2"]  # fmt: skip
            file = "model/model.safetensors"
        else:
            words = ["--run", root, "--model", "builtin:tiny", "--set", "lora.rank=2"]
            words += ["--set", "pictures.width_px=64", "--set", "pictures.height_px=64"]
            file = "pytorch_lora_weights.safetensors"
        words += ["--steps", "2", "--quiet", "--set", "device=cpu", "--set", "train.batch_size=2"]
        words += ["--set", "validation.every=0"]
        said(command, *words, "--output", tmp_path / place)
        weights.append((tmp_path / place / file).read_bytes())
    assert weights[0] == weights[1]
    assert not stored.put()
    out = f"{stored.root.parent}/out"
    refused = CliRunner().invoke(app, [command, *map(str, words), "--output", out])
    assert "written into a local folder, not to s3" in str(refused.exception)


def test_a_store_that_goes_away_while_it_is_read_is_one_line(
    stored: Bucket, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(asking, "FIRST_WAIT_S", 0.001)
    stored.server.close()
    try:
        for words in (("verify", stored.root), ("export", stored.root, "--to", "pairs",
                                                "--output", "never")):  # fmt: skip
            monkeypatch.setattr(sys, "argv", ["counterfactory", *map(str, words)])
            with pytest.raises(SystemExit) as ended:
                main()
            assert ended.value.code == 1
            told = capsys.readouterr().err
            assert told.count("\n") == 1
            assert "run again when the store answers" in told
        with pytest.raises(TransientError):
            list(stream_samples(f"{stored.root}/shards/000000.tar", lambda name: True))
    finally:
        stored.server.open()
