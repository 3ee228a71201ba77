"""Editing an anchor's real picture: inpainting where the edited words look, or img2img.

`img2img` lays noise over the whole picture and draws the edited caption from there (SDEdit,
Meng et al. 2021, arXiv 2108.01073). `inpaint` does so within a mask only: after every step
the latents outside are the real picture's at that step's noise, and at the end its pixels
outside the mask are put back. The mask is a given box, or comes from where the model looks
for the edited words in the noised real picture, as DAAM reads it (Tang et al. 2022, arXiv
2210.04885).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.adapters.sdxl.pixels import Overflow, decode_latents
from pipeline.adapters.sdxl.prompt_to_prompt import PromptToPrompt
from pipeline.adapters.sdxl.schedule import StepEnd, after_each_step
from pipeline.core.strategies import INPAINT

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from pipeline.adapters.sdxl.text import TextEmbeddings
    from pipeline.core.draws import Box, Draw
    from pipeline.core.records import AnchorImage

EncodeTexts = Callable[[Sequence[str]], "TextEmbeddings"]
"""Embeddings of each text, in order."""

_NOISE_SHARES = (0.3, 0.5, 0.7)
# Shares of the steps whose noise is laid over the picture to see where words look: with less
# the attention follows edges, with more it no longer sees the picture.

_FEATHER = 0.5
# Width of the soft edge, inside the mask, in latents.


class PictureEditor:
    """Draws edited captions into real pictures with the modules of an SDXL pipeline."""

    def __init__(self, pipeline: Any, sharing: PromptToPrompt) -> None:
        from diffusers import StableDiffusionXLImg2ImgPipeline

        self._pipeline = StableDiffusionXLImg2ImgPipeline(
            **{name: pipeline.components[name] for name in _PARTS},
            requires_aesthetics_score=False,
            add_watermarker=False,
        )
        self._pipeline.set_progress_bar_config(disable=True)
        self._base = pipeline
        self._sharing = sharing

    def draw(
        self,
        draws: Sequence[Draw],
        encode: EncodeTexts,
        *,
        size_px: tuple[int, int],
        settings: Mapping[str, Any],
        between_steps: Callable[[], None] | None = None,
    ) -> list[NDArray[np.uint8] | Overflow]:
        """Draw edits of one strategy: (height_px, width_px, 3) uint8 RGB each.

        Args:
            draws: With a picture each; all `inpaint`, or all `img2img`.
            encode: The text encoder.
            size_px: Width and height of what comes out; pictures are fitted by
                :func:`fit_picture`.
            settings: What the pipeline is called with beside the picture: steps, guidance.
            between_steps: Called after each denoising step.
        """
        import torch

        pictures = [fit_picture(draw.picture, size_px) for draw in draws if draw.picture]
        originals = self._to_latents(pictures)
        device = originals.device
        noise = torch.stack([_noise(draw.seed, originals.shape[1:]) for draw in draws])
        noise = noise.to(device, originals.dtype)
        masks = torch.ones(len(draws), *originals.shape[2:], dtype=torch.bool, device=device)
        is_masked = draws[0].strategy == INPAINT
        if is_masked:
            masks = self._masks(draws, encode, originals, noise)
        # The pipeline draws this very noise again, from generators of the same seeds.
        generators = [torch.Generator("cpu").manual_seed(draw.seed) for draw in draws]
        text = encode([draw.prompt for draw in draws])
        strength = draws[0].parameters.strength or 1.0
        steps = settings["num_inference_steps"]
        latents = self._pipeline(
            image=originals,
            # At least one step, however few there are.
            strength=min(1.0, max(strength, (1 + 1e-6) / steps)),
            prompt_embeds=text.tokens,
            pooled_prompt_embeds=text.pooled,
            generator=generators,
            output_type="latent",
            return_dict=False,
            callback_on_step_end=after_each_step(
                self._restore_outside(originals, noise, masks) if is_masked else None,
                between_steps,
            ),
            **settings,
        )[0]
        drawn = decode_latents(self._base.vae, latents)
        if not is_masked:
            return drawn
        return [
            after if isinstance(after, Overflow) else paste_back(before, after, mask)
            for before, after, mask in zip(pictures, drawn, masks.cpu().numpy(), strict=True)
        ]

    def _to_latents(self, pictures: Sequence[NDArray[np.uint8]]) -> torch.Tensor:
        """Latents (pictures, channels, height, width), scaled as the UNet sees them."""
        import numpy as np
        import torch

        vae, device = self._base.vae, self._base._execution_device
        values = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).to(device, vae.dtype)
        # The mode, not a sample: the same picture has the same latents for every seed.
        latents = vae.encode(values / 127.5 - 1).latent_dist.mode()
        if vae.config.latents_mean is not None and vae.config.latents_std is not None:
            mean = torch.tensor(vae.config.latents_mean).view(1, -1, 1, 1).to(latents)
            std = torch.tensor(vae.config.latents_std).view(1, -1, 1, 1).to(latents)
            latents = (latents - mean) / std
        scaled: torch.Tensor = (latents * vae.config.scaling_factor).to(self._base.unet.dtype)
        return scaled

    def _restore_outside(
        self, originals: torch.Tensor, noise: torch.Tensor, masks: torch.Tensor
    ) -> StepEnd:
        """What puts the real picture back outside the masks after each step."""
        import torch

        def keep(pipeline: Any, step: int, time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            times = pipeline.scheduler.timesteps
            following = times[(times == time).nonzero()[-1, 0] + 1 :][:1]
            known = originals
            if len(following):
                known = pipeline.scheduler.add_noise(
                    originals, noise, following.repeat(len(originals))
                )
            return {"latents": torch.where(masks[:, None], tensors["latents"], known)}

        return keep

    def _masks(
        self,
        draws: Sequence[Draw],
        encode: EncodeTexts,
        originals: torch.Tensor,
        noise: torch.Tensor,
    ) -> torch.Tensor:
        """(draws, height, width) bool on the latents' grid: where to draw."""
        import torch

        height, width = originals.shape[2:]
        masks = torch.zeros(len(draws), height, width, dtype=torch.bool, device=originals.device)
        seeking = []
        for number, draw in enumerate(draws):
            if draw.box is None:
                seeking.append(number)
            else:
                masks[number] = box_mask(draw.box, height, width).to(masks.device)
        if seeking:
            found = self._edit_attention(
                [draws[number] for number in seeking], encode, originals[seeking], noise[seeking]
            )
            limits = [draws[number].parameters.mask or 0.5 for number in seeking]
            masks[seeking] = found >= torch.tensor(limits, device=found.device)[:, None, None]
        return masks

    def _edit_attention(
        self,
        draws: Sequence[Draw],
        encode: EncodeTexts,
        originals: torch.Tensor,
        noise: torch.Tensor,
    ) -> torch.Tensor:
        """(draws, height, width) from 0 to 1: where the edited words look in the pictures.

        The old words under the factual caption; where an edit only adds words, those under
        the edited caption.
        """
        base = self._base
        height, width = originals.shape[2:]
        prompts, words = self._sharing.edited_words(draws)
        text = encode(prompts)
        size_px = (height * base.vae_scale_factor, width * base.vae_scale_factor)
        time_ids = base._get_add_time_ids(
            size_px, (0, 0), size_px, dtype=originals.dtype,
            text_encoder_projection_dim=text.pooled.shape[-1],
        ).to(originals.device)  # fmt: skip
        with self._sharing.recording(words) as attention:
            for share in _NOISE_SHARES:
                times = base.scheduler.timesteps
                time = times[min(len(times) - 1, int(share * len(times)))]
                scheduler = type(base.scheduler).from_config(base.scheduler.config)
                scheduler.set_timesteps(len(times), device=originals.device)
                noised = scheduler.add_noise(originals, noise, time.repeat(len(draws)))
                base.unet(
                    scheduler.scale_model_input(noised, time),
                    time,
                    encoder_hidden_states=text.tokens,
                    timestep_cond=self._guidance_embedding(len(draws), originals),
                    added_cond_kwargs={
                        "text_embeds": text.pooled,
                        "time_ids": time_ids.repeat(len(draws), 1),
                    },
                    return_dict=False,
                )
            return attention(height, width)

    def _guidance_embedding(self, rows: int, like: torch.Tensor) -> torch.Tensor | None:
        """The guidance scale, 1, as a model takes it that was distilled with guidance inside."""
        import torch

        width = self._base.unet.config.time_cond_proj_dim
        if width is None:
            return None
        embedding: torch.Tensor = self._base.get_guidance_scale_embedding(
            torch.zeros(rows), embedding_dim=width
        )
        return embedding.to(like)


_PARTS = (
    "vae", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "unet", "scheduler",
)  # fmt: skip


def _noise(seed: int, shape: Sequence[int]) -> torch.Tensor:
    import torch

    return torch.randn(tuple(shape), generator=torch.Generator("cpu").manual_seed(seed))


def fit_picture(picture: AnchorImage, size_px: tuple[int, int]) -> NDArray[np.uint8]:
    """A real picture at the size that is drawn: (height_px, width_px, 3) uint8 RGB.

    Cut in the middle to the shape of `size_px` (width and height) and then resized, so that
    nothing is stretched.
    """
    import numpy as np
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(picture.data)) as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGB")
        return np.asarray(ImageOps.fit(upright, size_px, Image.Resampling.LANCZOS))


def box_mask(box: Box, height: int, width: int) -> torch.Tensor:
    """(height, width) bool: every place of the grid that the box touches."""
    import math

    import torch

    left, top, right, bottom = box
    mask = torch.zeros(height, width, dtype=torch.bool)
    mask[
        math.floor(top * height) : math.ceil(bottom * height),
        math.floor(left * width) : math.ceil(right * width),
    ] = True
    return mask


def paste_back(
    before: NDArray[np.uint8], after: NDArray[np.uint8], mask: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """The drawn picture within the mask, and exactly the real one outside it.

    Args:
        before: (height_px, width_px, 3) the real picture.
        after: The same shape, what was drawn.
        mask: On the latents' grid, which divides the picture evenly. Its soft edge lies
            inside it, so that no pixel outside is touched.
    """
    import numpy as np
    from PIL import Image, ImageFilter

    factor = before.shape[0] // mask.shape[0]
    hard = np.kron(mask, np.ones((factor, factor), bool))
    # A wide border of the same value, so that the picture's own edge is no soft edge.
    border = 4 * factor
    padded = np.pad(hard, border, mode="edge").astype(np.uint8) * 255
    blurred = Image.fromarray(padded).filter(ImageFilter.GaussianBlur(_FEATHER * factor))
    soft = np.asarray(blurred)[border:-border, border:-border].astype(np.float32) / 255
    # From 0 at the edge, where the blur has a half, to 1 inside.
    share = (np.clip(2 * soft - 1, 0, 1) * hard)[:, :, None]
    mixed = np.rint(before + share * (after.astype(np.float32) - before))
    return np.where(hard[:, :, None], mixed, before).astype(np.uint8)
