"""Chooses again among the stored candidates of a run: nothing is drawn, scored or asked.

The new run directory holds the same captions; its pictures are the stored JPEG files, byte for
byte. Only what the selection keeps and refuses differs.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pipeline.config.loading import build_config, nest
from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError, ShardCorruptError, StageContractError
from pipeline.core.ids import JsonValue
from pipeline.core.progress import Observer, Silent, Step, Stopped
from pipeline.core.records import SCHEMA_VERSION, RenderedImage, RenderedSet
from pipeline.core.scores import OVERFLOW
from pipeline.core.stage import Rejected
from pipeline.core.strategies import StrategyParameters
from pipeline.render.stage import what_came_out
from pipeline.runs.job import Job, finish, finished_captions, locked
from pipeline.runs.partition import read_partition
from pipeline.runs.run_json import refuse_another_run
from pipeline.runs.shard import with_images, write_results
from pipeline.selection.selector import Selector
from pipeline.shards.atomic import atomic_file, make_folder, write_json
from pipeline.shards.candidates import CandidateEntry, StoredCandidates, read_candidates
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import Manifest, read_manifest, read_receipt
from pipeline.shards.run_json import RunRecord, read_run_json
from pipeline.shards.sidecar import read_sidecar
from pipeline.shards.sidecar_rows import SidecarRow
from pipeline.sources import open_source


def refilter(
    run: Path, output: Path, selection: Mapping[str, Any], observer: Observer | None = None
) -> Manifest:
    """Make a run directory of what another selection keeps of a run's candidates.

    Stops and goes on as a run does: finished shards are not made again. The same run and
    selection give the same bytes. Pictures that wider bands keep are a superset of those that
    narrower ones do, but for what a better-ranked candidate takes the place of.

    Args:
        run: A complete run with `images.keep_candidates`.
        output: The new run directory.
        selection: Settings of the section `selection` that replace the run's.
        observer: Watches and stops.

    Raises:
        ConfigError: The run is not complete or kept no candidates, a band needs a score that it
            did not measure, or the new directory holds something else.
        ShardCorruptError: A file of the run is damaged.
        Stopped: The user asked to stop; finished shards are kept.
    """
    observer = observer or Silent()
    parent = RunLayout(run)
    record = read_run_json(parent)
    config = _with_selection(parent, record, selection)
    manifest = read_manifest(parent)
    if manifest is None:
        raise ConfigError(f"{run} is not complete: finish it with `counterfactory run` first")
    if output.resolve() == run.resolve():
        raise ConfigError("--output must be a new directory: a run is never changed")
    described = _describe(record, config)
    layout = RunLayout(output)
    refuse_another_run(layout, described)
    make_folder(layout.root)
    if not layout.run_json.exists():
        write_json(layout.run_json, described)
    _copy(parent.partition_json, layout.partition_json)
    has_pictures = manifest.counts.anchor_images > 0
    source = open_source(config.source)
    if has_pictures and not source.has_images:
        raise ConfigError(f"{config.source.public_input} has no pictures any more, but {run} has")
    job = Job(config, layout, source, read_partition(layout))
    observer.total(Step.SHARDS, len(job.shard_ids))
    with locked(job, observer):
        for shard_id in job.shard_ids:
            if observer.stopping:
                raise Stopped(
                    f"stopped on request; every finished shard in {output} is kept, and the same "
                    "command goes on from there"
                )
            if read_receipt(layout, shard_id) is None:
                _write_shard(job, parent, shard_id)
            observer.advance(Step.SHARDS, 1)
        return finish(job)


def _with_selection(
    parent: RunLayout, record: RunRecord, selection: Mapping[str, Any]
) -> RunConfig:
    """The run's config with another selection.

    Raises:
        ConfigError: The settings are not valid, or the run kept no candidates.
    """
    tree = nest(record.config)
    tree["selection"] = {**tree.get("selection", {}), **selection}
    config = build_config(tree)
    if not config.images.keep_candidates:
        raise ConfigError(
            f"{parent.root} kept no candidates, so there is nothing else to choose; make a run "
            "with --set images.keep_candidates=true"
        )
    return config


def _describe(record: RunRecord, config: RunConfig) -> dict[str, JsonValue]:
    """What the new run.json says: the old one with the new selection, and where it is from."""
    selector = Selector(config.selection, keep_candidates=config.images.keep_candidates)
    made_from = record.tree.get("refiltered_from") or record.fingerprint
    return {
        **record.tree,
        "schema_version": SCHEMA_VERSION,
        "config": config.product(),
        "config_fingerprint": config.fingerprint,
        "stages": {**record.table("stages"), "selection": selector.fingerprint},
        "selection": selector.description(),
        "refiltered_from": made_from,
    }


def _write_shard(job: Job, parent: RunLayout, shard_id: int) -> None:
    """Choose for one shard.

    Raises:
        ShardCorruptError: A file of the run is missing or damaged.
    """
    if finished_captions(parent, shard_id) is None or read_receipt(parent, shard_id) is None:
        raise ShardCorruptError(
            f"shard {shard_id} of {parent.root} is damaged; `counterfactory verify` says how"
        )
    make_folder(job.layout.captions_dir)
    _copy(parent.captions(shard_id), job.layout.captions(shard_id))
    captions = finished_captions(job.layout, shard_id)
    if captions is None:
        raise ShardCorruptError(f"{job.layout.captions(shard_id)} could not be copied")
    selector = Selector(job.config.selection, keep_candidates=True)
    results = selector.select_sets(_with_candidates(job, parent, shard_id))
    write_results(job, shard_id, results, captions)


def _with_candidates(
    job: Job, parent: RunLayout, shard_id: int
) -> Iterator[RenderedSet | Rejected]:
    """The shard's sets with all that was drawn for them, in order."""
    overflowed: dict[str, tuple[Rejected, ...]] = {}
    for row in read_sidecar(parent.sidecar(shard_id)):
        if row.reason == OVERFLOW and row.item == "image":
            refused = _refusal_in(row)
            overflowed[row.anchor_id] = (*overflowed.get(row.anchor_id, ()), refused)
    path = parent.candidates(shard_id)
    stored = read_candidates(path) if path.exists() else iter(())
    following = next(stored, None)
    for item in with_images(job, shard_id):
        if isinstance(item, Rejected):
            yield item
        elif following is not None and following.document.key == item.anchor.anchor_id:
            images = _images(following)
            yield what_came_out(
                item, images, overflowed.get(item.anchor.anchor_id, ()), candidates=images
            )
            following = next(stored, None)
        elif lost := overflowed.get(item.anchor.anchor_id):
            yield what_came_out(item, (), lost, candidates=())
        else:
            raise StageContractError(
                f"{path} lacks the candidates of {item.anchor.anchor_id}; verify the run"
            )


def _images(stored: StoredCandidates) -> tuple[RenderedImage, ...]:
    return tuple(_image(entry, stored.pictures[entry.file]) for entry in stored.document.candidates)


def _refusal_in(row: SidecarRow) -> Rejected:
    """A picture that did not come out, as the run recorded it."""
    return Rejected(
        row.anchor_id,
        row.reason or OVERFLOW,
        row.detail or "",
        origin=row.origin or "",
        item=row.item,
        kind=row.kind or "",
        caption=row.caption or "",
        variant=row.variant or "",
        candidate=row.candidate,
    )


def _image(entry: CandidateEntry, data: bytes) -> RenderedImage:
    """A stored candidate; its file is kept as it is."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    return RenderedImage(
        variant=entry.variant,
        pixels=pixels,
        prompt=entry.prompt,
        seed=entry.seed,
        strategy=entry.strategy,
        candidate=entry.candidate,
        parameters=StrategyParameters.from_json(entry.parameters),
        scores=entry.scores,
        encoded=data,
        negative_prompt=entry.negative_prompt or "",
        perceptual_hash=int(entry.perceptual_hash, 16) if entry.perceptual_hash else None,
    )


def _copy(source: Path, target: Path) -> None:
    """Copy a file whole, or not at all; one that is there already is left as it is."""
    if target.exists() and target.stat().st_size == source.stat().st_size:
        return
    with source.open("rb") as old, atomic_file(target) as new:
        shutil.copyfileobj(old, new)
