"""From latents to pixels: SDXL's VAE, and the refusal of pictures that overflowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import PermanentError

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from pipeline.core.protocols import Draw

_PIXELS_PER_CALL = 4 * 1024**2
# The VAE's memory grows with the pixels decoded at once, and beyond a few megapixels its
# speed does not: so a batch that the UNet can hold need not fail here.


def decode_latents(
    vae: Any, latents: torch.Tensor, draws: Sequence[Draw], *, padded: bool = False
) -> list[NDArray[np.uint8]]:
    """Decode latents to (height_px, width_px, 3) uint8 RGB, one array for each.

    Args:
        vae: The model's `AutoencoderKL`, or an `AutoencoderTiny`.
        latents: (pictures, channels, height / factor, width / factor), as the UNet left them.
        draws: What was asked for, to name it in errors.
        padded: Give a compiled decoder the same number of pictures each time.

    Raises:
        PermanentError: A picture holds NaN or infinite values; it would come out black.
    """
    import torch

    latents = latents.to(vae.dtype) / vae.config.scaling_factor
    if vae.config.get("latents_mean") is not None and vae.config.get("latents_std") is not None:
        mean = torch.tensor(vae.config.latents_mean).view(1, -1, 1, 1).to(latents)
        std = torch.tensor(vae.config.latents_std).view(1, -1, 1, 1).to(latents)
        latents = latents * std + mean
    factor = 2 ** (len(vae.config.block_out_channels) - 1)
    at_once = max(1, _PIXELS_PER_CALL // (latents.shape[2] * latents.shape[3] * factor**2))
    if vae.use_slicing:
        at_once = 1
    pictures: list[NDArray[np.uint8]] = []
    for start in range(0, len(latents), at_once):
        part = latents[start : start + at_once]
        count = len(part)
        if padded and count < at_once:
            part = torch.cat([part, part[-1:].expand(at_once - count, -1, -1, -1)])
        values = vae.decode(part, return_dict=False)[0][:count].float()
        _check_finite(values, draws[start : start + at_once], vae.dtype)
        levels = ((values / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
        pixels = levels.permute(0, 2, 3, 1).cpu().numpy()
        # Copies: a view would keep the whole batch alive as long as one picture.
        pictures += [picture.copy() for picture in pixels]
    return pictures


def _check_finite(values: torch.Tensor, draws: Sequence[Draw], dtype: torch.dtype) -> None:
    finite = values.isfinite().flatten(1).all(dim=1).tolist()
    for draw, is_finite in zip(draws, finite, strict=True):
        if not is_finite:
            raise PermanentError(
                f"render: anchor {draw.anchor_id}, {draw.variant}: the model's numbers "
                f"overflowed (VAE in {dtype}); choose images.dtype bfloat16 or float32"
            )
