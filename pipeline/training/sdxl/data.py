"""What a training learns from: the cached examples, and the batch of every step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.core.ids import derive_seed
from pipeline.core.progress import Observer, Step, Stopped
from pipeline.training.loop.data_order import DataOrder
from pipeline.training.sdxl.batch import Batch, NoiseSettings, draw_batch
from pipeline.training.sdxl.cache import ExampleIndex, LatentCache, fill_cache
from pipeline.training.sdxl.encoders import Encoders
from pipeline.training.sdxl.examples import Example
from pipeline.training.sdxl.validation import Prompt

if TYPE_CHECKING:
    import torch

    from pipeline.training.sdxl.config import FinetuneConfig
    from pipeline.training.sdxl.outcome import BaseModel


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Encoded examples and prompts; no text encoder is needed any more.

    Attributes:
        cache: The encoded examples on disk.
        index: Their names, in order.
        unconditional: Token and pooled embeddings of no caption.
        prompts: The rows of the validation grid.
    """

    cache: LatentCache
    index: ExampleIndex
    unconditional: tuple[torch.Tensor, torch.Tensor]
    prompts: tuple[Prompt, ...]

    def batch(
        self, number: int, config: FinetuneConfig, *, rank: int, world_size: int, timesteps: int
    ) -> Batch:
        """This process's share of a batch, on the CPU.

        Args:
            number: Of the batch, counted over the whole training.
            config: The settings.
            rank: Number of this process.
            world_size: Processes that train together.
            timesteps: Noise levels of the model.
        """
        import torch

        size = config.train.batch_size
        first = (number * world_size + rank) * size
        positions = range(first, first + size)
        order = DataOrder(config.seed, len(self.index))
        entries = [self.cache.load(*self.index.pair(order.example_at(p))) for p in positions]
        settings = NoiseSettings(config.train.offset_noise, config.train.caption_dropout, timesteps)
        # For networks with dropout, which is drawn from the global generator.
        torch.manual_seed(derive_seed(config.seed, "dropout", str(first)))
        return draw_batch(entries, positions, self.unconditional, settings, seed=config.seed)


def prepare_data(
    config: FinetuneConfig,
    model: BaseModel,
    pipeline: Any,
    examples: Iterable[Example],
    accelerator: Any,
    observer: Observer,
) -> TrainingData:
    """Fill the cache, encode the prompts of the grid, and take the text encoders off `pipeline`.

    Raises:
        ConfigError: There is no example.
        PermanentError: A picture does not decode, or the disk is full.
        Stopped: The user asked to stop; what is cached is kept.
    """
    import torch

    encoders = Encoders(pipeline, model.identity, accelerator.device)
    for part in (pipeline.vae, pipeline.text_encoder, pipeline.text_encoder_2):
        part.requires_grad_(False)
        part.to(accelerator.device)
    cache = LatentCache(config.cache_folder, config.pictures, config.seed, model.identity)
    index = fill_cache(
        cache,
        _until_stopped(examples, observer),
        encoders,
        rank=accelerator.process_index,
        world_size=accelerator.num_processes,
        on_examples=lambda amount: observer.advance(Step.ENCODED, amount),
    )
    with torch.no_grad():
        unconditional = encoders.unconditional()
        texts = config.validation.prompts or index.captions
        tokens, pooled = encoders.texts(texts)
    prompts = tuple(Prompt(*row) for row in zip(texts, tokens, pooled, strict=True))
    for name in ("text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2"):
        setattr(pipeline, name, None)
    pipeline.vae.to("cpu")
    accelerator.wait_for_everyone()
    return TrainingData(cache, index, unconditional, prompts)


def _until_stopped(examples: Iterable[Example], observer: Observer) -> Iterator[Example]:
    for example in examples:
        if observer.stopping:
            raise Stopped("stopped while encoding; what is cached is kept, run again to go on")
        yield example
