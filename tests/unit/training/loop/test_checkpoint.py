"""A checkpoint is there as a whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from pipeline.core.errors import ConfigError, PermanentError
from pipeline.training.loop import checkpoint as module
from pipeline.training.loop.checkpoint import (
    Snapshot,
    list_checkpoints,
    read_newest,
    refuse_other_settings,
    write_checkpoint,
)


class KilledError(BaseException):
    """Stands for the end of the process: nothing may run after it."""


def snapshot(step: int) -> Snapshot:
    weights = {"a": torch.full((3, 2), float(step)), "b": torch.tensor([step / 3])}
    return Snapshot(
        step=step,
        settings={"train.learning_rate": 1e-4, "seed": 0},
        weights=weights,
        average={name: 2 * tensor for name, tensor in weights.items()},
        average_steps=step,
        moments={"a:step": torch.tensor(float(step)), "a:exp_avg": torch.ones(3, 2)},
        scaler={"scale": 65536.0},
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_checkpoint(tmp_path, snapshot(7), keep=2, extra={"note.txt": b"here"})
    read = read_newest(tmp_path)
    assert read is not None
    assert (read.step, read.average_steps, read.scaler) == (7, 7, {"scale": 65536.0})
    for part in ("weights", "average", "moments"):
        written, stored = getattr(snapshot(7), part), getattr(read, part)
        assert written.keys() == stored.keys()
        assert all(torch.equal(tensor, stored[name]) for name, tensor in written.items())
    assert (tmp_path / "step-000007" / "note.txt").read_bytes() == b"here"
    suffixes = {path.suffix for path in (tmp_path / "step-000007").iterdir()}
    assert suffixes == {".safetensors", ".json", ".txt"}, "nothing is pickled"


def test_the_newest_are_kept_by_number(tmp_path: Path) -> None:
    for step in (999_999, 1_000_000, 1_000_001):
        write_checkpoint(tmp_path, snapshot(step), keep=2)
    assert [step for step, _ in list_checkpoints(tmp_path)] == [1_000_000, 1_000_001]


POINTS = ["mkdir", "_write_tensors", "_write_bytes", "sync_folder", "rename"]


@pytest.mark.parametrize("again", [False, True], ids=["next", "same"])
@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere_the_former_one_is_usable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str, again: bool
) -> None:
    """Killed before and after each thing that writing does to the disk."""
    write_checkpoint(tmp_path, snapshot(1), keep=1)
    write_checkpoint(tmp_path, snapshot(2), keep=2)
    owner, step = (Path if hasattr(Path, point) else module), 2 if again else 3
    real = getattr(owner, point)
    for late in (False, True):
        for number in range(1, 8):
            with monkeypatch.context() as patch:
                patch.setattr(owner, point, _kill_at(number, real, late=late))
                try:
                    write_checkpoint(tmp_path, snapshot(step), keep=3)
                except KilledError:
                    left = read_newest(tmp_path)
                    assert left is not None
                    assert left.step in ({1, 2} if again else {2, 3})
                    assert torch.equal(left.weights["a"], snapshot(left.step).weights["a"])
                else:
                    break
        else:
            pytest.fail("writing never came to its end")
    after = read_newest(tmp_path)
    assert after is not None
    assert after.step == step
    assert list(tmp_path.glob(".partial-*")) == []


def _kill_at(number: int, real: Callable[..., object], *, late: bool) -> Callable[..., object]:
    calls = 0

    def killing(*args: object, **keywords: object) -> object:
        nonlocal calls
        calls += 1
        if calls == number and not late:
            raise KilledError
        result = real(*args, **keywords)
        if calls == number:
            raise KilledError
        return result

    return killing


def test_other_settings_are_refused_by_name() -> None:
    with pytest.raises(ConfigError) as caught:
        refuse_other_settings(snapshot(5), {"train.learning_rate": 2e-4, "seed": 0, "rank": 4})
    text = str(caught.value)
    assert "train.learning_rate: 0.0001 in the checkpoint, 0.0002 now" in text
    assert "rank: null in the checkpoint, 4 now" in text
    assert "seed" not in text


def test_a_damaged_checkpoint_is_named_with_the_remedy(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path, snapshot(3), keep=1)
    (folder / "weights.safetensors").write_bytes(b"short")
    with pytest.raises(PermanentError, match="step-000003 cannot be read.*delete it"):
        read_newest(tmp_path)


def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path, snapshot(3), keep=1)
    state = folder / "state.json"
    state.write_text(state.read_text("utf-8").replace('"version": 1', '"version": 2'), "utf-8")
    with pytest.raises(ConfigError, match="newer version"):
        read_newest(tmp_path)
