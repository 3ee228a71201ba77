"""From latents to pixels: SDXL's VAE, and which pictures overflowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

_PIXELS_PER_CALL = 4 * 1024**2
# The VAE's memory grows with the pixels decoded at once, and beyond a few megapixels its
# speed does not: so a batch that the UNet can hold need not fail here.


@dataclass(frozen=True, slots=True)
class Overflow:
    """Stands for a picture that holds NaN or infinite values; it would come out black.

    Attributes:
        in_latents: Whether they were in what the network left, and not first in the decoder.
    """

    in_latents: bool


def decode_latents(
    vae: Any, latents: torch.Tensor, *, padded: bool = False
) -> list[NDArray[np.uint8] | Overflow]:
    """Decode latents to (height_px, width_px, 3) uint8 RGB, one array for each.

    A picture that overflowed is an :class:`Overflow`; the others beside it are whole.

    Args:
        vae: The model's `AutoencoderKL`, or an `AutoencoderTiny`.
        latents: (pictures, channels, height / factor, width / factor), as the UNet left them.
        padded: Give a compiled decoder the same number of pictures each time.
    """
    import torch

    fits = _are_finite(latents)
    latents = latents.to(vae.dtype) / vae.config.scaling_factor
    if vae.config.get("latents_mean") is not None and vae.config.get("latents_std") is not None:
        mean = torch.tensor(vae.config.latents_mean).view(1, -1, 1, 1).to(latents)
        std = torch.tensor(vae.config.latents_std).view(1, -1, 1, 1).to(latents)
        latents = latents * std + mean
    factor = 2 ** (len(vae.config.block_out_channels) - 1)
    at_once = max(1, _PIXELS_PER_CALL // (latents.shape[2] * latents.shape[3] * factor**2))
    if vae.use_slicing:
        at_once = 1
    pictures: list[NDArray[np.uint8] | Overflow] = []
    for start in range(0, len(latents), at_once):
        part = latents[start : start + at_once]
        count = len(part)
        if padded and count < at_once:
            part = torch.cat([part, part[-1:].expand(at_once - count, -1, -1, -1)])
        values = vae.decode(part, return_dict=False)[0][:count].float()
        is_whole = _are_finite(values)
        levels = ((values / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
        pixels = levels.permute(0, 2, 3, 1).cpu().numpy()
        # Copies: a view would keep the whole batch alive as long as one picture.
        pictures += [
            picture.copy() if is_whole[row] else Overflow(in_latents=not fits[start + row])
            for row, picture in enumerate(pixels)
        ]
    return pictures


def _are_finite(values: torch.Tensor) -> list[bool]:
    """Whether each picture's values are all finite."""
    found: list[bool] = values.isfinite().flatten(1).all(dim=1).tolist()
    return found
