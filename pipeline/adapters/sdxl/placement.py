"""Where SDXL would run, in words for a person, and how a loaded one gets there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.adapters.device import choose_device, choose_dtype, has_bf16, is_out_of_memory
from pipeline.adapters.sdxl.gpu_advice import in_words
from pipeline.core.errors import PermanentError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What `images.device = "auto"` would use.

    Attributes:
        name: Such as "cuda: NVIDIA L4".
        accelerated: Whether it is a GPU.
        memory_gib: The GPU's memory; None where torch does not tell.
        advice: One line for a person.
    """

    name: str
    accelerated: bool
    memory_gib: float | None
    advice: str


def describe_device() -> DeviceFacts:
    """Look at the device that would draw, without loading a model."""
    import torch

    device = choose_device("auto", "images.device")
    dtype = str(choose_dtype("auto", device)).removeprefix("torch.")
    if device.type == "cuda":
        facts = torch.cuda.get_device_properties(device)
        memory_gib = facts.total_memory / 2**30
        name = f"cuda: {facts.name}"
        advice = f"{name}, {memory_gib:.0f} GiB, {dtype}"
        advice += f"; {in_words(memory_gib, has_bf16=has_bf16(device))}"
        return DeviceFacts(name, True, memory_gib, advice)
    if device.type == "mps":
        return DeviceFacts("mps", True, None, f"Apple GPU (mps), {dtype}")
    advice = (
        f"no GPU: SDXL would run on the CPU ({torch.get_num_threads()} threads, {dtype}), minutes "
        "a picture; `--images none` makes captions only, `builtin:tiny` draws noise quickly"
    )
    return DeviceFacts("cpu", False, None, advice)


def too_large(
    size_px: tuple[int, int], device: torch.device, dtype: torch.dtype, *, has_source: bool
) -> str:
    """What is said where one picture alone does not fit in memory."""
    beside = " beside its source (images.strategy same_noise draws it alone)"
    return (
        f"render: one picture of {size_px[0]} × {size_px[1]}{beside if has_source else ''} does "
        f"not fit in the memory of {device} in {str(dtype).removeprefix('torch.')}; choose "
        "smaller images.width_px and images.height_px, images.dtype bfloat16 or float16, or "
        "another images.device, or stop what else uses its memory"
    )


def move_pipeline(pipeline: Any, device: torch.device, *, offload: bool = False) -> None:
    """Move the model to the device, the VAE in a format that it does not overflow in.

    With `offload` it stays on the CPU, from where its parts go to the device when needed.

    Raises:
        PermanentError: It does not fit there.
    """
    import torch

    if pipeline.vae.dtype == torch.float16 and pipeline.vae.config.force_upcast:
        pipeline.vae.to(torch.bfloat16 if has_bf16(device) else torch.float32)
    if offload:
        return
    try:
        pipeline.to(device)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise PermanentError(
            f"the model does not fit on {device}: {error}; free memory there, or choose "
            "images.dtype bfloat16 or float16, or another images.device"
        ) from error
