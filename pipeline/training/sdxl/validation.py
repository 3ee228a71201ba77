"""The grid of fixed prompts and seeds that shows how a training goes."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from pipeline.training.sdxl.config import FinetuneConfig

MARGIN_PX = 4
LABEL_PX = 18


@dataclass(frozen=True, slots=True)
class Prompt:
    """A row of the grid.

    Attributes:
        text: What is drawn.
        tokens: (77, width) embeddings.
        pooled: (width,) embedding.
    """

    text: str
    tokens: torch.Tensor
    pooled: torch.Tensor


@dataclass(frozen=True, slots=True)
class Validation:
    """Draws the same pictures from the network as it is.

    Attributes:
        pipeline: A `StableDiffusionXLPipeline` without text encoders; its UNet is the one
            that is trained, its autoencoder is on the CPU until it is needed.
        prompts: The rows.
        unconditional: Token and pooled embeddings of no caption.
        config: Seeds, steps, guidance, size.
        device: Where to draw.
    """

    pipeline: Any
    prompts: Sequence[Prompt]
    unconditional: tuple[torch.Tensor, torch.Tensor]
    config: FinetuneConfig
    device: torch.device

    def draw(self) -> list[list[NDArray[np.uint8]]]:
        """Rows of pictures, one for each seed: (height_px, width_px, 3) uint8 each.

        The noise depends on the seed alone, so grids of two steps differ by the training.
        """
        import torch

        unet = self.pipeline.unet
        was_training = unet.training
        unet.eval()
        self.pipeline.vae.to(self.device)
        try:
            with torch.no_grad(), warnings.catch_warnings():
                # diffusers' schedulers copy tensors in a way that numpy 2 announces to end.
                warnings.filterwarnings("ignore", message="__array__ implementation")
                return [self._row(prompt) for prompt in self.prompts]
        finally:
            self.pipeline.vae.to("cpu")
            unet.train(was_training)

    def _row(self, prompt: Prompt) -> list[NDArray[np.uint8]]:
        return [self._picture(prompt, seed) for seed in self.config.validation.seeds]

    def _picture(self, prompt: Prompt, seed: int) -> NDArray[np.uint8]:
        import torch

        config = self.config
        device, dtype = self.device, self.pipeline.unet.dtype
        texts = [prompt.tokens, prompt.pooled, *self.unconditional]
        tokens, pooled, no_tokens, no_pooled = (
            text.unsqueeze(0).to(device, dtype) for text in texts
        )
        with torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32):
            latents = self.pipeline(
                prompt_embeds=tokens,
                pooled_prompt_embeds=pooled,
                negative_prompt_embeds=no_tokens,
                negative_pooled_prompt_embeds=no_pooled,
                generator=torch.Generator("cpu").manual_seed(seed),
                num_inference_steps=config.validation.steps,
                guidance_scale=config.validation.guidance_scale,
                width=config.pictures.width_px,
                height=config.pictures.height_px,
                output_type="latent",
                return_dict=False,
            )[0]
        # The autoencoder overflows in half precision; it stays float32 and is run once.
        vae = self.pipeline.vae
        means = getattr(vae.config, "latents_mean", None)
        stds = getattr(vae.config, "latents_std", None)
        latents = latents.float() / vae.config.scaling_factor
        if means is not None and stds is not None:
            shape = (1, len(means), 1, 1)
            latents = latents * torch.tensor(stds).view(shape).to(latents)
            latents = latents + torch.tensor(means).view(shape).to(latents)
        values = vae.decode(latents, return_dict=False)[0][0].permute(1, 2, 0)
        pixels: NDArray[np.uint8] = (
            ((values.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).cpu().numpy()
        )
        return pixels


def write_grid(
    path: Path, rows: Sequence[Sequence[NDArray[np.uint8]]], titles: Sequence[str]
) -> None:
    """Write a PNG: a row of pictures under each title. Whole or not at all."""
    from PIL import Image, ImageDraw

    height, width = rows[0][0].shape[:2]
    step_x, step_y = width + MARGIN_PX, height + MARGIN_PX + LABEL_PX
    size = (MARGIN_PX + step_x * len(rows[0]), MARGIN_PX + step_y * len(rows))
    sheet = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(sheet)
    for y, (row, title) in enumerate(zip(rows, titles, strict=True)):
        top = MARGIN_PX + y * step_y
        # The built-in font is Latin only; other letters become question marks.
        pen.text((MARGIN_PX, top), title.encode("latin-1", "replace").decode("latin-1"), "black")
        for x, pixels in enumerate(row):
            sheet.paste(Image.fromarray(pixels), (MARGIN_PX + x * step_x, top + LABEL_PX))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    sheet.save(partial, format="PNG")
    partial.replace(path)
