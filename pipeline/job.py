"""One run, shard by shard: the calls that the command line and the flows make.

    with Workshop(config, environ) as workshop:
        job = open_job(config, workshop)         # refuses what cannot work, writes run.json
        with locked(job):                        # one process to a run directory
            for shard_id in pending(job).shards:
                write_captions_half(job, shard_id, workshop)
                write_images_half(job, shard_id, workshop)
            finish(job)                          # the manifest, last

What is finished is read from the disk alone. A half that exists and matches is never made
again, one that does not is made from the start, so `kill -9` at any point loses nothing
and duplicates nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.compose import Workshop, library_versions
from pipeline.config import RunConfig
from pipeline.errors import ConfigError, ShardCorruptError
from pipeline.identity import JsonValue
from pipeline.progress import Observer, Silent, Step, Stopped, advance_or_stop
from pipeline.records import SCHEMA_VERSION, Anchor, CounterfactualSet, RenderedSet
from pipeline.shards.atomic import make_folder, write_json
from pipeline.shards.captions import CaptionsFile, check_captions, read_captions, write_captions
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import (
    Manifest,
    ShardReceipt,
    read_manifest,
    read_receipt,
    write_manifest,
)
from pipeline.shards.writer import write_shard
from pipeline.sources import ShardSpan, Source, open_source
from pipeline.stage import Rejected, run_stage

CAPTION_BATCH = 250
"""Anchors that go through the caption stage at once, by rules: progress is seen and a stop
obeyed between batches."""

LLM_ROUNDS = 16
"""With a language model a batch is this many times its concurrency: it drains seldom, and a
stop is still obeyed soon. A batch file holds the whole shard."""

LOCAL_CONCURRENCY = 2
"""The bundled model answers about one question a second on each core."""


@dataclass(frozen=True, slots=True)
class Job:
    """A run that is ready to work.

    Attributes:
        config: What is made.
        layout: Where.
        source: The opened input.
        spans: The shards of the input, in order.
    """

    config: RunConfig
    layout: RunLayout
    source: Source
    spans: tuple[ShardSpan, ...]

    @property
    def shard_ids(self) -> range:
        """Every shard of the run."""
        return range(len(self.spans))


@dataclass(frozen=True, slots=True)
class Pending:
    """What is left to do.

    Attributes:
        captions: Shards whose captions are not written.
        shards: Shards that are not finished; those with captions among them.
    """

    captions: tuple[int, ...]
    shards: tuple[int, ...]


def output_folder(config: RunConfig) -> Path:
    """Run directory of a config: as asked, else `outputs/<name of the input>`."""
    if config.output:
        return Path(config.output)
    *folders, name = config.source.input.replace(":", "-").rstrip("/").split("/")
    stem = name.split(".")[0].split("{")[0].strip("-_ ")
    # A name that is all braces says nothing; its folder's does.
    return Path("outputs") / (stem or next((f for f in reversed(folders) if f), "") or "run")


def open_job(config: RunConfig, workshop: Workshop, observer: Observer | None = None) -> Job:
    """Make a run directory ready, or resume the one that is there.

    Writes run.json and partition.json where they are missing; changes nothing else.

    Raises:
        ConfigError: The input, the models or the run directory cannot be used as asked;
            nothing was written then.
        PermanentError: The folder cannot be written.
    """
    observer = observer or Silent()
    source = open_source(config.source)
    layout = RunLayout(output_folder(config))
    described = _describe_run(config, workshop, source)
    _refuse_another_run(layout, described)
    make_folder(layout.root)
    with _lock(layout):
        _refuse_another_run(layout, described)
        layout.remove_partial_files()
        if not layout.run_json.exists():
            write_json(layout.run_json, described)
        if not layout.partition_json.exists():
            spans = source.partition(lambda rows: advance_or_stop(observer, Step.ROWS, rows))
            write_json(layout.partition_json, [span.to_json() for span in spans])
        spans_made = read_partition(layout)
        manifest = read_manifest(layout)
        if manifest is not None and [r.counts.rows for r in manifest.shards] != [
            span.rows for span in spans_made
        ]:
            raise ShardCorruptError(
                f"{layout.partition_json} and {layout.manifest_json} are not of the same run; "
                "delete the first and run again: it is made anew from the input"
            )
    if not spans_made:
        raise ConfigError(f"input {config.source.input} holds no rows; check source.input")
    return Job(config, layout, source, spans_made)


def read_partition(layout: RunLayout) -> tuple[ShardSpan, ...]:
    """Read the shards that a run was divided into.

    Raises:
        ShardCorruptError: The file is damaged.
    """
    try:
        stored = json.loads(layout.partition_json.read_text("utf-8"))
        spans = tuple(ShardSpan.from_json(entry) for entry in stored)
        follows = 0
        for number, span in enumerate(spans):
            if (span.shard_id, span.first_row) != (number, follows) or span.rows < 1:
                raise ValueError(f"shard {number} does not follow the one before it")
            follows += span.rows
        return spans
    except (ValueError, KeyError, TypeError, AttributeError, OSError, ConfigError) as error:
        raise ShardCorruptError(
            f"{layout.partition_json} is damaged ({error}); delete it and run again: "
            "it is made anew from the input"
        ) from error


def _describe_run(config: RunConfig, workshop: Workshop, source: Source) -> dict[str, JsonValue]:
    """What run.json says; equal for equal runs wherever and whenever they are made."""
    return {
        "schema_version": SCHEMA_VERSION,
        "config": config.product(),
        "config_fingerprint": config.fingerprint,
        "source": source.describe(),
        "stages": workshop.stage_fingerprints(),
        "versions": dict(library_versions()),
        **workshop.provenance(),
    }


def _refuse_another_run(layout: RunLayout, described: dict[str, JsonValue]) -> None:
    """Refuse a directory that holds something else, naming what differs.

    Raises:
        ConfigError: It does.
    """
    root = layout.root
    if root.exists() and not root.is_dir():
        raise ConfigError(f"{root} is a file; choose another --output")
    if not layout.run_json.exists():
        strangers = [p.name for p in root.iterdir() if p.name[0] != "."] if root.exists() else []
        if strangers:
            raise ConfigError(
                f"{root} holds other files ({', '.join(sorted(strangers)[:3])}) and is no run "
                "directory; choose an empty or new --output"
            )
        return
    try:
        stored = json.loads(layout.run_json.read_text("utf-8"))
        if not isinstance(stored, dict):
            raise ValueError("it holds no table")
    except ValueError as error:
        raise ConfigError(
            f"{layout.run_json} is damaged ({error}); restore it, or choose another --output"
        ) from error
    differing = [
        line
        for section in ("config", "source", "stages")
        for line in _differences(section, stored.get(section), described[section])
    ]
    if differing:
        raise ConfigError(
            f"{root} was made by another run; these differ:\n"
            + "\n".join(f"  {line}" for line in differing)
            + "\nchoose another --output, or go back to what that run used"
        )


def _differences(section: str, stored: object, wanted: JsonValue) -> Iterator[str]:
    """Name the keys of a section whose values differ."""
    stored = stored if isinstance(stored, dict) else {}
    wanted = json.loads(json.dumps(wanted))
    if not isinstance(wanted, dict):
        return
    for key in sorted({*stored, *wanted}):
        before, now = stored.get(key), wanted.get(key)
        if before != now and section == "stages":
            yield f"{key}: the rules, prompts or models behind this stage changed since"
        elif before != now:
            label = key if section == "config" else f"{section} {key}"
            yield f"{label}: {json.dumps(before)} in the directory, {json.dumps(now)} now"


@contextmanager
def _lock(layout: RunLayout) -> Iterator[None]:
    """Hold the run directory for this process alone.

    Raises:
        ConfigError: Another process holds it.
    """
    import filelock

    try:
        # Never removed: deleting a lock file lets two processes hold two of them.
        with filelock.FileLock(layout.lock, timeout=0):
            yield
    except filelock.Timeout as error:
        raise ConfigError(
            f"another process is working on {layout.root}; wait for it, stop it, or choose "
            "another --output"
        ) from error


@contextmanager
def locked(job: Job) -> Iterator[None]:
    """Hold the job's run directory while working on it.

    Raises:
        ConfigError: Another process holds it.
    """
    with _lock(job.layout):
        job.layout.remove_partial_files()
        yield


def pending(job: Job) -> Pending:
    """What the disk says is left: a half counts as done if it exists and has its size.

    Checksums are for `verify`: reading terabytes again would make every resume slow.
    """
    shards = tuple(i for i in job.shard_ids if read_receipt(job.layout, i) is None)
    captions = tuple(i for i in shards if _finished_captions(job.layout, i) is None)
    return Pending(captions, shards)


def _finished_captions(layout: RunLayout, shard_id: int) -> CaptionsFile | None:
    """The text half of a shard; None where it is missing or damaged, and so to be made."""
    try:
        return check_captions(layout, shard_id)
    except ShardCorruptError:
        return None


def write_captions_half(
    job: Job, shard_id: int, workshop: Workshop, observer: Observer | None = None
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
    results = _captioned(job, shard_id, workshop, observer)
    written = write_captions(job.layout, shard_id, results)
    seconds = time.perf_counter() - started
    observer.measured(shard_id, "captions", seconds, {"rows": rows})
    return written


def _captioned(
    job: Job, shard_id: int, workshop: Workshop, observer: Observer
) -> Iterator[CounterfactualSet | Rejected]:
    """Write and check the captions of a shard, row by row.

    Where edits are balanced, none leaves before the last is written: the choice looks at all.
    """
    stage, checks = workshop.edit_stage(), workshop.text_checks()
    rows = job.source.read(job.spans[shard_id], images=False)
    size = _batch_size(job.config, job.spans[shard_id].rows)
    written: list[CounterfactualSet | Rejected] = []
    for batch in _batches(rows, size):
        _obey(observer, job)
        anchors = [row for row in batch if isinstance(row, Anchor)]
        with workshop.captions_lock:
            made = iter(run_stage(stage, anchors))
        written += [next(made) if isinstance(row, Anchor) else row for row in batch]
        observer.advance(Step.ANCHORS, len(batch))
        if not checks.balances:
            yield from _checked(written, workshop, observer)
            written = []
    _obey(observer, job)
    yield from _checked(written, workshop, observer)


def _batch_size(config: RunConfig, rows: int) -> int:
    """Anchors that go through the caption stage at once."""
    if config.llm.provider == "none":
        return CAPTION_BATCH
    if config.llm.mode == "batch":
        return max(1, rows)
    return LLM_ROUNDS * (
        LOCAL_CONCURRENCY if config.llm.provider == "local" else config.llm.concurrency
    )


def _checked(
    written: Sequence[CounterfactualSet | Rejected], workshop: Workshop, observer: Observer
) -> Iterator[CounterfactualSet | Rejected]:
    """Put every set through the checks on text; what was rejected before stays so."""
    sets = [item for item in written if isinstance(item, CounterfactualSet)]
    with workshop.captions_lock:
        results = iter(run_stage(workshop.text_checks(), sets))
    for item in written:
        result = next(results) if isinstance(item, CounterfactualSet) else item
        if isinstance(result, CounterfactualSet):
            observer.advance(Step.EDITS, len(result.minimal) + len(result.full))
        yield result


def write_images_half(
    job: Job, shard_id: int, workshop: Workshop, observer: Observer | None = None
) -> ShardReceipt:
    """Draw the pictures of one shard and write its tar, sidecar and receipt.

    Raises:
        Stopped: The user asked to stop; nothing of this shard was written.
        ShardCorruptError: The captions are damaged.
        PermanentError: The model does not fit on the device, or the disk is full.
    """
    observer = observer or Silent()
    started = time.perf_counter()
    layout = job.layout
    captions = _finished_captions(layout, shard_id)
    if captions is None:
        raise ShardCorruptError(
            f"{layout.captions(shard_id)} is missing or damaged; run again: it is made anew"
        )
    sets = _watched(_with_images(job, shard_id), job, observer)
    if workshop.draws:
        with workshop.render_lock:
            rendered = workshop.render_stage().render_sets(sets)
            receipt = _write(job, shard_id, rendered, captions, observer)
    else:
        plain = (s if isinstance(s, Rejected) else RenderedSet(s) for s in sets)
        receipt = _write(job, shard_id, plain, captions, observer)
    seconds = time.perf_counter() - started
    observer.measured(shard_id, "images", seconds, {"images": receipt.counts.images})
    observer.advance(Step.SHARDS, 1)
    return receipt


def _write(
    job: Job,
    shard_id: int,
    rendered: Iterable[RenderedSet | Rejected],
    captions: CaptionsFile,
    observer: Observer,
) -> ShardReceipt:
    def counted() -> Iterator[RenderedSet | Rejected]:
        for item in rendered:
            if isinstance(item, RenderedSet):
                observer.advance(Step.IMAGES, len(item.images))
            yield item

    return write_shard(
        job.layout,
        shard_id,
        counted(),
        captions=captions,
        jpeg_quality=job.config.images.jpeg_quality,
        provenance={
            "config_fingerprint": job.config.fingerprint,
            "run_seed": job.config.seed,
        },
    )


def _with_images(job: Job, shard_id: int) -> Iterator[CounterfactualSet | Rejected]:
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
    """Stop between sets, and so within one batch of pictures."""
    for item in sets:
        _obey(observer, job)
        yield item


def _obey(observer: Observer, job: Job) -> None:
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


def finish(job: Job) -> Manifest:
    """Write the manifest: the run is complete and every shard is on record.

    Raises:
        ShardCorruptError: A shard is not finished.
    """
    return write_manifest(job.layout, job.config.fingerprint, job.shard_ids)
