"""Receipts say that a shard is finished, the manifest says that the run is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from pipeline.core.errors import ShardCorruptError
from pipeline.core.records import SCHEMA_VERSION
from pipeline.shards.atomic import write_json
from pipeline.shards.counts import ShardCounts, Tally
from pipeline.shards.integrity import (
    REMAKE,
    CorruptFileError,
    FileDigest,
    FileFault,
    digest_file,
    refuse_newer_schema,
)
from pipeline.shards.layout import RunLayout, shard_name

T = TypeVar("T")
Check = Literal["size", "sha256"]


@dataclass(frozen=True, slots=True)
class ShardReceipt:
    """A finished shard: written after all its files have their final names.

    Attributes:
        schema_version: Version of the shard's files.
        shard_id: Number of the shard.
        captions: The captions file it was made from.
        sidecar: The parquet table.
        tar: The WebDataset shard; None where every row was rejected, because an archive
            without samples stops plain WebDataset loaders.
        counts: What became of the source rows.
        candidates: The tar of all candidates; None where they are not kept.
        fields: Every field that a sample of the tar has, sorted.
    """

    schema_version: int
    shard_id: int
    captions: FileDigest
    sidecar: FileDigest
    tar: FileDigest | None
    counts: ShardCounts
    candidates: FileDigest | None = None
    fields: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[FileDigest, ...]:
        """All files of the shard but the receipt."""
        there = (self.captions, self.sidecar, self.tar, self.candidates)
        return tuple(file for file in there if file is not None)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A complete run.

    Attributes:
        schema_version: Version of the run's files.
        config_fingerprint: Of the config that made it.
        counts: Sum over the shards.
        shards: Receipts in the order of the source.
    """

    schema_version: int
    config_fingerprint: str
    counts: ShardCounts
    shards: tuple[ShardReceipt, ...]


@cache
def _receipts() -> TypeAdapter[ShardReceipt]:
    return TypeAdapter(ShardReceipt)


@cache
def _manifests() -> TypeAdapter[Manifest]:
    return TypeAdapter(Manifest)


def write_receipt(layout: RunLayout, receipt: ShardReceipt) -> None:
    """Declare a shard finished. All its files must have their final names.

    Raises:
        PermanentError: The disk is full or refuses.
    """
    value = _receipts().dump_python(receipt, mode="json")
    write_json(layout.receipt(receipt.shard_id), value)


def read_receipt(
    layout: RunLayout,
    shard_id: int,
    *,
    check: Check = "size",
    on_fault: Callable[[FileFault], None] | None = None,
) -> ShardReceipt | None:
    """The receipt of a shard that is finished and whose files are as recorded, else None.

    Args:
        layout: The run directory.
        shard_id: Number of the shard.
        check: "size" looks at every file's length, "sha256" reads it all.
        on_fault: Called for each thing wrong where there is a receipt that cannot be
            trusted; such a shard must be made again. Not called where there is none.

    Raises:
        ConfigError: A newer version wrote it.
    """
    path = layout.receipt(shard_id)
    faults: list[FileFault] = []
    receipt: ShardReceipt | None = None
    if not path.exists():
        return None
    try:
        receipt = _parse(_receipts(), path)
    except CorruptFileError as error:
        faults.append(error.fault)
    if receipt is not None:
        faults += check_receipt(layout, shard_id, receipt, check=check)
    for fault in faults:
        if on_fault:
            on_fault(fault)
    return None if faults else receipt


def check_receipt(
    layout: RunLayout, shard_id: int, receipt: ShardReceipt, *, check: Check
) -> list[FileFault]:
    """Compare a shard's files with its receipt.

    Raises:
        ConfigError: A newer version wrote it.
    """
    path = layout.receipt(shard_id)
    refuse_newer_schema(path, receipt.schema_version)
    expected = {
        layout.relative(layout.captions(shard_id)),
        layout.relative(layout.sidecar(shard_id)),
    }
    if receipt.tar is not None:
        expected.add(layout.relative(layout.tar(shard_id)))
    if receipt.candidates is not None:
        expected.add(layout.relative(layout.candidates(shard_id)))
    if receipt.shard_id != shard_id or {file.path for file in receipt.files} != expected:
        # Names are compared, never followed: a receipt must not lead out of the directory.
        return [FileFault(path, "it belongs to another shard", "run again to make the shard again")]
    faults = (_check_file(layout.root / file.path, file, check) for file in receipt.files)
    return [fault for fault in faults if fault is not None]


def _check_file(path: Path, recorded: FileDigest, check: Check) -> FileFault | None:
    remedy = "restore it from a copy, or run again to make the shard again"
    try:
        size_bytes = path.stat().st_size
        if size_bytes != recorded.size_bytes:
            what = f"has {size_bytes} bytes, the receipt says {recorded.size_bytes}"
            return FileFault(path, what, remedy)
        if check == "sha256" and digest_file(path, recorded.path) != recorded:
            return FileFault(path, "its sha256 is not the one in the receipt", REMAKE)
    except FileNotFoundError:
        return FileFault(path, "the file is missing", remedy)
    return None


def store_manifest(layout: RunLayout, manifest: Manifest) -> None:
    """Write the manifest: nothing else of the run may be written after it.

    Raises:
        PermanentError: The disk is full or refuses.
    """
    write_json(layout.manifest_json, _manifests().dump_python(manifest, mode="json"))


def gather_manifest(
    layout: RunLayout, config_fingerprint: str, shard_ids: Iterable[int]
) -> Manifest:
    """The manifest of a run whose shards are all finished; writes nothing.

    Args:
        layout: The run directory.
        config_fingerprint: Of the config that made the shards.
        shard_ids: Every shard of the run, in order.

    Raises:
        ShardCorruptError: A shard is unfinished, or its files have another size.
    """
    tally = Tally()
    receipts: list[ShardReceipt] = []
    faults: list[FileFault] = []
    unfinished: list[str] = []
    for shard_id in shard_ids:
        receipt = read_receipt(layout, shard_id, check="size", on_fault=faults.append)
        if receipt is None:
            unfinished.append(shard_name(shard_id))
            continue
        receipts.append(receipt)
        tally.add_counts(receipt.counts)
    if unfinished:
        reasons = "".join(f"\n  {fault}" for fault in faults)
        raise ShardCorruptError(
            f"{layout.manifest_json} cannot be written, {len(unfinished)} shards are unfinished: "
            f"{', '.join(unfinished[:20])}{' …' if len(unfinished) > 20 else ''}; run again to "
            f"finish them{reasons}"
        )
    return Manifest(SCHEMA_VERSION, config_fingerprint, tally.counts(), tuple(receipts))


def read_manifest(layout: RunLayout) -> Manifest | None:
    """The manifest, or None where the run is not complete. Files are not checked.

    Raises:
        ShardCorruptError: It does not parse.
        ConfigError: A newer version wrote it.
    """
    if not layout.manifest_json.exists():
        return None
    manifest = _parse(_manifests(), layout.manifest_json)
    refuse_newer_schema(layout.manifest_json, manifest.schema_version)
    return manifest


def _parse(adapter: TypeAdapter[T], path: Path) -> T:
    try:
        return adapter.validate_json(path.read_bytes(), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        what = f"it does not parse: {where + ': ' if where else ''}{first['msg']}"
        raise CorruptFileError(FileFault(path, what, "delete it and run again")) from error
