"""What surrounds a training: the accelerator, and the lock on its folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from pipeline.adapters.device import has_bf16
from pipeline.core.errors import ConfigError, PermanentError

Precision = Literal["no", "bf16", "fp16"]


@contextmanager
def open_session(
    *,
    device: Literal["auto", "cpu"],
    precision: Literal["auto", "no", "bf16", "fp16"],
    accumulate: int,
    may_leave_weights_unused: bool = False,
) -> Iterator[Any]:
    """Open an Accelerator; its process-wide state is gone afterwards, for the next training.

    Args:
        device: `cpu` leaves a GPU alone.
        precision: Of the mixed-precision training; `auto` is bf16 on a GPU that has it, fp16
            on others, and none on the CPU.
        accumulate: Batches added up for one step.
        may_leave_weights_unused: Whether a batch may leave some weights without gradient, which
            several processes must know of.

    Raises:
        ConfigError: This machine cannot do what is asked.
    """
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState
    from accelerate.utils import DistributedDataParallelKwargs

    try:
        accelerator = Accelerator(
            cpu=device == "cpu",
            mixed_precision=_precision(device) if precision == "auto" else precision,
            gradient_accumulation_steps=accumulate,
            kwargs_handlers=[
                DistributedDataParallelKwargs(find_unused_parameters=may_leave_weights_unused)
            ],
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


def _precision(device: str) -> Precision:
    import torch

    if device == "cpu" or not torch.cuda.is_available():
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
