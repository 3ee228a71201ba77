"""Examples put together with their noise, which is a function of the seed and their position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.core.ids import derive_seed

if TYPE_CHECKING:
    import torch

    from pipeline.training.sdxl.cache import Entry


@dataclass(frozen=True, slots=True)
class NoiseSettings:
    """What is left to chance in a batch of examples.

    Attributes:
        offset_noise: Strength of noise that is equal over a whole channel; 0 is off.
        caption_dropout: Share of examples without caption.
        timesteps: How many there are.
    """

    offset_noise: float
    caption_dropout: float
    timesteps: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples with their noise, on one device.

    Attributes:
        latents: (batch, channels, height, width) float32, drawn from their distribution.
        noise: The same shape.
        timesteps: (batch,) int64.
        time_ids: (batch, 6) float32.
        tokens: (batch, 77, width) float32; what stands for no caption where it is dropped.
        pooled: (batch, width) float32; likewise.
    """

    latents: torch.Tensor
    noise: torch.Tensor
    timesteps: torch.Tensor
    time_ids: torch.Tensor
    tokens: torch.Tensor
    pooled: torch.Tensor

    def to(self, device: torch.device) -> Batch:
        """The same on another device."""
        return Batch(
            self.latents.to(device),
            self.noise.to(device),
            self.timesteps.to(device),
            self.time_ids.to(device),
            self.tokens.to(device),
            self.pooled.to(device),
        )


def draw_batch(
    entries: Sequence[Entry],
    positions: Sequence[int],
    unconditional: tuple[torch.Tensor, torch.Tensor],
    settings: NoiseSettings,
    *,
    seed: int,
) -> Batch:
    """Put examples together with what chance gives each at its position.

    Every number comes from a CPU generator seeded by (seed, position), so an example meets
    the same noise whatever stands beside it.

    Args:
        entries: The examples.
        positions: Their places in the endless sequence.
        unconditional: Token and pooled embeddings of no caption.
        settings: What is left to chance.
        seed: Of the run.
    """
    import torch

    latents, noise, timesteps, tokens, pooled = [], [], [], [], []
    for entry, position in zip(entries, positions, strict=True):
        generator = torch.Generator("cpu").manual_seed(derive_seed(seed, "visit", str(position)))
        shape = entry.mean.shape
        timesteps.append(torch.randint(settings.timesteps, (), generator=generator))
        is_dropped = bool(torch.rand((), generator=generator) < settings.caption_dropout)
        latents.append(entry.mean + entry.std * torch.randn(shape, generator=generator))
        # Offset noise lets the model change the brightness of the whole picture:
        # N. Guttenberg, "Diffusion with Offset Noise", 2023.
        offset = torch.randn((shape[0], 1, 1), generator=generator)
        noise.append(torch.randn(shape, generator=generator) + settings.offset_noise * offset)
        tokens.append(unconditional[0] if is_dropped else entry.tokens)
        pooled.append(unconditional[1] if is_dropped else entry.pooled)
    return Batch(
        torch.stack(latents),
        torch.stack(noise),
        torch.stack(timesteps),
        torch.stack([entry.time_ids for entry in entries]).float(),
        torch.stack(tokens),
        torch.stack(pooled),
    )
