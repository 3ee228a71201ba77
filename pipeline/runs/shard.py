"""The two stages of a shard: its captions, then its pictures and its tar."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pipeline import __version__
from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError, ShardCorruptError
from pipeline.core.ids import JsonValue, public_name
from pipeline.core.progress import Observer, Silent, Step, Stopped
from pipeline.core.records import Anchor, CounterfactualSet, RenderedSet
from pipeline.core.stage import Rejected, run_stage
from pipeline.runs.background_writer import write_in_background
from pipeline.runs.components import Components
from pipeline.runs.job import Job, finished_captions
from pipeline.shards.captions import CaptionsFile, read_captions, write_captions
from pipeline.shards.manifest import ShardReceipt
from pipeline.shards.writer import write_shard
from pipeline.stores.fence import raise_if_lost

CAPTION_BATCH = 250
"""Anchors that go through the caption stage at once, by rules: progress is seen and a stop
obeyed between batches."""

LLM_ROUNDS = 16
"""With a language model a batch is this many times its concurrency: it drains seldom, and a
stop is still obeyed soon. A batch file holds the whole shard."""

LEAST_PICTURES = 2
"""Pictures of the smallest set, its control and one edit: so a whole batch can wait for the
shard's writer, and little more."""

LOCAL_CONCURRENCY = 2
"""The bundled model answers about one question a second on each core."""


def write_shard_captions(
    job: Job, shard_id: int, components: Components, observer: Observer | None = None
) -> CaptionsFile:
    """Write the captions of one shard, anew if they are there: see :func:`pending`.

    Raises:
        Stopped: The user asked to stop; nothing of this shard was written.
        TransientError: The language model may answer later.
        PermanentError: It will not, or the disk is full.
    """
    observer = observer or Silent()
    started = time.perf_counter()
    rows = job.spans[shard_id].rows
    results = _captioned(job, shard_id, components, observer)
    written = write_captions(job.layout, shard_id, results)
    seconds = time.perf_counter() - started
    observer.measured(shard_id, "captions", seconds, {"rows": rows})
    return written


def _captioned(
    job: Job, shard_id: int, components: Components, observer: Observer
) -> Iterator[CounterfactualSet | Rejected]:
    """Write and check the captions of a shard, row by row.

    Where edits are chosen from more, or a language model writes scenes, none leaves before the last
    is written: the choice looks at all.
    """
    stage, checks = components.edit_stage(), components.text_checks()
    components.stop_signal.watch(observer)
    rows = job.source.read(job.spans[shard_id], images=False)
    size = _batch_size(job.config, job.spans[shard_id].rows)
    written: list[CounterfactualSet | Rejected] = []
    for batch in _batches(rows, size):
        raise_if_stopping(observer, job)
        anchors = [row for row in batch if isinstance(row, Anchor)]
        with components.captions_lock:
            made = iter(run_stage(stage, anchors))
        written += [next(made) if isinstance(row, Anchor) else row for row in batch]
        observer.advance(Step.ANCHORS, len(batch))
        if not checks.needs_whole_shard:
            yield from _checked(written, components, observer)
            written = []
    raise_if_stopping(observer, job)
    yield from _checked(written, components, observer)


def _batch_size(config: RunConfig, rows: int) -> int:
    """Anchors that go through the caption stage at once."""
    if config.llm.provider == "none":
        return CAPTION_BATCH
    if config.llm.mode == "batch":
        return max(1, rows)
    if config.llm.provider == "local":
        return LLM_ROUNDS * LOCAL_CONCURRENCY
    # Whole requests, so that who is asked together does not change with the concurrency.
    return LLM_ROUNDS * config.llm.concurrency * config.llm.captions_per_request


def _checked(
    written: Sequence[CounterfactualSet | Rejected], components: Components, observer: Observer
) -> Iterator[CounterfactualSet | Rejected]:
    """Put every set through the checks on text; what was rejected before stays so."""
    sets = [item for item in written if isinstance(item, CounterfactualSet)]
    with components.captions_lock:
        results = iter(run_stage(components.text_checks(), sets))
    for item in written:
        result = next(results) if isinstance(item, CounterfactualSet) else item
        if isinstance(result, CounterfactualSet):
            observer.advance(Step.EDITS, len(result.minimal) + len(result.full))
        yield result


def write_shard_images(
    job: Job, shard_id: int, components: Components, observer: Observer | None = None
) -> ShardReceipt:
    """Draw the pictures of one shard, choose among them, and write its files and receipt.

    Raises:
        Stopped: The user asked to stop; nothing of this shard was written.
        ShardCorruptError: The captions are damaged.
        PermanentError: The model does not fit on the device, or the disk is full.
    """
    observer = observer or Silent()
    started = time.perf_counter()
    layout = job.layout
    captions = finished_captions(layout, shard_id)
    if captions is None:
        raise ShardCorruptError(
            f"{layout.captions(shard_id)} is missing or damaged; run again: it is made anew"
        )
    sets = _watched(with_images(job, shard_id), job, observer)
    if components.draws:
        with components.render_lock:
            images = job.config.images
            drawn = components.render_stage().render_sets(
                sets, between_steps=lambda: raise_if_stopping(observer, job)
            )
            rendered = _counted(drawn, observer)
            if job.config.selects:
                measured = components.score_stage().score_sets(rendered)
                rendered = components.selector().select_sets(measured)
            receipt = write_in_background(
                rendered,
                lambda results: write_results(job, shard_id, results, captions),
                ahead=1 + images.batch_size // (LEAST_PICTURES * images.candidates),
            )
    else:
        plain = (s if isinstance(s, Rejected) else RenderedSet(s) for s in sets)
        receipt = write_results(job, shard_id, plain, captions)
    seconds = time.perf_counter() - started
    observer.measured(shard_id, "images", seconds, {"images": receipt.counts.images})
    observer.advance(Step.SHARDS, 1)
    return receipt


def _counted(
    rendered: Iterable[RenderedSet | Rejected], observer: Observer
) -> Iterator[RenderedSet | Rejected]:
    for item in rendered:
        if isinstance(item, RenderedSet):
            observer.advance(Step.IMAGES, len(item.candidates or item.images))
        yield item


def write_results(
    job: Job,
    shard_id: int,
    rendered: Iterable[RenderedSet | Rejected],
    captions: CaptionsFile,
) -> ShardReceipt:
    """Write the files and the receipt of a shard from what came of its rows, in order."""
    return write_shard(
        job.layout,
        shard_id,
        rendered,
        captions=captions,
        jpeg_quality=job.config.images.jpeg_quality,
        provenance=sample_provenance(job.config, job.fingerprint),
        scores=job.config.measured,
    )


def sample_provenance(config: RunConfig, fingerprint: str) -> dict[str, JsonValue]:
    """What every sample of a run says of what made it; run.json says the rest."""
    made_by: dict[str, JsonValue] = {
        "tool": f"counterfactory {__version__}",
        "config_fingerprint": fingerprint,
        "run_seed": config.seed,
    }
    if config.images.renderer != "none":
        made_by["image_model"] = public_name(config.images.model)
    if config.selects:
        made_by["scorers"] = config.scores.scorer_ids()
    return made_by


def with_images(job: Job, shard_id: int) -> Iterator[CounterfactualSet | Rejected]:
    """Join the stored captions with the anchors' own pictures, read again from the source."""
    stored = read_captions(job.layout, shard_id)
    if not job.source.has_images:
        yield from stored
        return
    rows = job.source.read(job.spans[shard_id], images=True)
    for result, row in zip(stored, rows, strict=True):
        if isinstance(result, Rejected):
            yield result
        elif isinstance(row, Rejected):
            yield row
        elif row.anchor_id != result.anchor.anchor_id:
            raise ConfigError(
                f"the input changed since the captions were written: {row.origin} is another "
                "row now; restore it, or start a new run directory"
            )
        else:
            yield replace(result, anchor=replace(result.anchor, image=row.image))


def _watched(
    sets: Iterable[CounterfactualSet | Rejected], job: Job, observer: Observer
) -> Iterator[CounterfactualSet | Rejected]:
    """Stop between sets; within a batch of pictures the renderer stops between its steps."""
    for item in sets:
        raise_if_stopping(observer, job)
        yield item


def raise_if_stopping(observer: Observer, job: Job) -> None:
    """End a stage where the user asked to, or the run on a store is another process's by now.

    Raises:
        Stopped: The user did.
        PermanentError: Another process took it over.
    """
    raise_if_lost(str(job.layout.root))
    if observer.stopping:
        raise Stopped(
            f"stopped on request; every finished shard in {job.layout.root} is kept, and the "
            "same command goes on from there"
        )


def _batches(rows: Iterable[Anchor | Rejected], size: int) -> Iterator[Sequence[Anchor | Rejected]]:
    batch: list[Anchor | Rejected] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
