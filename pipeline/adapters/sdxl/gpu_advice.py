"""Settings that let SDXL fit on a GPU, from its memory alone.

Estimated from the sizes below and not measured on each card; when memory runs out all the
same, a run halves its batch and goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WEIGHTS_GIB = {"unet": 4.78, "text_encoders": 1.52, "vae": 0.16, "fused_projections": 1.21}
"""In half precision."""

GUIDED_PICTURE_GIB = 0.31
"""Working memory of the UNet for one guided picture of 1024 × 1024."""

DECODE_GIB = 1.5
"""Working memory of the decoder for one picture of 1024 × 1024 in half precision."""

TILES_GIB = 0.38
"""The same in tiles, which grows little with the picture."""

DECODED_AT_ONCE = 4
"""Pictures of 1024 × 1024 that the decoder gets at once, unless one at a time is asked for."""

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


def peak_gib(settings: Settings) -> float:
    """Estimated peak of guided drawing with settings that :func:`advice` gave, in GiB.

    From the tensors that are alive at a time in full-size networks, at the sizes above. What a
    GPU takes beside them is not in it: CUDA itself (about half a GiB), the working memory of
    cuDNN and cuBLAS, and gaps between tensors.
    """
    given = {"images.width_px": 1024, "images.height_px": 1024, **settings}
    share = int(given["images.width_px"]) * int(given["images.height_px"]) / 1024**2
    batch = int(given["images.batch_size"])
    saves_memory = given.get("images.cpu_offload") or given.get("images.release_text_encoders")
    parts = ["unet", "vae"] if saves_memory else list(WEIGHTS_GIB)
    held = sum(WEIGHTS_GIB[part] for part in parts)
    one_at_a_time = given.get("images.vae_slicing")
    at_once = min(batch, 1 if one_at_a_time else int(DECODED_AT_ONCE / share))
    decoding = TILES_GIB if given.get("images.vae_tiling") else at_once * DECODE_GIB * share
    drawing = batch * GUIDED_PICTURE_GIB * share
    if given.get("images.cpu_offload"):  # the parts are there one after the other
        return max(WEIGHTS_GIB["unet"] + drawing, WEIGHTS_GIB["vae"] + decoding)
    encoding = sum(WEIGHTS_GIB[part] for part in ("unet", "text_encoders", "vae"))
    return max(held + max(drawing, decoding), encoding)


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
