"""What surrounds a training: the accelerator, the lock on its folder, the journal."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipeline.adapters.device import has_bf16
from pipeline.core.errors import ConfigError, PermanentError

if TYPE_CHECKING:
    from pipeline.training.sdxl.config import FinetuneConfig


@contextmanager
def open_session(config: FinetuneConfig) -> Iterator[Any]:
    """Open an Accelerator; its process-wide state is gone afterwards, for the next training.

    Raises:
        ConfigError: This machine cannot do what is asked.
    """
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    try:
        accelerator = Accelerator(
            cpu=config.device == "cpu",
            mixed_precision=_precision(config),
            gradient_accumulation_steps=config.train.accumulate,
        )
    except ValueError as error:
        raise ConfigError(
            f"train.mixed_precision or device cannot be used here: {error}"
        ) from error
    try:
        yield accelerator
    finally:
        accelerator.end_training()
        AcceleratorState._reset_state(reset_partial_state=True)


def _precision(config: FinetuneConfig) -> Literal["no", "bf16", "fp16"]:
    import torch

    asked = config.train.mixed_precision
    if asked != "auto":
        return asked
    if config.device == "cpu" or not torch.cuda.is_available():
        return "no"
    return "bf16" if has_bf16(torch.device("cuda")) else "fp16"


@contextmanager
def locked(folder: Path, is_main: bool) -> Iterator[None]:
    """Hold the output folder for this training alone; only the first process locks.

    Raises:
        ConfigError: Another training holds it.
        PermanentError: It cannot be written.
    """
    import filelock

    if not is_main:
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Never removed: deleting a lock file lets two processes hold two of them.
        with filelock.FileLock(folder / ".lock", timeout=0):
            yield
    except filelock.Timeout as error:
        raise ConfigError(
            f"another process is working on {folder}; wait for it, stop it, or choose another "
            "output"
        ) from error
    except OSError as error:
        if error.filename is None:
            raise
        raise PermanentError(f"{error.filename} cannot be written: {error.strerror}") from error


class Journal:
    """A line of JSON for every step; what is after the checkpoint is forgotten on resume."""

    def __init__(self, path: Path, start: int, is_main: bool) -> None:
        self._path = path
        self._is_main = is_main
        if is_main:
            kept = path.read_text("utf-8").splitlines()[:start] if path.exists() else []
            path.write_text("".join(f"{line}\n" for line in kept), "utf-8")

    def add(self, entry: Mapping[str, float]) -> None:
        """Append a line."""
        if self._is_main:
            with self._path.open("a", encoding="utf-8") as file:
                # NaN (a gradient norm that overflowed in fp16) is no JSON.
                finite = {k: v if math.isfinite(v) else None for k, v in entry.items()}
                file.write(json.dumps(finite) + "\n")
