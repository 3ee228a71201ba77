"""Whether the files of one shard agree: captions, tar and sidecar."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pipeline.core.ids import canonical_json
from pipeline.core.records import CounterfactualSet
from pipeline.core.stage import Rejected
from pipeline.core.truth import FACTUAL
from pipeline.shards.candidates import CandidateEntry, read_candidates
from pipeline.shards.captions import read_captions
from pipeline.shards.counts import Tally
from pipeline.shards.integrity import REMAKE, CorruptFileError, FileFault
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import ShardReceipt
from pipeline.shards.reader import StoredSample, iterate_samples
from pipeline.shards.sidecar import read_sidecar
from pipeline.shards.sidecar_rows import SidecarRow, rows_by_anchor

_WITH_FIELDS = 4
"""Receipts of older schemas do not list the fields of the samples."""

_SOFTWARE = "report it with the versions in run.json, then delete the receipt and run again"
"""Remedy where the bytes are as written, but wrong: another run may give the same."""


def shard_faults(
    layout: RunLayout, receipt: ShardReceipt, on_key: Callable[[StoredSample], None]
) -> list[FileFault]:
    """Compare the three files of a shard row by row and decode every picture.

    Streams: memory does not grow with the shard. Reading stops at the first place where
    the files part, since all behind it would differ too; pictures that do not decode are
    listed one by one.

    Args:
        layout: The run directory.
        receipt: Of the shard; its checksums are not looked at here.
        on_key: Called with each sample.

    Raises:
        ConfigError: A newer version wrote it.
    """
    faults: list[FileFault] = []
    try:
        for sample in _walk(layout, receipt, faults):
            on_key(sample)
    except CorruptFileError as error:
        faults.append(error.fault)
    return faults


def _walk(
    layout: RunLayout, receipt: ShardReceipt, faults: list[FileFault]
) -> Iterator[StoredSample]:
    """Go through the three files in step; yield each sample after its checks."""
    shard_id = receipt.shard_id
    sidecar = layout.sidecar(shard_id)
    tar = layout.tar(shard_id)
    tally = Tally()
    fields: set[str] = set()
    samples = iterate_samples([tar] if receipt.tar else [])
    stored = _Candidates(layout.candidates(shard_id)) if receipt.candidates else None
    rows = rows_by_anchor(_tallied(read_sidecar(sidecar), tally))
    for number, record in enumerate(read_captions(layout, shard_id), start=1):
        group = next(rows, None)
        anchor_id = record.anchor_id if isinstance(record, Rejected) else record.anchor.anchor_id
        if group is None or group[0].item != "anchor" or group[0].anchor_id != anchor_id:
            raise _apart(sidecar, f"source row {number} should be anchor {anchor_id!r}")
        if group[0].status == "rejected":
            if stored is not None and any(e.is_kept for e in stored.take(anchor_id)):
                raise _apart(stored.path, f"anchor {anchor_id} is rejected, but has kept pictures")
            continue
        if isinstance(record, Rejected):
            raise _apart(sidecar, f"anchor {anchor_id} is made, but rejected in the captions")
        sample = next(samples, None)
        if sample is None or sample.key != anchor_id:
            found = f"sample {sample.key}" if sample else "the end"
            raise _apart(tar, f"expected sample {anchor_id}, found {found}")
        faults += [FileFault(tar, f"sample {anchor_id}: {what}", _SOFTWARE)
                   for what in _sample_faults(sample, record, group)]  # fmt: skip
        if stored is not None:
            entries = stored.take(anchor_id)
            faults += [FileFault(stored.path, f"sample {anchor_id}: {what}", _SOFTWARE)
                       for what in _candidate_faults(sample, entries, stored.pictures)]  # fmt: skip
        fields |= sample.fields.keys()
        yield sample
    extra_rows, extra_sample = next(rows, None), next(samples, None)
    if extra_rows is not None:
        raise _apart(sidecar, f"anchor {extra_rows[0].anchor_id!r} is not in the captions")
    if extra_sample is not None:
        raise _apart(tar, f"sample {extra_sample.key} is not in the sidecar")
    if stored is not None and stored.has_more:
        raise _apart(stored.path, "it has candidates of anchors that are not in the captions")
    if receipt.schema_version >= _WITH_FIELDS and tuple(sorted(fields)) != receipt.fields:
        raise _apart(layout.receipt(shard_id), "its fields are not those of the samples")
    if tally.counts() != receipt.counts:
        raise _apart(layout.receipt(shard_id), "its counts are not those of the sidecar")


class _Candidates:
    """The candidates of a shard, taken in step with its anchors; not every anchor has some.

    Attributes:
        path: Their tar.
        pictures: Field → JPEG bytes, of the anchor that was taken last.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pictures: Mapping[str, bytes] = {}
        self._rest = read_candidates(path)
        self._next = next(self._rest, None)

    @property
    def has_more(self) -> bool:
        return self._next is not None

    def take(self, key: str) -> tuple[CandidateEntry, ...]:
        """Those of an anchor, if they are the next; else none."""
        found = self._next
        if found is None or found.document.key != key:
            return ()
        self._next = next(self._rest, None)
        self.pictures = found.pictures
        return found.document.candidates


def _tallied(rows: Iterator[SidecarRow], tally: Tally) -> Iterator[SidecarRow]:
    for row in rows:
        tally.add(row)
        yield row


def _sample_faults(
    sample: StoredSample, cfset: CounterfactualSet, group: list[SidecarRow]
) -> Iterator[str]:
    """What is wrong with one sample, each in a few words."""
    document = sample.document
    captions = document.captions()
    if document.key != sample.key:
        yield f"its json is of sample {document.key}"
    if document.caption != cfset.anchor.caption:
        yield "its factual caption is not the one in the captions file"
    # Some captions may have been dropped after drawing; none may have been added.
    if not set(captions.values()) <= set(cfset.captions().values()):
        yield "it has a counterfactual caption that the captions file lacks"
    if {(one.rule, one.caption) for one in document.neutral} != {
        (one.rule, one.caption) for one in cfset.neutral
    }:
        yield "its neutral variants are not those in the captions file"
    made = [row for row in group if row.status == "made"]
    if {row.variant: row.caption for row in made if row.item in {"edit", "full"}} != captions:
        yield "its captions are not those of the sidecar"
    drawn = {
        variant: (
            *(str(entry.seed), entry.width_px, entry.height_px, entry.prompt),
            *(entry.strategy, entry.candidate, canonical_json(entry.parameters)),
            canonical_json(entry.scores),
        )
        for variant, entry in document.images.items()
        if entry.origin == "drawn" and variant != FACTUAL
    }
    if drawn != {
        row.variant: (
            *(row.seed, row.width_px, row.height_px, row.caption),
            *(row.strategy, row.candidate, row.parameters),
            canonical_json(row.scores),
        )
        for row in made
        if row.item == "image"
    }:
        yield "its pictures are not those of the sidecar"
    refused = {
        (row.variant, row.reason)
        for row in group
        if row.item == "image" and row.status == "rejected"
    }
    if not set(document.missing.items()) <= refused:
        yield "its missing pictures are not those that the sidecar says were refused"
    shared = {edit.variant for edit in document.minimal if edit.image == "shared"}
    if drawn and set(document.missing) != set(captions) - set(drawn) - shared:
        yield "the captions without a picture are not those that its json calls missing"
    texts = {"txt": document.caption} | {f"{name}.txt": text for name, text in captions.items()}
    for edit in document.minimal:
        if edit.factual != document.caption:
            texts[f"{edit.variant}.factual.txt"] = edit.factual
    files = {entry.file: entry for entry in document.images.values()}
    expected = {"json", *texts, *files}
    if set(sample.fields) != expected:
        yield f"its fields differ from its json in {sorted(set(sample.fields) ^ expected)}"
        return
    for name, text in texts.items():
        if sample.fields[name] != text.encode():
            yield f"{name} is not the text in its json"
    for name, entry in files.items():
        what = _picture_fault(sample.fields[name], (entry.width_px, entry.height_px))
        if what:
            yield f"picture {name} {what}"


def _candidate_faults(
    sample: StoredSample, entries: tuple[CandidateEntry, ...], pictures: Mapping[str, bytes]
) -> Iterator[str]:
    """What is wrong with the candidates of one sample."""
    images = {
        variant: image
        for variant, image in sample.document.images.items()
        if image.origin == "drawn" and variant != FACTUAL
    }
    if images and not entries:
        yield "its candidates are not there"
        return
    kept = {entry.variant: entry for entry in entries if entry.is_kept}
    if set(kept) != set(images):
        yield f"its kept candidates are of {sorted(kept)}, its pictures of {sorted(images)}"
    for variant, image in images.items():
        if variant in kept and (
            pictures[kept[variant].file] != sample.image(variant)
            or kept[variant].scores != image.scores
        ):
            yield f"picture {variant} is not the kept candidate"
    for entry in entries:
        what = _picture_fault(pictures[entry.file], (entry.width_px, entry.height_px))
        if what:
            yield f"candidate {entry.file} {what}"


def _picture_fault(data: bytes, size_px: tuple[int, int]) -> str | None:
    """Decode a picture in full; what is wrong with it, or None."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as picture:
            picture.load()
            if picture.size != size_px:
                return f"is {picture.size[0]}×{picture.size[1]} px, its json says {size_px}"
    except (
        # What Pillow's decoders raise on damaged input, such as a truncated or garbled file.
        OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error,
        Image.DecompressionBombError,
    ) as error:  # fmt: skip
        return f"does not decode: {error}"
    return None


def _apart(path: Path, what: str) -> CorruptFileError:
    return CorruptFileError(FileFault(path, what, REMAKE))
