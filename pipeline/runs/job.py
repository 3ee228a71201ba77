"""One run: what is left to do, and its end.

:mod:`pipeline.runs.run` calls, in this order::

    with Components(config, environ) as components:
        job = open_job(config, components)         # refuses what cannot work, writes run.json
        with locked(job):                          # one launch to a run directory
            executor.run(pending(job))             # pipeline/runs/schedule.py, shard.py
            finish_as_last(job)                    # the manifest, last

What is finished is read from the disk alone. A stage whose file exists and matches is never run
again, one that does not is made from the start, so `kill -9` at any point loses nothing
and duplicates nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError, ShardCorruptError
from pipeline.core.progress import Observer, Silent
from pipeline.dataset_card.write import write_dataset_card
from pipeline.runs.balance import run_balance
from pipeline.runs.components import Components
from pipeline.runs.excluded import excluded_captions
from pipeline.runs.lock import claimed, gate
from pipeline.runs.partition import checked_partition, lay_out
from pipeline.runs.rank import ALONE, Rank
from pipeline.runs.run_json import describe_run, refuse_another_run
from pipeline.runs.scratch import prepare_scratch
from pipeline.shards.atomic import atomic_file, make_folder, write_json
from pipeline.shards.captions import CaptionsFile, check_captions
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import (
    Manifest,
    gather_manifest,
    read_receipt,
    store_manifest,
)
from pipeline.shards.run_json import read_run_json
from pipeline.shards.shard_lists import write_shard_lists
from pipeline.sources import ShardSpan, Source, open_source, settle_kind
from pipeline.stores.location import listed, located
from pipeline.stores.path import StorePath


@dataclass(frozen=True, slots=True)
class Job:
    """A run that is ready to work.

    Attributes:
        config: What is made.
        layout: Where.
        source: The opened input.
        spans: The shards of the input, in order.
        rank: This process among those that share the run.
        older_fingerprint: Where an older version began the run, the name that it gave the config.
    """

    config: RunConfig
    layout: RunLayout
    source: Source
    spans: tuple[ShardSpan, ...]
    rank: Rank = ALONE
    older_fingerprint: str | None = None

    @property
    def fingerprint(self) -> str:
        """The config fingerprint that all shards of the run bear."""
        return self.older_fingerprint or self.config.fingerprint

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
        return located(config.output)
    *folders, name = config.source.public_input.replace(":", "-").rstrip("/").split("/")
    stem = name.split(".")[0].split("{")[0].strip("-_ *")
    # A name that is all braces, or a masked token, says nothing; its folder's does.
    named = (folder for folder in reversed(folders) if folder.strip("-_ *"))
    return Path("outputs") / (stem or next(named, "run"))


def open_job(
    config: RunConfig,
    components: Components,
    observer: Observer | None = None,
    rank: Rank = ALONE,
) -> Job:
    """Make a run directory ready, or resume the one that is there.

    Writes balance.json, run.json and partition.json where they are missing; changes nothing else.

    Raises:
        ConfigError: The input, the models or the run directory cannot be used as asked;
            nothing was written then.
        PermanentError: The folder cannot be written.
    """
    observer = observer or Silent()
    prepare_scratch(config.run)
    config = config.model_copy(update={"source": settle_kind(config.source)})
    source = open_source(config.source)
    layout = RunLayout(output_folder(config))
    if isinstance(layout.root, StorePath):
        layout.root.ping()
    # Whatever is excluded must be there before anything is written.
    lays_out = not layout.partition_json.exists()
    excluded = excluded_captions(config.source.exclude) if lays_out else []
    if not rank.is_alone:
        make_folder(layout.root)
    # The gate first: of several ranks, one counts and makes the files, the others find them.
    with gate(layout, rank, observer):
        balance = run_balance(config, layout, observer)
        components.use_balance(balance)
        described = describe_run(config, components, source)
        refuse_another_run(layout, described)
        if not layout.run_json.exists():
            # A new run is refused before anything is written; a finished one needs no parser.
            components.edit_stage()
            if components.draws:
                components.renderer().check()
        make_folder(layout.root)
        with claimed(layout, rank, observer):
            refuse_another_run(layout, described)
            if not layout.run_json.exists():
                write_json(layout.run_json, described)
            if balance is not None and not layout.balance_json.exists():
                with atomic_file(layout.balance_json) as file:
                    file.write(balance.to_json().encode())
            named = str(read_run_json(layout).fingerprint)
            lay_out(layout, source, observer, excluded)
            spans = checked_partition(layout)
    if not spans:
        raise ConfigError(f"input {config.source.public_input} holds no rows; check source.input")
    return Job(config, layout, source, spans, rank, named)


@contextmanager
def locked(job: Job, observer: Observer | None = None) -> Iterator[None]:
    """Hold the job's run directory while working on it.

    Raises:
        ConfigError: Another process holds it, that is no rank of this launch.
        Stopped: The user asked to stop while this process waited.
    """
    with ExitStack() as held:
        with gate(job.layout, job.rank, observer or Silent()):
            held.enter_context(claimed(job.layout, job.rank, observer))
        yield


def pending(job: Job) -> Pending:
    """What the disk says is left for this process: a stage is done if its file has its size.

    Checksums are for `verify`: reading terabytes again would make every resume slow.
    """
    with listed(job.layout.root, contents="shards"):
        shards = tuple(
            i for i in job.shard_ids if job.rank.takes(i) and read_receipt(job.layout, i) is None
        )
        captions = tuple(i for i in shards if finished_captions(job.layout, i) is None)
    return Pending(captions, shards)


def finished_captions(layout: RunLayout, shard_id: int) -> CaptionsFile | None:
    """The stored captions of a shard; None where they are missing or damaged, and so to be made."""
    try:
        return check_captions(layout, shard_id)
    except ShardCorruptError:
        return None


def finish(job: Job) -> Manifest:
    """Write the lists of shards and the dataset card, then the manifest: the run is complete.

    Raises:
        ShardCorruptError: A shard is not finished, or run.json is damaged.
        PermanentError: The disk is full or refuses.
    """
    with listed(job.layout.root, contents="shards"):
        manifest = gather_manifest(job.layout, job.fingerprint, job.shard_ids)
    write_shard_lists(job.layout, manifest)
    write_dataset_card(job.layout, manifest)
    store_manifest(job.layout, manifest)
    return manifest


def finish_as_last(job: Job, observer: Observer | None = None) -> Manifest | None:
    """Write the manifest if all ranks have finished their shards, else None.

    Each rank asks after its last shard and one after the other, so the last one sees all.

    Raises:
        Stopped: The user asked to stop while this process waited.
    """
    with gate(job.layout, job.rank, observer or Silent()):
        if not job.rank.is_alone:
            with listed(job.layout.root, contents="shards"):
                if any(read_receipt(job.layout, i) is None for i in job.shard_ids):
                    return None
        return finish(job)
