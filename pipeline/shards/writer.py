"""Writes one shard: tars, then sidecar, then the receipt that makes it count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from pipeline.core.errors import StageContractError
from pipeline.core.ids import JsonValue
from pipeline.core.records import SCHEMA_VERSION, RejectedSet, RenderedSet, Sample
from pipeline.core.stage import Rejected
from pipeline.shards.atomic import atomic_file, remove_file
from pipeline.shards.candidates import encode_candidates
from pipeline.shards.captions import CaptionsFile
from pipeline.shards.counts import Tally
from pipeline.shards.encode import encode_sample
from pipeline.shards.integrity import FileDigest, HashingFile
from pipeline.shards.layout import RunLayout, shard_name
from pipeline.shards.manifest import ShardReceipt, write_receipt
from pipeline.shards.sidecar import SidecarWriter
from pipeline.shards.sidecar_rows import rows_of
from pipeline.shards.tarball import TarWriter


def write_shard(
    layout: RunLayout,
    shard_id: int,
    results: Iterable[RenderedSet | Rejected],
    *,
    captions: CaptionsFile,
    jpeg_quality: int,
    provenance: Mapping[str, JsonValue],
    scores: Sequence[str] = (),
) -> ShardReceipt:
    """Write the tar, the candidates if they are kept, the sidecar and the receipt of a shard.

    Equal results give equal bytes. At whatever point it stops, by an exception or by
    `kill -9`, no file has its final name before it is complete, and there is no receipt
    before all files are; then the shard is simply made again. Only one set's pictures are
    held in memory at a time.

    Args:
        layout: The run directory.
        shard_id: Number of the shard.
        results: One for each row of the captions file, in its order.
        captions: The finished captions file.
        jpeg_quality: 1 to 100, for drawn pictures.
        provenance: Stored in every sample; the same for all samples of a run.
        scores: What the run measures of every picture.

    Raises:
        StageContractError: Another number of results than rows in the captions file, an
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
    sidecar = SidecarWriter(scores)
    with ExitStack() as stack:
        samples = _LazyTar(layout, layout.tar(shard_id), stack)
        candidates = _LazyTar(layout, layout.candidates(shard_id), stack)
        for result in results:
            if not isinstance(result, Rejected):
                _refuse_again(samples, result, shard_id)
                samples.add(encode_sample(result, jpeg_quality=jpeg_quality, provenance=provenance))
            if isinstance(result, RenderedSet | RejectedSet) and result.candidates:
                candidates.add(
                    encode_candidates(result, jpeg_quality=jpeg_quality, provenance=provenance)
                )
            for row in rows_of(result, layout.tar(shard_id).name):
                sidecar.add(row)
                tally.add(row)
        if tally.rows != captions.rows:
            raise StageContractError(
                f"shard {shard_name(shard_id)} got {tally.rows} results for {captions.rows} rows "
                f"of its captions file {layout.captions(shard_id)}; each row must be answered once"
            )
        tar, others = samples.finish(), candidates.finish()
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
        candidates=others,
        fields=tuple(sorted(samples.fields)),
    )
    write_receipt(layout, receipt)
    return receipt


def _refuse_again(samples: _LazyTar, result: RenderedSet, shard_id: int) -> None:
    """Refuse an anchor that is in the shard already.

    Raises:
        StageContractError: It is: side by side, WebDataset would merge the two samples.
    """
    if result.cfset.anchor.anchor_id in samples.keys:
        raise StageContractError(
            f"shard {shard_name(shard_id)} got anchor {result.cfset.anchor.anchor_id} twice "
            f"({result.cfset.anchor.origin}); the source must reject repeated rows"
        )


class _LazyTar:
    """An archive that is made with its first sample: one without any stops plain loaders.

    Attributes:
        keys: Of the samples so far.
        fields: That the samples so far have.
    """

    def __init__(self, layout: RunLayout, path: Path, stack: ExitStack) -> None:
        self.keys: set[str] = set()
        self.fields: set[str] = set()
        self._layout = layout
        self._path = path
        self._stack = stack
        self._tar: TarWriter | None = None

    def add(self, sample: Sample) -> None:
        """Append a sample."""
        if self._tar is None:
            self._tar = TarWriter(self._stack.enter_context(atomic_file(self._path)))
        self.keys.add(sample.key)
        self.fields.update(name for name, _ in sample.fields)
        self._tar.add(sample)

    def finish(self) -> FileDigest | None:
        """Complete the archive; without a sample, remove what an earlier attempt left."""
        if self._tar is None:
            remove_file(self._path)
            return None
        self._tar.finish()
        out = self._tar.out
        return FileDigest(self._layout.relative(self._path), out.sha256, out.size_bytes)
