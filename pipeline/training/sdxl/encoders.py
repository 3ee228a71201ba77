"""Pictures → latents, captions → embeddings: the parts of a model that learn unconditional here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

MAX_TOKENS = 77
"""What CLIP reads of a caption, with start and end."""


@dataclass(frozen=True, slots=True)
class Encoders:
    """The parts of a model that the cache needs.

    Attributes:
        pipeline: A `StableDiffusionXLPipeline`, on `device`.
        identity: Name of its weights.
        device: Where it is.
    """

    pipeline: Any
    identity: str
    device: torch.device

    def latents(self, pixels: NDArray[np.uint8]) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and standard deviation of the latents that the UNet works on.

        Args:
            pixels: (pictures, height_px, width_px, 3) uint8.
        """
        import torch

        vae = self.pipeline.vae
        values = torch.from_numpy(pixels).to(self.device, vae.dtype).permute(0, 3, 1, 2)
        posterior = vae.encode(values / 127.5 - 1.0).latent_dist
        mean, std = posterior.mean, posterior.std
        scale = vae.config.scaling_factor
        means = getattr(vae.config, "latents_mean", None)
        stds = getattr(vae.config, "latents_std", None)
        if means is not None and stds is not None:
            shape = (1, len(means), 1, 1)
            mean = mean - torch.tensor(means).view(shape).to(mean)
            scale = scale / torch.tensor(stds).view(shape).to(mean)
        return (mean * scale).float().cpu(), (std * scale).float().cpu()

    def texts(self, captions: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Token and pooled embeddings: (texts, 77, width) and (texts, width)."""
        tokens, _, pooled, _ = self.pipeline.encode_prompt(
            list(captions), device=self.device, do_classifier_free_guidance=False
        )
        return tokens.float().cpu(), pooled.float().cpu()

    def unconditional(self) -> tuple[torch.Tensor, torch.Tensor]:
        """What this model takes for no caption: zeros, or the encoded empty text."""
        import torch

        tokens, pooled = self.texts([""])
        if self.pipeline.config.force_zeros_for_empty_prompt:
            return torch.zeros_like(tokens[0]), torch.zeros_like(pooled[0])
        return tokens[0], pooled[0]

    def is_cut(self, caption: str) -> bool:
        """Whether the model reads only the start of a caption."""
        both = (self.pipeline.tokenizer, self.pipeline.tokenizer_2)
        return any(len(one(caption, verbose=False).input_ids) > MAX_TOKENS for one in both)
