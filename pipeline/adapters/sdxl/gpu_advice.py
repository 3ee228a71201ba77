"""Settings that let SDXL fit on a GPU, from its memory alone.

Computed from the sizes below and not measured on each card; when memory runs out all the
same, a run halves its batch and goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WEIGHTS_GIB = {"unet": 4.8, "text_encoders": 1.5, "vae": 0.2}
"""In half precision: 2.57, 0.82 and 0.08 thousand million parameters."""

GUIDED_PICTURE_GIB = 0.6
"""Working memory of the UNet for one guided picture of 1024 × 1024."""

DECODE_GIB = 2.5
"""Working memory of the decoder for one picture of 1024 × 1024 in bfloat16, without tiles."""

FP16_VAE = "madebyollin/sdxl-vae-fp16-fix"
"""A decoder that does not overflow in float16; SDXL's own is lifted to float32, twice the size."""

Settings = Mapping[str, int | bool | str]


@dataclass(frozen=True, slots=True)
class _Tier:
    """Settings from a size of memory on; cards tell a little less than their name says."""

    from_gib: float
    settings: Settings


_OFFLOADED: Settings = {
    "images.batch_size": 1,
    "images.cpu_offload": True,
    "images.vae_slicing": True,
    "images.vae_tiling": True,
}
_TIERS = (
    _Tier(5.5, {**_OFFLOADED, "images.width_px": 768, "images.height_px": 768}),
    _Tier(7.0, _OFFLOADED),
    _Tier(
        10.5,
        {
            "images.batch_size": 2,
            "images.release_text_encoders": True,
            "images.vae_slicing": True,
        },
    ),
    _Tier(14.5, {"images.batch_size": 4, "images.vae_slicing": True}),
    _Tier(22.0, {"images.batch_size": 8}),
    _Tier(36.0, {"images.batch_size": 16, "images.compile": "regional"}),
    _Tier(70.0, {"images.batch_size": 32, "images.compile": "regional"}),
)


def advice(memory_gib: float, *, has_bf16: bool = True) -> Settings | None:
    """Settings for a GPU of `memory_gib`; None where SDXL does not fit even in parts.

    Args:
        memory_gib: The GPU's whole memory.
        has_bf16: Whether it computes in bfloat16; else the decoder is an issue.
    """
    fitting = [tier.settings for tier in _TIERS if memory_gib >= tier.from_gib]
    if not fitting:
        return None
    return fitting[-1] if has_bf16 else {**fitting[-1], "images.vae": FP16_VAE}


def in_words(memory_gib: float, *, has_bf16: bool = True) -> str:
    """The advice as what to add to a command."""
    settings = advice(memory_gib, has_bf16=has_bf16)
    if settings is None:
        return (
            "too small for SDXL, whose UNet alone takes 4.8 GiB: use images.device cpu, or "
            "`--images none`"
        )
    flags = (f"--set {key}={str(value).lower()}" for key, value in settings.items())
    return f"start with {' '.join(flags)}"
