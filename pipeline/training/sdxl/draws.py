"""Which example comes when, and with which noise: functions of the seed and of a counter.

No generator lives from step to step. So a resume needs no random state, and the number of
devices changes nothing but who does the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.core.ids import derive_seed

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from pipeline.training.sdxl.cache import Entry


@dataclass(frozen=True, slots=True)
class Schedule:
    """The order of the examples: a new permutation in every pass.

    Attributes:
        seed: Of the permutations.
        examples: How many there are.
    """

    seed: int
    examples: int

    def row(self, position: int) -> int:
        """Example at a position of the endless sequence, counted from 0."""
        epoch, place = divmod(position, self.examples)
        return int(_permutation(self.seed, self.examples, epoch)[place])


@lru_cache(maxsize=2)
def _permutation(seed: int, examples: int, epoch: int) -> NDArray[np.int64]:
    import numpy as np

    order_seed = derive_seed(seed, "order", f"epoch{epoch}")
    return np.random.Generator(np.random.PCG64(order_seed)).permutation(examples)


@dataclass(frozen=True, slots=True)
class Chances:
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
    nothing: tuple[torch.Tensor, torch.Tensor],
    chances: Chances,
    *,
    seed: int,
) -> Batch:
    """Put examples together with what chance gives each at its position.

    Every number comes from a CPU generator seeded by (seed, position), so an example meets
    the same noise whatever stands beside it.

    Args:
        entries: The examples.
        positions: Their places in the endless sequence.
        nothing: Token and pooled embeddings of no caption.
        chances: What is left to chance.
        seed: Of the run.
    """
    import torch

    latents, noise, timesteps, tokens, pooled = [], [], [], [], []
    for entry, position in zip(entries, positions, strict=True):
        dice = torch.Generator("cpu").manual_seed(derive_seed(seed, "visit", str(position)))
        shape = entry.mean.shape
        timesteps.append(torch.randint(chances.timesteps, (), generator=dice))
        is_dropped = bool(torch.rand((), generator=dice) < chances.caption_dropout)
        latents.append(entry.mean + entry.std * torch.randn(shape, generator=dice))
        # Offset noise lets the model change the brightness of the whole picture:
        # N. Guttenberg, "Diffusion with Offset Noise", 2023.
        offset = torch.randn((shape[0], 1, 1), generator=dice)
        noise.append(torch.randn(shape, generator=dice) + chances.offset_noise * offset)
        tokens.append(nothing[0] if is_dropped else entry.tokens)
        pooled.append(nothing[1] if is_dropped else entry.pooled)
    return Batch(
        torch.stack(latents),
        torch.stack(noise),
        torch.stack(timesteps),
        torch.stack([entry.time_ids for entry in entries]).float(),
        torch.stack(tokens),
        torch.stack(pooled),
    )
