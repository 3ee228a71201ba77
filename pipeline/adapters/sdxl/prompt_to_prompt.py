"""Prompt-to-prompt for SDXL (Hertz et al. 2022, arXiv 2208.01626), for any rows of a batch.

An edited picture starts from its source's noise and, in the first steps, takes part in the
source's attention: the queries and keys of self-attention, which hold the layout, and the
maps of cross-attention over the tokens that both captions share. A blend mask can also keep
the source's latents wherever the edited words do not look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pipeline.adapters.sdxl.alignment import TokenAligner
from pipeline.adapters.sdxl.attention import AttentionSharing, SharedAttentionProcessor
from pipeline.adapters.sdxl.schedule import StepEnd

if TYPE_CHECKING:
    import torch

    from pipeline.core.draws import Draw, Row

_BLEND_FROM = 0.2
# Share of the steps after which the words' attention is settled enough to be a mask.


@dataclass(frozen=True, slots=True, eq=False)
class _Schedule:
    """Everything that rows share, for all steps.

    Attributes:
        source: (rows,) as in :class:`AttentionSharing`, for both halves.
        self_weight: (steps, rows).
        appearance_weight: (steps, rows).
        captions: Rows of the guided half.
        cross_source: (captions,).
        cross_weight: (steps, captions).
        exchange: (captions, 77, 77).
        kept: (captions, 77).
        old: (captions, 77).
        new: (captions, 77).
        blend: (captions,) threshold of the mask; 0 for none.
    """

    source: torch.Tensor
    self_weight: torch.Tensor
    appearance_weight: torch.Tensor
    captions: int
    cross_source: torch.Tensor
    cross_weight: torch.Tensor
    exchange: torch.Tensor
    kept: torch.Tensor
    old: torch.Tensor
    new: torch.Tensor
    blend: torch.Tensor


class PromptToPrompt:
    """Makes the rows of a pipeline's batches share attention where their draws say so."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._aligner = TokenAligner([pipeline.tokenizer, pipeline.tokenizer_2])
        self._sharing = AttentionSharing()
        self._is_installed = False

    def _install(self) -> None:
        """Exchange the UNet's processors, once: they compute the same while nothing is shared."""
        if not self._is_installed:
            self._pipeline.unet.set_attn_processor(SharedAttentionProcessor(self._sharing))
            self._is_installed = True

    @contextmanager
    def sharing_attention(self, rows: Sequence[Row], *, guided: bool) -> Iterator[StepEnd | None]:
        """Within the block, a call of the pipeline with these rows shares their attention.

        Args:
            rows: Rows of the batch, in order.
            guided: Whether the pipeline doubles them for classifier-free guidance.

        Yields:
            What the pipeline must call at the end of each step; None where nothing is shared.

        Raises:
            ConfigError: The model's tokenizers do not agree on where words are.
        """
        if all(row.source == number for number, row in enumerate(rows)):
            yield None
            return
        self._install()
        steps = len(self._pipeline.scheduler.timesteps)
        schedule = self._schedule(rows, steps, guided=guided)
        self._begin(schedule)
        try:
            self._share(schedule, 0)
            yield lambda pipeline, step, time, tensors: self._after(schedule, step, tensors)
        finally:
            self._sharing.stop()

    def edited_words(self, draws: Sequence[Draw]) -> tuple[list[str], torch.Tensor]:
        """What to read a real picture with, to see where each draw's edit is.

        Returns:
            The captions, and (draws, tokens): 1 at the edited words of each. They are the old
            words of the factual wording; where there are none, the new ones of the edit.

        Raises:
            ConfigError: The model's tokenizers do not agree on where words are.
        """
        import torch

        prompts: list[str] = []
        words: list[torch.Tensor] = []
        for draw in draws:
            if draw.guide is None:
                raise ValueError(f"{draw.anchor_id} {draw.variant}: no edit says where to look")
            guide = replace(draw.guide, prompt=draw.guide.factual)
            alignment = self._aligner.align(draw.prompt, guide)
            has_old = bool(alignment.old.any())
            prompts.append(guide.factual if has_old else draw.prompt)
            words.append(torch.from_numpy(alignment.old if has_old else alignment.new))
        return prompts, torch.stack(words)

    @contextmanager
    def recording(self, words: torch.Tensor) -> Iterator[Callable[[int, int], torch.Tensor]]:
        """Within the block, calls of the UNet add up where words are looked for.

        Args:
            words: (rows, tokens): 1 at the words of each row of the UNet's batch.

        Yields:
            What gives :func:`attention_map` of all calls so far, for a height and a width.
        """
        import torch

        self._install()
        sharing, device = self._sharing, self._pipeline._execution_device
        sharing.captions = len(words)
        sharing.cross_source = torch.arange(len(words), device=device)
        sharing.new = words.to(device)[:, :, None]
        sharing.old = torch.zeros_like(sharing.new)
        sharing.records_attention = True
        try:
            yield lambda height, width: attention_map(sharing, height, width)
        finally:
            sharing.stop()

    def _schedule(self, rows: Sequence[Row], steps: int, *, guided: bool) -> _Schedule:
        import torch

        count = len(rows)
        sources = torch.tensor([row.source for row in rows])
        self_weight = torch.zeros(steps, count)
        appearance_weight = torch.zeros(steps, count)
        cross_weight = torch.zeros(steps, count)
        length = self._aligner.length
        exchange = torch.eye(length).repeat(count, 1, 1)
        kept, old, new = (torch.zeros(count, length) for _ in range(3))
        blend = torch.zeros(count)
        for number, row in enumerate(rows):
            if row.source == number or row.draw.guide is None:
                continue
            parameters = row.draw.parameters
            alignment = self._aligner.align(row.prompt, row.draw.guide)
            exchange[number] = torch.from_numpy(alignment.exchange)
            kept[number] = torch.from_numpy(alignment.kept)
            old[number] = torch.from_numpy(alignment.old)
            new[number] = torch.from_numpy(alignment.new)
            self_weight[:, number] = _weights(parameters.self_attention or 0, steps)
            appearance_weight[:, number] = _weights(parameters.appearance or 0, steps).flip(0)
            # Between equal captions there is nothing to exchange: the row is left to the plain
            # computation, as its source is, and so equals it to the last bit.
            if row.prompt != row.draw.guide.prompt:
                cross_weight[:, number] = _weights(parameters.cross_attention or 0, steps)
                blend[number] = parameters.blend or 0
        if guided:
            all_sources = torch.cat([sources, sources + count])
            self_weight, appearance_weight = (
                self_weight.repeat(1, 2),
                appearance_weight.repeat(1, 2),
            )
        else:
            all_sources = sources
        # Not the UNet's own: that lies in main memory while it is offloaded.
        device, dtype = self._pipeline._execution_device, self._pipeline.unet.dtype
        return _Schedule(
            source=all_sources.to(device),
            self_weight=self_weight,
            appearance_weight=appearance_weight,
            captions=count,
            cross_source=sources.to(device),
            cross_weight=cross_weight,
            exchange=exchange.to(device, dtype),
            kept=kept.to(device, dtype),
            old=old.to(device),
            new=new.to(device),
            blend=blend,
        )

    def _begin(self, schedule: _Schedule) -> None:
        """Set what does not change from step to step."""
        sharing = self._sharing
        sharing.source = schedule.source
        sharing.captions = schedule.captions
        sharing.cross_source = schedule.cross_source
        sharing.old = schedule.old[:, :, None]
        sharing.new = schedule.new[:, :, None]
        sharing.records_attention = bool(schedule.blend.any())

    def _share(self, schedule: _Schedule, step: int) -> None:
        """Set the weights of a step."""
        sharing = self._sharing
        self_weight, cross_weight = schedule.self_weight[step], schedule.cross_weight[step]
        appearance_weight = schedule.appearance_weight[step]
        sharing.shares_self = bool(self_weight.any())
        sharing.shares_appearance = bool(appearance_weight.any())
        sharing.shares_cross = bool(cross_weight.any())
        sharing.self_weight = self_weight.to(schedule.exchange)[:, None, None]
        sharing.appearance_weight = appearance_weight.to(schedule.exchange)[:, None, None]
        weight = cross_weight.to(schedule.exchange)[:, None, None, None]
        sharing.is_mixed = weight > 0
        sharing.exchange = weight * schedule.exchange[:, None]
        sharing.kept = 1 - weight + weight * schedule.kept[:, None, None]

    def _after(self, schedule: _Schedule, step: int, tensors: dict[str, Any]) -> dict[str, Any]:
        """Blend the latents of a finished step, and make ready for the next."""
        steps = len(schedule.self_weight)
        changed: dict[str, Any] = {}
        if self._sharing.records_attention and step >= int(_BLEND_FROM * steps):
            changed["latents"] = self._blended(schedule, tensors["latents"])
        if step + 1 < steps:
            self._share(schedule, step + 1)
        return changed

    def _blended(self, schedule: _Schedule, latents: torch.Tensor) -> torch.Tensor:
        """Latents (captions, channels, height, width): the source's outside each mask."""
        import torch

        height, width = latents.shape[2:]
        attention = attention_map(self._sharing, height, width)
        threshold = schedule.blend.to(attention)[:, None, None]
        inside = (attention >= threshold)[:, None]
        source = latents.index_select(0, schedule.cross_source)
        return torch.where(inside, latents, source)


def attention_map(sharing: AttentionSharing, height: int, width: int) -> torch.Tensor:
    """Where the edited words look, of all layers and steps so far.

    Returns:
        (captions, height, width) float32, from 0 where each row looks least to 1 where it
        looks most. A place counts as much as its neighbours' largest, so that a mask does not
        cut an outline.
    """
    from torch.nn import functional

    total: Any = 0
    for places, (attention, times) in sharing.edited_attention.items():
        rows, columns = _grid(places, height, width)
        grid = attention.reshape(-1, 1, rows, columns) / times
        grid = functional.max_pool2d(grid, 3, stride=1, padding=1)
        total = total + times * functional.interpolate(
            grid, size=(height, width), mode="bilinear", align_corners=False
        )
    found: torch.Tensor = total[:, 0]
    low, high = found.amin(dim=(1, 2), keepdim=True), found.amax(dim=(1, 2), keepdim=True)
    return (found - low) / (high - low).clamp(min=1e-12)


def _grid(places: int, height: int, width: int) -> tuple[int, int]:
    """Rows and columns of a layer's places, as the UNet halves the latents' height and width."""
    rows, columns = height, width
    while rows * columns > places:
        rows, columns = (rows + 1) // 2, (columns + 1) // 2
    return rows, columns


def _weights(fraction: float, steps: int) -> torch.Tensor:
    """Share of each step, (steps,): ones for `fraction` of them, the rest of a step by its part.

    So that a half of a single step is a half, and not none or all.
    """
    import torch

    return (fraction * steps - torch.arange(steps)).clamp(0, 1)
