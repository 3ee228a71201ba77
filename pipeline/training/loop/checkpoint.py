"""States to go on from, as safetensors and JSON: whole folders or none.

`checkpoints/step-000500/`:

* `weights.safetensors`: what is trained, float32; `average.safetensors`: its moving average;
* `optimizer.safetensors`: AdamW's moments of each weight, as `<weight>:<moment>`;
* `state.json`: the step, what decides the training, and the gradient scaler.

Nothing is pickled. The folder is written under another name, flushed to the disk and
renamed, so one that has its name is complete.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.ids import JsonValue
from pipeline.shards.atomic import sync_folder

if TYPE_CHECKING:
    import torch

CHECKPOINT_VERSION = 1

_NAME = re.compile(r"step-(\d{6,})")
_PARTIAL = ".partial-"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state of the training.

    Attributes:
        step: Optimiser steps done.
        settings: What decides the training: a resume must have the same.
        weights: Name → what is trained.
        average: Name → its moving average; empty without one.
        average_steps: Steps that the average has taken in.
        moments: `<weight>:<moment>` → AdamW's state.
        scaler: State of the gradient scaler (fp16), else empty.
    """

    step: int
    settings: Mapping[str, JsonValue]
    weights: Mapping[str, torch.Tensor] = field(repr=False)
    average: Mapping[str, torch.Tensor] = field(repr=False)
    average_steps: int
    moments: Mapping[str, torch.Tensor] = field(repr=False)
    scaler: Mapping[str, JsonValue]


def checkpoint_folder(folder: Path, step: int) -> Path:
    """Folder of the checkpoint of a step."""
    return folder / f"step-{step:06d}"


def list_checkpoints(folder: Path) -> list[tuple[int, Path]]:
    """Step and folder of every complete checkpoint, oldest first."""
    found = ((_NAME.fullmatch(path.name), path) for path in folder.glob("step-*"))
    return sorted((int(match[1]), path) for match, path in found if match and path.is_dir())


def write_checkpoint(
    folder: Path, snapshot: Snapshot, *, keep: int, extra: Mapping[str, bytes] | None = None
) -> Path:
    """Write a checkpoint, then remove all but the newest `keep`.

    Killed at any moment, it leaves the former checkpoints as they were.

    Args:
        folder: Of all checkpoints.
        snapshot: The state.
        keep: Checkpoints that stay, this one included.
        extra: File name → content, to lie beside the state.

    Raises:
        PermanentError: The disk is full or refuses.
    """
    target = checkpoint_folder(folder, snapshot.step)
    partial = folder / f"{_PARTIAL}{target.name}"
    state: dict[str, JsonValue] = {
        "version": CHECKPOINT_VERSION,
        "step": snapshot.step,
        "settings": snapshot.settings,
        "average_steps": snapshot.average_steps,
        "scaler": snapshot.scaler,
    }
    parts = {
        "weights.safetensors": snapshot.weights,
        "average.safetensors": snapshot.average,
        "optimizer.safetensors": snapshot.moments,
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remove_leftovers(folder)
        partial.mkdir()
        for name, tensors in parts.items():
            if tensors:
                _write_tensors(partial / name, tensors)
        for name, content in (extra or {}).items():
            _write_bytes(partial / name, content)
        text = json.dumps(state, indent=2, sort_keys=True, allow_nan=False)
        _write_bytes(partial / "state.json", text.encode() + b"\n")
        sync_folder(partial)
        _put_in_place(partial, target)
    except OSError as error:
        advice = "free some space" if error.errno == errno.ENOSPC else "make it writable"
        raise PermanentError(
            f"cannot write the checkpoint {target}: {error.strerror}; {advice}, then run again: "
            "the training goes on from the checkpoint before"
        ) from error
    for _, path in list_checkpoints(folder)[:-keep]:
        _remove(path)
    return target


def remove_leftovers(folder: Path) -> None:
    """Remove what a killed process has left."""
    for path in folder.glob(f"{_PARTIAL}*"):
        shutil.rmtree(path)


def read_newest(folder: Path) -> Snapshot | None:
    """The newest checkpoint, on the CPU; None where there is none.

    Raises:
        PermanentError: It cannot be read.
        ConfigError: A newer version wrote it.
    """
    found = list_checkpoints(folder)
    return _read(found[-1][1]) if found else None


def refuse_other_settings(snapshot: Snapshot, settings: Mapping[str, JsonValue]) -> None:
    """Refuse to go on with other settings than those of the checkpoint.

    Raises:
        ConfigError: Names every key that differs, with both values.
    """
    names = sorted({*snapshot.settings, *settings})
    differing = [
        f"  {name}: {json.dumps(snapshot.settings.get(name))} in the checkpoint, "
        f"{json.dumps(settings.get(name))} now"
        for name in names
        if snapshot.settings.get(name) != settings.get(name)
    ]
    if differing:
        raise ConfigError(
            f"the checkpoint of step {snapshot.step} was trained otherwise; choose another "
            "output, or the same settings:\n" + "\n".join(differing)
        )


def _read(path: Path) -> Snapshot:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    def tensors(name: str) -> dict[str, torch.Tensor]:
        file = path / f"{name}.safetensors"
        return load_file(file) if file.exists() else {}

    try:
        state: dict[str, Any] = json.loads((path / "state.json").read_text("utf-8"))
        if state["version"] > CHECKPOINT_VERSION:
            raise ConfigError(f"{path} was written by a newer version of this program; update it")
        return Snapshot(
            step=state["step"],
            settings=state["settings"],
            weights=load_file(path / "weights.safetensors"),
            average=tensors("average"),
            average_steps=state["average_steps"],
            moments=tensors("optimizer"),
            scaler=state["scaler"],
        )
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise PermanentError(
            f"the checkpoint {path} cannot be read ({error}); delete it, and the training goes on "
            "from the one before"
        ) from error


def _write_tensors(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    from safetensors.torch import save_file

    on_cpu = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    save_file(on_cpu, path)
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _write_bytes(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _put_in_place(partial: Path, target: Path) -> None:
    """Give a finished folder its name; a folder of that name, made anew, gives way to it."""
    if target.exists():
        _remove(target)
    partial.rename(target)
    sync_folder(target.parent)


def _remove(path: Path) -> None:
    """Remove a checkpoint so that a part of it is never taken for one."""
    removed = path.with_name(f"{_PARTIAL}{path.name}.old")
    path.rename(removed)
    shutil.rmtree(removed)
