"""SDXL behind the `Renderer` port: pictures that depend on prompt and seed alone.

Longer than 300 lines because one class owns the loaded pipeline and every way to draw with it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.adapters.device import choose_device, choose_dtype, is_out_of_memory, release_memory
from pipeline.adapters.quiet import array_copy_allowed
from pipeline.adapters.sdxl.batching import next_batch
from pipeline.adapters.sdxl.fit import check_fit
from pipeline.adapters.sdxl.identity import identity, origin
from pipeline.adapters.sdxl.inpaint import PictureEditor
from pipeline.adapters.sdxl.lora import Lora, add_loras, locate_loras
from pipeline.adapters.sdxl.overflow import OverflowWatch
from pipeline.adapters.sdxl.pixels import Overflow, decode_latents
from pipeline.adapters.sdxl.placement import move_pipeline, too_large
from pipeline.adapters.sdxl.prompt_to_prompt import PromptToPrompt
from pipeline.adapters.sdxl.schedule import after_each_step, set_scheduler
from pipeline.adapters.sdxl.speed import pad_rows, prepare_for_speed
from pipeline.adapters.sdxl.text import PromptEncoder, TextEmbeddings
from pipeline.adapters.sdxl.weights import Weights, check_size, load_pipeline, locate_weights
from pipeline.core.draws import Draw, Row, count_rows, lay_rows
from pipeline.core.errors import PermanentError
from pipeline.core.ids import JsonValue, fingerprint
from pipeline.core.stage import Fault

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from pipeline.config.images import ImagesConfig

_log = logging.getLogger(__name__)


def open_renderer(config: ImagesConfig) -> SdxlRenderer:
    """Check and name everything that the config asks for; the weights load at the first draw.

    So the fingerprint, and a run that turns out to be finished, cost no gigabytes.

    Raises:
        ConfigError: Model folder, LoRA file, size, device or number format cannot be used.
        PermanentError: The hub did not give the model.
    """
    device = choose_device(config.device, "images.device")
    dtype = choose_dtype(config.dtype, device)
    weights = locate_weights(config)
    check_size(weights, config.width_px, config.height_px)
    return SdxlRenderer(config, weights, locate_loras(config.lora), device, dtype)


class SdxlRenderer:
    """Draws with a loaded `StableDiffusionXLPipeline`.

    The initial noise, and the noise that some schedulers add in their steps, come from one
    CPU generator for each picture, seeded by the draw. So batch, order and device change a
    picture by float error at most; on the CPU the same batches give the same bytes.

    Attributes:
        batch_size: Most rows of the model's batch, of which a source picture that was not
            asked for takes one; halved for good when memory runs out.
    """

    def __init__(
        self,
        config: ImagesConfig,
        weights: Weights,
        loras: Sequence[Lora],
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        self.batch_size = config.batch_size
        self._config = config
        self._weights = weights
        self._loras = tuple(loras)
        self._device = device
        self._dtype = dtype
        self._pipeline: Any = None
        self._encoder: PromptEncoder | None = None
        self._sharing: PromptToPrompt | None = None
        self._editor: PictureEditor | None = None
        self._between_steps: Callable[[], None] | None = None
        self._overflows = OverflowWatch(has_lora=bool(loras))
        self._is_closed = False

    @property
    def fingerprint(self) -> str:
        """Name of weights, LoRA files, scheduler, steps, guidance, size and number format."""
        return fingerprint(identity(self._config, self._weights, self._loras, self._dtype))

    @property
    def provenance(self) -> Mapping[str, JsonValue]:
        """The settings of the fingerprint, where they came from, and library versions."""
        return {
            **identity(self._config, self._weights, self._loras, self._dtype),
            **origin(self._config, self._weights, self._loras, self._device),
        }

    def check(self) -> None:
        """Refuse what would not load, by the files' headers alone.

        Raises:
            ConfigError: Weights are missing or of another model, or a LoRA file does not fit.
        """
        check_fit(self._weights, self._loras)

    @property
    def pipeline(self) -> Any:
        """The diffusers pipeline, on its device; loaded on first use.

        Raises:
            ConfigError: Weights or LoRA files are damaged or do not fit together, or the
                scheduler cannot do so many steps.
            PermanentError: The model does not fit on the device, or is closed.
        """
        if self._is_closed:
            raise PermanentError("render: the renderer is closed; open a new one")
        if self._pipeline is None:
            pipeline = load_pipeline(self._weights, self._dtype)
            add_loras(pipeline, self._loras)
            set_scheduler(pipeline, self._config)
            move_pipeline(pipeline, self._device, offload=self._config.cpu_offload)
            prepare_for_speed(pipeline, self._config, self._device)
            self._pipeline = pipeline
        return self._pipeline

    @property
    def _text(self) -> PromptEncoder:
        if self._encoder is None:
            self._encoder = PromptEncoder(
                self.pipeline,
                self._config.negative_prompt,
                release=self._config.release_text_encoders,
            )
        return self._encoder

    @property
    def _prompt_to_prompt(self) -> PromptToPrompt:
        if self._sharing is None:
            self._sharing = PromptToPrompt(self.pipeline)
        return self._sharing

    @property
    def truncated_prompts(self) -> int:
        """Prompts so far of which the model read the first 77 tokens only."""
        return self._encoder.truncated_prompts if self._encoder else 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text with start and end; over 77 the model reads a part only."""
        return self._text.counter.count_tokens(texts)

    def draw(
        self, draws: Sequence[Draw], /, *, between_steps: Callable[[], None] | None = None
    ) -> list[NDArray[np.uint8] | Fault]:
        """Draw every request, in order: (height_px, width_px, 3) uint8 RGB each.

        A draw that keeps to a source picture shares its batch with that. Prompts over 77
        tokens are cut (see :class:`PromptEncoder`). A picture whose numbers overflow is a
        fault.

        Raises:
            ConfigError: A source's words cannot be aligned with this model's tokenizers.
            PermanentError: One picture alone does not fit in memory, or the model's
                numbers overflow in many pictures one after another.
        """
        import torch

        pictures: dict[int, NDArray[np.uint8] | Fault] = {}
        if not draws:
            return []
        self._between_steps = between_steps
        with torch.no_grad():
            prompts = [row.prompt for row in lay_rows(draws)]
            text, row_of = self._text.encode(prompts)
            while missing := [n for n in range(len(draws)) if n not in pictures]:
                numbers = next_batch(draws, missing, self.batch_size)
                batch = [draws[number] for number in numbers]
                rows = lay_rows(batch)
                if self._config.compile != "off":
                    rows = pad_rows(rows, self.batch_size)
                drawn = self._draw_if_it_fits(
                    batch, rows, text.take([row_of[row.prompt] for row in rows])
                )
                if drawn is None:
                    self._halve_batch(len(rows))
                else:
                    formats = (self._dtype, self.pipeline.vae.dtype)
                    results = self._overflows.judge(batch, drawn, formats)
                    pictures |= zip(numbers, results, strict=True)
        return [pictures[number] for number in range(len(draws))]

    def close(self) -> None:
        """Free the model. Safe to call twice; nothing can be drawn afterwards."""
        self._is_closed = True
        self._pipeline = self._encoder = self._sharing = self._editor = None
        release_memory(self._device)

    def _draw_if_it_fits(
        self, draws: Sequence[Draw], rows: Sequence[Row], text: TextEmbeddings
    ) -> list[NDArray[np.uint8] | Overflow] | None:
        """The batch's pictures, or None if memory ran out.

        The retry must not happen in the except block: there the error's traceback still
        holds every tensor of the failed attempt.

        Args:
            draws: What is to be drawn.
            rows: Rows of the model's batch; the first ones are the draws.
            text: Embeddings of the rows' prompts.
        """
        try:
            if draws[0].picture is not None:
                return self._edit_pictures(draws)
            latents = self._denoise(rows, text)[: len(draws)]
            return decode_latents(self.pipeline.vae, latents, padded=self._config.compile == "full")
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            is_padded = len(rows) > count_rows(draws)
            if len(draws) == 1 and not is_padded:
                size_px = (self._config.width_px, self._config.height_px)
                message = too_large(size_px, self._device, self._dtype, has_source=len(rows) > 1)
                raise PermanentError(message) from error
            return None

    def _halve_batch(self, failed: int) -> None:
        self.batch_size = failed // 2
        _log.warning(
            "out of memory on %s with %d pictures at once: going on with %d",
            self._device,
            failed,
            self.batch_size,
        )
        release_memory(self._device)

    def _edit_pictures(self, draws: Sequence[Draw]) -> list[NDArray[np.uint8] | Overflow]:
        """Draw edits of real pictures, all of one strategy and strength."""
        if self._editor is None:
            self._editor = PictureEditor(self.pipeline, self._prompt_to_prompt)
        config = self._config

        def encode(texts: Sequence[str]) -> TextEmbeddings:
            embeddings, row_of = self._text.encode(texts)
            return embeddings.take([row_of[text] for text in texts])

        settings: dict[str, Any] = {
            "num_inference_steps": config.steps,
            "guidance_scale": config.guidance_scale,
            **self._negative([draw.negative_prompt for draw in draws]),
        }
        size_px = (config.width_px, config.height_px)
        with array_copy_allowed():
            return self._editor.draw(
                draws,
                encode,
                size_px=size_px,
                settings=settings,
                between_steps=self._between_steps,
            )

    def _negative(self, prompts: Sequence[str]) -> dict[str, torch.Tensor]:
        """The pipeline's arguments for the unguided half of a batch; none where it has none."""
        # A model distilled with guidance inside takes the scale as an input instead.
        takes_scale = self.pipeline.unet.config.time_cond_proj_dim is not None
        if self._config.guidance_scale <= 1 or takes_scale:
            return {}
        negative = self._text.negatives(prompts)
        return {
            "negative_prompt_embeds": negative.tokens,
            "negative_pooled_prompt_embeds": negative.pooled,
        }

    def _denoise(self, rows: Sequence[Row], text: TextEmbeddings) -> torch.Tensor:
        """Latents of the rows: (rows, 4, height / factor, width / factor)."""
        import torch

        config, pipeline = self._config, self.pipeline
        factor, channels = pipeline.vae_scale_factor, pipeline.unet.config.in_channels
        shape = (channels, config.height_px // factor, config.width_px // factor)
        generators = [torch.Generator("cpu").manual_seed(row.seed) for row in rows]
        noise = torch.stack(
            [torch.randn(shape, generator=generator) for generator in generators]
        ).to(self._device, self._dtype)
        guided = self._negative([row.negative_prompt for row in rows])
        with (
            self._prompt_to_prompt.sharing_attention(rows, guided=bool(guided)) as step_end,
            array_copy_allowed(),
        ):
            latents: torch.Tensor = pipeline(
                prompt_embeds=text.tokens,
                pooled_prompt_embeds=text.pooled,
                **guided,
                latents=noise,
                generator=generators,
                num_inference_steps=config.steps,
                guidance_scale=config.guidance_scale,
                height=config.height_px,
                width=config.width_px,
                output_type="latent",
                return_dict=False,
                callback_on_step_end=after_each_step(step_end, self._between_steps),
            )[0]
        return latents
