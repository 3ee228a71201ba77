"""What `counterfactory finetune` does: data and model are opened, then the training runs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.core.errors import ConfigError
from pipeline.core.progress import Observer, Silent, Step, advance_or_stop
from pipeline.core.records import Anchor
from pipeline.core.stage import Rejected
from pipeline.shards.layout import RunLayout
from pipeline.shards.reader import StoredSample, iterate_samples
from pipeline.sources import open_source
from pipeline.stores.location import located
from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.sdxl.examples import Example
from pipeline.training.sdxl.outcome import BaseModel, FinetuneOutcome, OnGrid
from pipeline.training.sdxl.trainer import finetune

_log = logging.getLogger(__name__)


def run_finetuning(
    config: FinetuneConfig, *, observer: Observer | None = None, on_grid: OnGrid | None = None
) -> FinetuneOutcome:
    """Fine-tune as the config says; go on where an earlier run was stopped or killed.

    Args:
        config: The settings.
        observer: Told about progress, and asked whether to stop.
        on_grid: Called with the step and the file of every validation grid.

    Raises:
        ConfigError: Data, model, settings or checkpoint cannot be used as asked.
        PermanentError: Memory or disk are full, or the training has diverged.
        Stopped: The user asked to stop; the same config goes on from there.
    """
    first = next(open_examples(config), None)  # a source without pictures costs no model
    if first is None:
        raise ConfigError(_no_pictures(config))
    return finetune(
        config, open_model(config), lambda: open_examples(config), observer=observer,
        on_grid=on_grid,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FinetunePlan:
    """What a fine-tuning would do.

    Attributes:
        pictures: Pictures with captions.
        examples: Crops of them.
        cached: Crops whose latents are in the cache already.
        trained: Numbers that are trained.
        steps: Optimiser steps.
        examples_seen: Examples shown to the model on one device, repetitions counted.
        checkpoint_bytes: Size of one checkpoint.
        cache_bytes: Size of the full cache, every caption taken for a different one.
    """

    pictures: int
    examples: int
    cached: int
    trained: int
    steps: int
    examples_seen: int
    checkpoint_bytes: int
    cache_bytes: int


def plan_finetuning(config: FinetuneConfig, *, observer: Observer | None = None) -> FinetunePlan:
    """Read the data and the model's configuration and say what would be done. Writes nothing.

    Raises:
        ConfigError: Data, model or settings cannot be used as asked.
        Stopped: The user asked to stop.
    """
    import json

    from pipeline.training.sdxl.cache import LatentCache
    from pipeline.training.sdxl.network import count_trained

    observer = observer or Silent()
    model = open_model(config)
    unet = json.loads((model.folder / "unet" / "config.json").read_text("utf-8"))
    vae = json.loads((model.folder / "vae" / "config.json").read_text("utf-8"))
    cache = LatentCache(config.cache_folder, config.pictures, config.seed, model.identity)
    crops = config.pictures.crops
    pictures = cached = 0
    for example in open_examples(config):
        pictures += 1
        picture = example.picture_id
        files = (cache.picture_file(cache.picture_key(picture, n)) for n in range(crops))
        cached += sum(file.exists() for file in files)
        advance_or_stop(observer, Step.ENCODED, 1)
    if not pictures:
        raise ConfigError(_no_pictures(config))
    trained = count_trained(unet, config)
    train = config.train
    copies = 4 if train.ema_decay is not None else 3  # weights, two moments, average
    factor = 2 ** (len(vae["block_out_channels"]) - 1)
    area = (config.pictures.height_px // factor) * (config.pictures.width_px // factor)
    latents = 2 * 2 * vae["latent_channels"] * area  # mean and spread in half precision
    text = 2 * 77 * unet["cross_attention_dim"]
    return FinetunePlan(
        pictures=pictures,
        examples=pictures * crops,
        cached=cached,
        trained=trained,
        steps=train.steps,
        examples_seen=train.steps * train.batch_size * train.accumulate,
        checkpoint_bytes=4 * copies * trained,
        cache_bytes=pictures * (crops * latents + text),
    )


def open_model(config: FinetuneConfig) -> BaseModel:
    """Find and name the model; its weights load when the training asks for them.

    Raises:
        ConfigError: The folder is missing, holds no SDXL pipeline, or cannot make the size.
        PermanentError: The hub did not give the model.
    """
    from pipeline.adapters.sdxl.weights import check_size, load_pipeline, locate_weights
    from pipeline.config.images import ImagesConfig

    pictures = config.pictures
    images = ImagesConfig(model=config.model, revision=config.revision)
    try:
        weights = locate_weights(images)
        check_size(weights, pictures.width_px, pictures.height_px)
    except ConfigError as error:
        raise ConfigError(_with_keys_of_finetuning(error)) from error

    def load(dtype: Any) -> Any:
        try:
            return load_pipeline(weights, dtype)
        except ConfigError as error:
            raise ConfigError(_with_keys_of_finetuning(error)) from error

    return BaseModel(weights.folder, weights.identity, load)


def draw_flags(config: FinetuneConfig, outcome: FinetuneOutcome) -> str:
    """Flags by which the renderer takes what was trained."""
    if config.method == "full":
        return f"--set images.model={outcome.weights}"
    lora = f'--set images.lora=\'[{{"path": "{outcome.weights}"}}]\''
    return f"--set images.model={config.model} {lora}"


def _with_keys_of_finetuning(error: ConfigError) -> str:
    """The message with the names that the settings have here."""
    text = str(error).replace("images.model", "model")
    return text.replace("images.width_px", "pictures.width_px")


def open_examples(config: FinetuneConfig) -> Iterator[Example]:
    """Yield every picture with its caption, always in the same order, one in memory at a time.

    Rows without a usable caption or picture are passed over; a warning says how many, and why
    the first of them.

    Raises:
        ConfigError: The input is missing or of another format.
        ShardCorruptError: A shard is damaged.
    """
    if config.data.run is not None:
        yield from _from_shards(config)
        return
    source = open_source(config.source)
    if not source.has_images:
        return
    rows, passed_over, first = 0, 0, ""
    for span in source.partition():
        for row in source.read(span):
            rows += 1
            if isinstance(row, Anchor) and row.image is not None:
                yield Example(row.origin, row.caption, row.image.data)
                continue
            passed_over += 1
            why = row.detail if isinstance(row, Rejected) else "it has no picture"
            first = first or f"{row.origin}: {why}"
    if passed_over:
        _log.warning(
            "%d of %d rows of %s are not learned from; the first: %s",
            passed_over, rows, config.source.public_input, first,
        )  # fmt: skip


def _rejects(config: FinetuneConfig) -> Iterator[Rejected]:
    """Yield the rows of the source that could not be used."""
    source = open_source(config.source)
    for span in source.partition():
        yield from (row for row in source.read(span) if isinstance(row, Rejected))


def _from_shards(config: FinetuneConfig) -> Iterator[Example]:
    path = located(config.data.run or "").expanduser()
    if path.is_file() and path.suffix == ".tar":
        tars = [path]
    elif RunLayout(path).run_json.exists():
        tars = RunLayout(path).tars()
    else:
        raise ConfigError(
            f"data.run {path} is neither a run directory (one with run.json) nor a .tar of one"
        )
    for sample in iterate_samples(tars):
        yield from _from_sample(sample, frozenset(config.data.variants))


def _from_sample(sample: StoredSample, wanted: frozenset[str]) -> Iterator[Example]:
    """The pictures of a set, each file once, with the caption that it shows."""
    captions = sample.document.captions()
    files: set[str] = set()
    for variant, entry in sample.document.images.items():
        if _kind(variant) not in wanted or entry.file in files:
            continue
        data = sample.image(variant)
        if data is None:
            continue
        files.add(entry.file)
        origin = f"{sample.path}:{sample.key}.{entry.file}"
        yield Example(origin, captions.get(variant, sample.document.caption), data)


def _kind(variant: str) -> str:
    """Which of `data.variants` a variant such as "min0" belongs to."""
    kinds = {"min": "minimal", "full": "full"}
    return kinds.get(variant.rstrip("0123456789"), variant)


def _no_pictures(config: FinetuneConfig) -> str:
    if config.data.run is not None:
        return (
            f"data.run {config.data.run} holds no picture of {', '.join(config.data.variants)}: "
            "make the run with --images sdxl, or take more data.variants"
        )
    source = config.source
    refused = next(_rejects(config), None)
    why = f" (the first refused row: {refused.origin}: {refused.detail})" if refused else ""
    column = " and name source.image_column" if source.kind == "tabular" else ""
    return (
        f"source {source.public_input} holds no usable picture{why}; "
        f"fine-tuning needs them: take a source that has some{column}, "
        "or name a run with pictures in data.run (--run)"
    )
