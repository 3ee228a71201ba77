"""Where and in which number format models run, and how running out of memory looks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from pipeline.adapters.threads import prepare_threads
from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    import torch

DtypeName = Literal["auto", "float32", "float16", "bfloat16"]


def choose_device(name: str, setting: str) -> torch.device:
    """Turn a setting such as `images.device` into a device that is there.

    `auto` takes CUDA, else Apple's MPS, else the CPU; `auto:1` the second of several CUDA
    devices, and where there is no CUDA it is `auto`.

    Args:
        name: The setting's value.
        setting: Its key, for messages.

    Raises:
        ConfigError: The name is no device, or that device is not there.
    """
    prepare_threads()
    import torch

    kind, _, number = name.partition(":")
    if kind == "auto" and (number.isdecimal() or name == "auto"):
        if torch.cuda.is_available():
            return choose_device(f"cuda:{number}" if number else "cuda", setting)
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    if not re.fullmatch(r"cpu|mps|cuda(:\d+)?", name):
        raise ConfigError(
            f"{setting} {name!r} is none of auto, auto:<number>, cpu, mps, cuda, cuda:<number>"
        )
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ConfigError(
            f"{setting} {name!r} is not there: torch {torch.__version__} sees "
            f"{torch.cuda.device_count()} CUDA devices; choose another or `auto`"
        )
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise ConfigError(f"{setting} 'mps' is not there; choose another or `auto`")
    return device


def choose_dtype(name: DtypeName, device: torch.device) -> torch.dtype:
    """Number format of the network on `device`.

    `auto`: bfloat16 on CUDA that has it, float16 on other GPUs, float32 on the CPU. The CPU
    takes bfloat16 on request.

    Raises:
        ConfigError: float16 on the CPU, where it is slow and saves nothing.
    """
    import torch

    if name == "auto":
        if device.type == "cpu":
            return torch.float32
        return torch.bfloat16 if has_bf16(device) else torch.float16
    if name == "float16" and device.type == "cpu":
        raise ConfigError(
            "images.dtype float16 needs a GPU; on the CPU use `auto` (float32) or bfloat16"
        )
    return {
        "float32": torch.float32,
        "float16": torch.float16,
        "bfloat16": torch.bfloat16,
    }[name]


def has_bf16(device: torch.device) -> bool:
    """Whether the device computes in bfloat16 itself, rather than by slow emulation."""
    import torch

    return device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the device's memory is used up.

    CUDA has a class of its own; MPS, the CPU's allocator and cuBLAS and cuDNN raise a plain
    RuntimeError that only its text tells.
    """
    import torch

    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and any(
        sign in text
        for sign in (
            "out of memory",
            "can't allocate memory",
            "not enough memory",
            "CUBLAS_STATUS_ALLOC_FAILED",
            "CUDNN_STATUS_ALLOC_FAILED",
        )
    )


def release_memory(device: torch.device) -> None:
    """Give cached blocks back, so that a smaller batch is not refused for their sake."""
    import gc

    import torch

    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
