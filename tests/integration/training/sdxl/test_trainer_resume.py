"""Stopped, killed or left alone: the same weights, to the bit."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from pipeline.core.errors import ConfigError
from pipeline.core.progress import Silent, Step, Stopped
from pipeline.training.loop.checkpoint import list_checkpoints
from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.sdxl.run import run_finetuning
from tests.integration.training.sdxl.conftest import MakeConfig

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[3]

# Everything that draws on chance or has a state is on.
FULL_OF_STATE = {
    "train__steps": 6,
    "train__accumulate": 2,
    "train__schedule": "cosine",
    "train__warmup_steps": 2,
    "train__offset_noise": 0.1,
    "train__caption_dropout": 0.5,
    "train__ema_decay": 0.9,
    "pictures__crop": "random",
    "pictures__crops": 2,
    "checkpoints__every": 2,
}


class StopsAfter(Silent):
    """Asks to stop once so many steps are done."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def advance(self, step: Step, amount: int, /) -> None:
        if step is Step.TRAINED:
            self._left -= amount
        self.stopping = self._left <= 0


@pytest.fixture
def undisturbed(make_config: MakeConfig, tmp_path: Path) -> FinetuneConfig:
    config = make_config(**FULL_OF_STATE, output=str(tmp_path / "undisturbed"))
    outcome = run_finetuning(config)
    assert (outcome.resumed_from, outcome.steps) == (0, 6)
    return config


def weights_of(config: FinetuneConfig) -> bytes:
    return (config.folder / "pytorch_lora_weights.safetensors").read_bytes()


def test_a_stopped_training_goes_on_to_the_same_weights(
    make_config: MakeConfig, undisturbed: FinetuneConfig
) -> None:
    config = make_config(**FULL_OF_STATE)
    with pytest.raises(Stopped, match="stopped after step 4"):
        run_finetuning(config, observer=StopsAfter(3))
    assert not (config.folder / "pytorch_lora_weights.safetensors").exists()
    outcome = run_finetuning(config)
    assert outcome.resumed_from == 4
    assert outcome.cache.pictures_encoded == outcome.cache.texts_encoded == 0
    assert weights_of(config) == weights_of(undisturbed)
    for name in ("weights", "average", "optimizer"):
        one, other = (
            load_file(c.folder / "checkpoints" / "step-000006" / f"{name}.safetensors")
            for c in (config, undisturbed)
        )
        assert one.keys() == other.keys()
        assert all(torch.equal(tensor, other[key]) for key, tensor in one.items())
    journals = [(c.folder / "losses.jsonl").read_bytes() for c in (config, undisturbed)]
    assert journals[0] == journals[1]

    # And once more: there is nothing left to do.
    again = run_finetuning(config)
    assert (again.resumed_from, again.losses) == (6, ())
    assert weights_of(config) == weights_of(undisturbed)


KILLED_WHILE_WRITING = """
import os, signal, sys
from pipeline.training.sdxl.run import run_finetuning
from pipeline.training.loop import checkpoint
from pipeline.training.sdxl.config import FinetuneConfig

real, calls = checkpoint._write_tensors, 0

def half(path, tensors):
    global calls
    calls += 1
    real(path, tensors)
    if calls == 5:  # the second file of the second checkpoint
        with path.open("rb+") as file:
            file.truncate(path.stat().st_size // 2)
        os.kill(os.getpid(), signal.SIGKILL)

checkpoint._write_tensors = half
run_finetuning(FinetuneConfig.model_validate_json(sys.argv[1]))
"""


def test_killed_within_a_checkpoint_it_goes_on_from_the_one_before(
    make_config: MakeConfig, undisturbed: FinetuneConfig
) -> None:
    config = make_config(**FULL_OF_STATE)
    command = [sys.executable, "-c", KILLED_WHILE_WRITING, config.model_dump_json()]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=300)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    folder = config.folder / "checkpoints"
    assert [step for step, _ in list_checkpoints(folder)] == [2]
    assert len(list(folder.glob(".partial-*"))) == 1
    outcome = run_finetuning(config)
    assert outcome.resumed_from == 2
    assert list(folder.glob(".partial-*")) == []
    assert weights_of(config) == weights_of(undisturbed)


def test_other_settings_and_other_data_are_refused_by_name(
    make_config: MakeConfig, table: Path, tmp_path: Path
) -> None:
    config = make_config(train__steps=1)
    run_finetuning(config)
    with pytest.raises(ConfigError) as caught:
        run_finetuning(make_config(train__steps=2, train__learning_rate=1e-4, lora__rank=4))
    text = str(caught.value)
    assert "lora.rank: 16 in the checkpoint, 4 now" in text
    assert "train.learning_rate: 0.005 in the checkpoint, 0.0001 now" in text
    assert "train.steps" not in text, "at a constant rate more steps are the same training"
    with pytest.raises(ConfigError, match="the data"):
        run_finetuning(make_config(train__steps=2, source__limit=3))
    # More steps, another cache folder and another number of kept checkpoints are fine.
    more = make_config(train__steps=2, checkpoints__keep=5, data__cache=str(tmp_path / "other"))
    assert run_finetuning(more).resumed_from == 1


def test_two_trainings_do_not_share_a_folder(make_config: MakeConfig) -> None:
    import filelock

    config = make_config()
    config.folder.mkdir(parents=True)
    with (
        filelock.FileLock(config.folder / ".lock"),
        pytest.raises(ConfigError, match="another process is working on"),
    ):
        run_finetuning(config)


def test_two_processes_learn_what_one_does(make_config: MakeConfig, tmp_path: Path) -> None:
    """Two processes with half the batch each: the same steps but for rounding.

    Started by torchrun, which `accelerate launch` starts for several GPUs too; on CPUs
    accelerate itself would want MPI.
    """
    changes = {"train__steps": 3, "train__accumulate": 2, "train__learning_rate": 1e-3}
    alone = make_config(**changes, output=str(tmp_path / "alone"))
    run_finetuning(alone)
    both = make_config(
        **changes,
        train__batch_size=1,
        output=str(tmp_path / "both"),
        data__cache=str(tmp_path / "own"),
    )
    program = tmp_path / "program.py"
    program.write_text(ONE_OF_TWO, "utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    launched = subprocess.Popen(
        [*command, "--nproc_per_node", "2", str(program), both.model_dump_json()],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        said, _ = launched.communicate(timeout=400)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(launched.pid, signal.SIGKILL)
    assert launched.returncode == 0, said.decode()[-3000:]
    state = both.folder / "checkpoints" / "step-000003" / "state.json"
    assert json.loads(state.read_text("utf-8"))["settings"]["processes"] == 2
    one, two = (
        [json.loads(line) for line in (c.folder / "losses.jsonl").read_text("utf-8").splitlines()]
        for c in (alone, both)
    )
    for step, other in zip(one, two, strict=True):
        assert other["loss"] == pytest.approx(step["loss"], rel=1e-3)
        assert other["gradient_norm"] == pytest.approx(step["gradient_norm"], rel=1e-2)
    tensors = [load_file(c.folder / "pytorch_lora_weights.safetensors") for c in (alone, both)]
    flat = [torch.cat([part[name].flatten() for name in sorted(part)]) for part in tensors]
    assert float((flat[0] - flat[1]).norm() / flat[0].norm()) < 1e-2
    # Each process encoded its share: all of it is there, once.
    assert len(list((tmp_path / "own" / "latents").rglob("*.safetensors"))) == 4


ONE_OF_TWO = """
import sys

import torch

from pipeline.training.sdxl.run import run_finetuning
from pipeline.training.sdxl.config import FinetuneConfig

torch.set_num_threads(1)
run_finetuning(FinetuneConfig.model_validate_json(sys.argv[1]))
"""
