"""Writes one shard: tar, then sidecar, then the receipt that makes it count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack

from pipeline.errors import StageContractError
from pipeline.identity import JsonValue
from pipeline.records import SCHEMA_VERSION, RenderedSet
from pipeline.shards.atomic import atomic_file, remove_file
from pipeline.shards.captions import CaptionsFile
from pipeline.shards.counts import Tally
from pipeline.shards.encode import encode_sample
from pipeline.shards.integrity import FileDigest, HashingFile
from pipeline.shards.layout import RunLayout, shard_name
from pipeline.shards.manifest import ShardReceipt, write_receipt
from pipeline.shards.sidecar import SidecarWriter, rows_of
from pipeline.shards.tarball import TarWriter
from pipeline.stage import Rejected


def write_shard(
    layout: RunLayout,
    shard_id: int,
    results: Iterable[RenderedSet | Rejected],
    *,
    captions: CaptionsFile,
    jpeg_quality: int,
    provenance: Mapping[str, JsonValue],
) -> ShardReceipt:
    """Write the tar, the sidecar and the receipt of a shard.

    Equal results give equal bytes. At whatever point it stops, by an exception or by
    `kill -9`, no file has its final name before it is complete, and there is no receipt
    before all files are; then the shard is simply made again. Only one set's pictures are
    held in memory at a time.

    Args:
        layout: The run directory.
        shard_id: Number of the shard.
        results: One for each row of the text half, in its order.
        captions: The finished text half.
        jpeg_quality: 1 to 100, for drawn pictures.
        provenance: Stored in every sample; the same for all samples of a run.

    Raises:
        StageContractError: Another number of results than rows in the text half, an
            anchor twice, or a set that cannot be stored.
        PermanentError: The disk is full or refuses.
    """
    if captions.shard_id != shard_id:
        raise StageContractError(
            f"shard {shard_name(shard_id)} got the captions of {shard_name(captions.shard_id)}"
        )
    # Of an earlier attempt: it must not vouch for files that are about to change.
    remove_file(layout.receipt(shard_id))
    tally = Tally()
    sidecar = SidecarWriter()
    tar = _write_tar(
        layout,
        shard_id,
        results,
        sidecar=sidecar,
        tally=tally,
        rows=captions.rows,
        jpeg_quality=jpeg_quality,
        provenance=provenance,
    )
    with atomic_file(layout.sidecar(shard_id)) as file:
        out = HashingFile(file)
        out.write(sidecar.finish())
    receipt = ShardReceipt(
        schema_version=SCHEMA_VERSION,
        shard_id=shard_id,
        captions=FileDigest(
            layout.relative(layout.captions(shard_id)), captions.sha256, captions.size_bytes
        ),
        sidecar=FileDigest(layout.relative(layout.sidecar(shard_id)), out.sha256, out.size_bytes),
        tar=tar,
        counts=tally.counts(),
    )
    write_receipt(layout, receipt)
    return receipt


def _write_tar(
    layout: RunLayout,
    shard_id: int,
    results: Iterable[RenderedSet | Rejected],
    *,
    sidecar: SidecarWriter,
    tally: Tally,
    rows: int,
    jpeg_quality: int,
    provenance: Mapping[str, JsonValue],
) -> FileDigest | None:
    """Write the samples, and each result's rows on the way; None where there is no sample."""
    path = layout.tar(shard_id)
    keys: set[str] = set()
    tar: TarWriter | None = None
    with ExitStack() as stack:
        for result in results:
            if not isinstance(result, Rejected):
                sample = encode_sample(result, jpeg_quality=jpeg_quality, provenance=provenance)
                if sample.key in keys:
                    # Side by side, WebDataset would merge the two into one sample.
                    raise StageContractError(
                        f"shard {shard_name(shard_id)} got anchor {sample.key} twice "
                        f"({result.cfset.anchor.origin}); the source must reject repeated rows"
                    )
                keys.add(sample.key)
                if tar is None:
                    tar = TarWriter(stack.enter_context(atomic_file(path)))
                tar.add(sample)
            for row in rows_of(result):
                sidecar.add(row)
                tally.add(row)
        if tally.rows != rows:
            raise StageContractError(
                f"shard {shard_name(shard_id)} got {tally.rows} results for {rows} rows of its "
                f"text half {layout.captions(shard_id)}; each row must be answered once"
            )
        if tar is None:
            remove_file(path)
            return None
        tar.finish()
        return FileDigest(layout.relative(path), tar.out.sha256, tar.out.size_bytes)
