"""Checks a whole run directory and lists everything that is wrong with it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from pipeline.config.run import fingerprints_of
from pipeline.core.ids import ID_BYTES
from pipeline.shards.agreement import shard_faults
from pipeline.shards.integrity import REMAKE, CorruptFileError, FileFault
from pipeline.shards.layout import RunLayout, shard_name
from pipeline.shards.manifest import (
    Manifest,
    ShardReceipt,
    check_receipt,
    read_manifest,
    read_receipt,
)
from pipeline.shards.reader import StoredSample
from pipeline.shards.run_json import FINGERPRINT_KEY, parse_run_json
from pipeline.shards.shard_lists import shard_list_faults


def verify_run(
    layout: RunLayout,
    on_shard: Callable[[int], None] | None = None,
    *,
    sample: float = 1.0,
    workers: int = 1,
) -> list[FileFault]:
    """Everything that is wrong with a run directory; an empty list says it is sound.

    Checked are: the manifest, that run.json belongs to it and that the lists of shards say the
    same, every checksum, that
    captions, tar and sidecar agree row by row, that every picture decodes, that no anchor
    is in the run twice, and that no file is left over. Without a manifest the finished
    shards are checked all the same. Memory: about a hundred bytes for each anchor.

    Of a sample, the contents of some shards are read; of the others only that the files are
    there in their recorded size. Workers are processes that share the reading; the order of
    the faults does not depend on them.

    Args:
        layout: The run directory.
        on_shard: Called with each shard's number after its check.
        sample: Share of the shards whose contents are read, spread evenly; at least one.
        workers: Processes.

    Raises:
        ConfigError: A newer version wrote the directory.
    """
    if not layout.root.is_dir():
        return [FileFault(layout.root, "there is no such directory", "name a run directory")]
    faults = [
        FileFault(path, "a stopped process left this unfinished file", "run again, or delete it")
        for path in layout.partial_files()
    ]
    manifest: Manifest | None = None
    try:
        manifest = read_manifest(layout)
        if manifest is None:
            faults.append(_unfinished(layout))
    except CorruptFileError as error:
        faults.append(error.fault)
    faults += _run_json_faults(layout, manifest)
    if manifest is not None:
        faults += _partition_faults(layout, manifest)
    receipts = list(manifest.shards) if manifest else _finished(layout, faults)
    ids = _Ids()
    check = partial(_examine, layout, in_manifest=manifest is not None)
    chosen = _chosen(receipts, sample)
    reads = [receipt.shard_id in chosen for receipt in receipts]
    with _mapping(workers) as run_all:
        for receipt, found in zip(receipts, run_all(check, receipts, reads), strict=True):
            faults += [*found.faults, *ids.add(found.anchors)]
            if on_shard:
                on_shard(receipt.shard_id)
    if manifest is not None:
        faults += shard_list_faults(layout, manifest)
        faults += _unlisted(layout, manifest)
    return faults


def _chosen(receipts: Sequence[ShardReceipt], sample: float) -> frozenset[int]:
    """Shards whose contents are read, spread evenly over all."""
    if sample >= 1.0 or not receipts:
        return frozenset(receipt.shard_id for receipt in receipts)
    count = min(len(receipts), max(1, math.ceil(sample * len(receipts))))
    places = ((2 * number + 1) * len(receipts) // (2 * count) for number in range(count))
    return frozenset(receipts[place].shard_id for place in places)


@contextmanager
def _mapping(workers: int) -> Iterator[Callable[..., Iterable[_Examined]]]:
    """What applies a check to all shards, in their order: here, or in processes."""
    if workers <= 1:
        yield map
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield pool.map


@dataclass(frozen=True, slots=True)
class _Anchor:
    """An anchor as its sample names it, to find it a second time."""

    digest: bytes
    path: Path
    offset: int
    key: str
    origin: str


@dataclass(frozen=True, slots=True)
class _Examined:
    """What was found in a shard.

    Attributes:
        faults: What is wrong with it.
        anchors: Its anchors; none where its contents were not read.
    """

    faults: list[FileFault]
    anchors: list[_Anchor] = field(default_factory=list)


def _examine(
    layout: RunLayout, receipt: ShardReceipt, read: bool, *, in_manifest: bool
) -> _Examined:
    """Faults of one shard: first its files, and only if they are as recorded its contents."""
    path = layout.receipt(receipt.shard_id)
    faults = check_receipt(layout, receipt.shard_id, receipt, check="sha256" if read else "size")
    if in_manifest:
        on_disk = read_receipt(layout, receipt.shard_id, check="size")
        # Where a file of the shard is wrong, that is the fault, and it is already listed.
        if on_disk != receipt and not faults:
            faults.append(FileFault(path, "it is missing or not as in the manifest", REMAKE))
    if faults or not read:
        return _Examined(faults)
    anchors: list[_Anchor] = []

    def note(sample: StoredSample) -> None:
        digest = hashlib.blake2b(sample.key.encode(), digest_size=ID_BYTES).digest()
        origin = sample.document.origin
        anchors.append(_Anchor(digest, sample.path, sample.offset, sample.key, origin))

    return _Examined(shard_faults(layout, receipt, note), anchors)


class _Ids:
    """The ids read so far in the run, as short digests."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def add(self, anchors: Iterable[_Anchor]) -> Iterator[FileFault]:
        """The faults of a shard's anchors that were in the run before."""
        for anchor in anchors:
            if anchor.digest in self._seen:
                what = f"at byte {anchor.offset}: anchor {anchor.key} is in the run a second time"
                remedy = f"remove the repeated row {anchor.origin} from the input, run anew"
                yield FileFault(anchor.path, what, remedy)
            self._seen.add(anchor.digest)


def _ids_on_disk(folder: Path, suffix: str) -> set[int]:
    return {int(path.stem) for path in folder.glob(f"*{suffix}") if path.stem.isdigit()}


def _unfinished(layout: RunLayout) -> FileFault:
    """The missing manifest, with the shards that are unfinished."""
    wanted = _planned(layout) | _ids_on_disk(layout.captions_dir, ".jsonl")
    finished = _ids_on_disk(layout.shards_dir, ".json")
    unfinished = sorted(wanted - finished)
    names = ", ".join(shard_name(shard_id) for shard_id in unfinished[:20])
    more = " …" if len(unfinished) > 20 else ""
    what = f"it is missing, so the run is not complete; {len(finished)} shards are finished"
    if unfinished:
        what += f", {len(unfinished)} are not: {names}{more}"
    return FileFault(layout.manifest_json, what, "run again with the same config to finish it")


def _planned(layout: RunLayout) -> set[int]:
    """Shards of the partition, which lists one entry for each; none where it is unreadable."""
    try:
        entries = json.loads(layout.partition_json.read_bytes())
    except (OSError, ValueError):
        return set()
    return set(range(len(entries))) if isinstance(entries, list) else set()


def _finished(layout: RunLayout, faults: list[FileFault]) -> list[ShardReceipt]:
    """Receipts of a run without a manifest; damaged ones go to `faults`."""
    receipts: list[ShardReceipt] = []
    for shard_id in sorted(_ids_on_disk(layout.shards_dir, ".json")):
        receipt = read_receipt(layout, shard_id, check="size", on_fault=faults.append)
        if receipt is not None:
            receipts.append(receipt)
    return receipts


def _run_json_faults(layout: RunLayout, manifest: Manifest | None) -> list[FileFault]:
    path = layout.run_json
    remedy = "restore it from a copy, or run again with the same config"
    try:
        record = parse_run_json(path.read_bytes())
    except FileNotFoundError:
        return [FileFault(path, "it is missing", remedy)]
    except ValueError as error:
        return [FileFault(path, str(error), remedy)]
    fingerprint = record.fingerprint
    if manifest is not None and fingerprint != manifest.config_fingerprint:
        what = (
            f"{FINGERPRINT_KEY} is {fingerprint!r}, the manifest's is "
            f"{manifest.config_fingerprint!r}: they are not of the same run"
        )
        return [FileFault(path, what, remedy)]
    if record.config and fingerprint not in fingerprints_of(record.config):
        return [FileFault(path, "its config is not the one that its fingerprint names", remedy)]
    return []


def _partition_faults(layout: RunLayout, manifest: Manifest) -> list[FileFault]:
    """Whether the shards that the source was cut into are those that were made."""
    path = layout.partition_json
    try:
        spans = json.loads(path.read_bytes())
        shard_ids = [span["shard_id"] for span in spans]
    except FileNotFoundError:
        return []  # A run makes it anew; nothing else depends on it.
    except (ValueError, TypeError, KeyError) as error:
        return [FileFault(path, f"it is damaged: {error}", "delete it and run again")]
    if shard_ids != [receipt.shard_id for receipt in manifest.shards]:
        what = "its shards are not those of the manifest"
        return [FileFault(path, what, "delete it and run again: it is made anew from the input")]
    return []


def _unlisted(layout: RunLayout, manifest: Manifest) -> list[FileFault]:
    """Files among the shards that the manifest does not know."""
    listed = {layout.receipt(receipt.shard_id) for receipt in manifest.shards}
    listed |= {layout.root / file.path for receipt in manifest.shards for file in receipt.files}
    partial = {*layout.partial_files(), layout.sizes_json}
    return [
        FileFault(
            path, "the manifest does not list it", "delete it, it belongs to no finished shard"
        )
        for folder in (layout.captions_dir, layout.shards_dir, layout.candidates_dir)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path not in listed | partial
    ]
