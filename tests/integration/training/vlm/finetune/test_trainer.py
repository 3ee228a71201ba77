"""Tiny models learn on real shards: resumed exactly, best kept, written for plain loading."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoProcessor, AutoTokenizer

from pipeline.core.errors import ConfigError
from pipeline.core.progress import Silent, Step, Stopped
from pipeline.training.vlm.finetune.config import VlmConfig, load_vlm_config
from pipeline.training.vlm.finetune.outcome import VlmOutcome
from pipeline.training.vlm.finetune.trainer import train_vlm
from tests.integration.adapters.clip.clip_folders import build_clip_folder, build_siglip_folder

pytestmark = pytest.mark.integration

STEPS = 6


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("models")
    build_clip_folder(root / "clip")
    build_siglip_folder(root / "siglip")
    return root


def config(run: Path, model: Path | str, output: Path, **changes: Any) -> VlmConfig:
    plain = {
        "run": str(run), "model": str(model), "output": str(output), "device": "cpu",
        "train.steps": STEPS, "train.batch_size": 4, "train.warmup_steps": 2,
        "train.learning_rate": 1e-3, "sets.split": "all", "sets.shuffle_buffer": 8,
        "checkpoints.every": 2, "checkpoints.keep": 9, "validation.every": 3,
        "validation.split": "train",
    }  # fmt: skip
    return load_vlm_config(plain | changes)


def weights(outcome: VlmOutcome) -> dict[str, torch.Tensor]:
    return load_file(outcome.model / "model.safetensors")


class StopAfter(Silent):
    """Asks to stop once so many steps are done."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def advance(self, step: Step, amount: int, /) -> None:
        if step is Step.TRAINED:
            self._left -= amount

    @property
    def stopping(self) -> bool:  # type: ignore[override]
        return self._left <= 0


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"method": "lora", "lora.rank": 2},
        {"objective": "neg_clip", "sets.workers": 2, "train.accumulate": 2},
    ],
    ids=["full", "lora", "workers"],
)
def test_stopped_and_resumed_it_comes_to_the_same_weights(
    run: Path, models: Path, tmp_path: Path, changes: dict[str, Any]
) -> None:
    whole = train_vlm(config(run, models / "clip", tmp_path / "a", **changes))
    parts = config(run, models / "clip", tmp_path / "b", **changes)
    with pytest.raises(Stopped, match="after step 2"):
        train_vlm(parts, observer=StopAfter(1))
    with pytest.raises(Stopped, match="after step 5"):
        train_vlm(parts, observer=StopAfter(4))
    resumed = train_vlm(parts)
    assert (resumed.resumed_from, resumed.steps) == (5, STEPS)
    expected, found = weights(whole), weights(resumed)
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert whole.validations == resumed.validations
    assert [v.step for v in whole.validations] == [0, 3, 6]
    assert (tmp_path / "a/losses.jsonl").read_text() == (tmp_path / "b/losses.jsonl").read_text()


KILLED = """
import os, signal, sys
from pipeline.training.vlm.finetune import trainer
from pipeline.training.vlm.finetune.config import load_vlm_config
import json
config = load_vlm_config(json.loads(sys.argv[1]))
writes = 0
write = trainer.write_checkpoint
def dying(*args, **more):
    global writes
    writes += 1
    if writes == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return write(*args, **more)
trainer.write_checkpoint = dying
trainer.train_vlm(config)
"""


def test_killed_between_the_best_and_its_checkpoint_it_comes_to_the_same(
    run: Path, models: Path, tmp_path: Path
) -> None:
    changes = {"checkpoints.every": 1, "validation.every": 2}
    whole = train_vlm(config(run, models / "clip", tmp_path / "a", **changes))
    parts = config(run, models / "clip", tmp_path / "b", **changes)
    dead = subprocess.run(
        [sys.executable, "-c", KILLED, json.dumps(_flat(parts))],
        env={**os.environ, "PYTHONPATH": "."},
        check=False,
        capture_output=True,
        text=True,
    )
    assert dead.returncode == -signal.SIGKILL, dead.stderr[-2000:]
    left = [path.name for path in sorted((tmp_path / "b" / "checkpoints").glob("step-*"))]
    assert left == ["step-000001"]
    resumed = train_vlm(parts)
    assert resumed.resumed_from == 1
    assert weights(whole).keys() == weights(resumed).keys()
    assert all(torch.equal(weights(whole)[name], w) for name, w in weights(resumed).items())
    assert whole.validations == resumed.validations


def _flat(config: VlmConfig) -> dict[str, Any]:
    from pipeline.config.base import flatten

    return flatten(config.model_dump(mode="json"))


def test_a_training_killed_at_any_time_goes_on(run: Path, models: Path, tmp_path: Path) -> None:
    whole = train_vlm(config(run, models / "clip", tmp_path / "a", **{"checkpoints.every": 1}))
    parts = config(run, models / "clip", tmp_path / "b", **{"checkpoints.every": 1})
    program = (
        "import json, sys; from pipeline.training.vlm.finetune.config import load_vlm_config; "
        "from pipeline.training.vlm.finetune.trainer import train_vlm; "
        "train_vlm(load_vlm_config(json.loads(sys.argv[1])))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, json.dumps(_flat(parts))],
        env={**os.environ, "PYTHONPATH": "."},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and not list((tmp_path / "b/checkpoints").glob("step-*")):
        time.sleep(0.01)
    process.kill()
    process.wait()
    resumed = train_vlm(parts)
    assert resumed.resumed_from >= 1
    assert all(torch.equal(weights(whole)[name], w) for name, w in weights(resumed).items())


@pytest.mark.parametrize("name", ["clip", "siglip"])
@pytest.mark.parametrize("method", ["full", "lora"])
def test_what_it_writes_loads_plainly_and_is_what_was_trained(
    run: Path, models: Path, tmp_path: Path, name: str, method: str
) -> None:
    objective = "siglip" if name == "siglip" else "cf_vlm"
    done = train_vlm(
        config(run, models / name, tmp_path / "out", method=method, objective=objective,
               **{"train.gradient_checkpointing": True, "validation.every": 0})
    )  # fmt: skip
    assert done.best_step == STEPS
    assert done.validations == ()
    model = AutoModel.from_pretrained(done.model)
    tokenizer = AutoTokenizer.from_pretrained(done.model)
    AutoProcessor.from_pretrained(done.model, backend="pil")
    before = load_file(models / name / "model.safetensors")
    after = weights(done)
    assert before.keys() == after.keys(), "no name of LoRA is left"
    changed = [key for key in before if not torch.equal(before[key], after[key])]
    assert len(changed) > 3
    if method == "lora":
        assert all("self_attn" in key for key in changed)
    tokens = tokenizer(["a red dog"], return_tensors="pt", padding=True)
    assert torch.isfinite(
        model.get_text_features(input_ids=tokens["input_ids"]).pooler_output
    ).all()
    from PIL import Image

    with Image.open(done.curves) as picture:
        assert picture.size == (900, 600)
        assert np.asarray(picture.convert("L")).min() < 128


def test_the_best_weights_are_those_of_the_best_validation(
    run: Path, models: Path, tmp_path: Path
) -> None:
    """At a rate that destroys the model, the weights from before are written."""
    wild = config(
        run, models / "clip", tmp_path / "out",
        **{"train.learning_rate": 3.0, "train.max_grad_norm": 1e9, "validation.every": 2},
    )  # fmt: skip
    done = train_vlm(wild)
    ranks = {found.step: found.rank for found in done.validations}
    assert done.best_step == max(ranks, key=lambda step: (ranks[step], -step))
    assert math.isfinite(done.losses[-1])
    if done.best_step == 0:
        before = load_file(models / "clip" / "model.safetensors")
        assert all(torch.equal(before[name], w) for name, w in weights(done).items())


def test_it_learns_what_the_sets_say(run: Path, tmp_path: Path) -> None:
    changes = {"train.steps": 20, "train.batch_size": 8, "train.learning_rate": 3e-4,
               "validation.every": 10}  # fmt: skip
    done = train_vlm(config(run, "builtin:world", tmp_path / "out", **changes))
    assert sum(done.losses[-3:]) < 0.9 * sum(done.losses[:3])
    assert done.validations[-1].loss < 0.9 * done.validations[0].loss


def test_held_out_anchors_are_not_learned_from(
    run: Path, models: Path, tmp_path: Path, write_run: Callable[..., Path]
) -> None:
    many = write_run((60,))
    done = train_vlm(
        config(many, models / "clip", tmp_path / "out",
               **{"sets.split": "train", "validation.split": "test", "train.steps": 3,
                  "train.warmup_steps": 1})
    )  # fmt: skip
    counted = done.validations[0].counted
    assert 0 < sum(counted.values()) < 30, "a few of 60 anchors are of the test split"


def test_another_setting_is_refused_by_name(run: Path, models: Path, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        train_vlm(config(run, models / "clip", tmp_path), observer=StopAfter(1))
    with pytest.raises(ConfigError, match=r"objective: \"triplet_clip\" in the checkpoint"):
        train_vlm(config(run, models / "clip", tmp_path, objective="contrastive"))


def test_what_cannot_be_is_said_at_once(
    run: Path, text_run: Path, models: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="10 sets without a picture: a vision-language model"):
        train_vlm(config(text_run, models / "clip", tmp_path))
    with pytest.raises(ConfigError, match="siglip needs a model with a bias"):
        train_vlm(config(run, models / "clip", tmp_path, objective="siglip"))
    with pytest.raises(ConfigError, match="triplet_clip has no number 'edit_wieght'; it has none"):
        train_vlm(config(run, models / "clip", tmp_path, **{"weights.edit_wieght": 2.0}))
    with pytest.raises(ConfigError, match="names no layer"):
        train_vlm(
            config(run, models / "clip", tmp_path / "x", method="lora", **{"lora.layers": "none"})
        )
