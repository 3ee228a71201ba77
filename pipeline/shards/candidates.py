"""All candidates of a shard's pictures, so that another choice needs no drawing.

`candidates/000000.tar` stands beside the shard and belongs to its receipt. Its samples have
the shard's keys and hold every candidate's JPEG, as `min0.c3.jpg`, and a `json` that says how
each was drawn, which was kept, and its scores where something scored it. The kept ones are
in it too, and those of anchors that were rejected for their pictures: with the captions it is
all that a new choice needs.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import TypeAdapter, ValidationError

from pipeline.core.ids import JsonValue
from pipeline.core.records import SCHEMA_VERSION, RejectedSet, RenderedImage, RenderedSet, Sample
from pipeline.shards.document import OnlyWhereUsed
from pipeline.shards.encode import encode_image
from pipeline.shards.integrity import damaged_at, refuse_newer_schema
from pipeline.shards.tarball import read_samples


@dataclass(frozen=True, slots=True)
class CandidateEntry:
    """One candidate.

    Attributes:
        file: Its field, such as "min0.c3.jpg".
        variant: The picture that it is a candidate for.
        candidate: Its number, from 0.
        is_kept: Whether it went into the shard.
        width_px: Width.
        height_px: Height.
        prompt: The text that was drawn.
        seed: Seed of the initial noise.
        strategy: How it was drawn.
        parameters: The strategy's numbers by name.
        scores: Name → score; empty where nothing was measured.
        perceptual_hash: 16 hexadecimal digits, by which near-duplicates are found; empty
            where it was not taken.
        negative_prompt: As for :class:`pipeline.shards.document.ImageEntry`.
    """

    file: str
    variant: str
    candidate: int
    is_kept: bool
    width_px: int
    height_px: int
    prompt: str
    seed: int
    strategy: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    perceptual_hash: str = ""
    negative_prompt: Annotated[str | None, OnlyWhereUsed] = None


@dataclass(frozen=True, slots=True)
class CandidateDocument:
    """The candidates of one anchor.

    Attributes:
        schema_version: Version of these fields.
        key: The anchor id.
        candidates: In the order in which they were planned.
    """

    schema_version: int
    key: str
    candidates: tuple[CandidateEntry, ...]


@dataclass(frozen=True, slots=True)
class StoredCandidates:
    """The candidates of one anchor, read back.

    Attributes:
        document: What is known of them.
        pictures: Field → JPEG bytes.
    """

    document: CandidateDocument
    pictures: Mapping[str, bytes] = field(repr=False)


@cache
def _documents() -> TypeAdapter[CandidateDocument]:
    return TypeAdapter(CandidateDocument)


def encode_candidates(
    result: RenderedSet | RejectedSet, *, jpeg_quality: int, provenance: Mapping[str, JsonValue]
) -> Sample:
    """Encode all candidates of one set; equal sets give equal bytes, each those of its sample."""
    key, chosen = (
        (result.cfset.anchor.anchor_id, result.images)
        if isinstance(result, RenderedSet)
        else (result.anchor_id, ())
    )
    kept = {(image.variant, image.candidate) for image in chosen}
    fields: dict[str, bytes] = {}
    entries: list[CandidateEntry] = []
    for image in result.candidates:
        file = f"{image.variant}.c{image.candidate}.jpg"
        fields[file] = encode_image(key, image, jpeg_quality=jpeg_quality, provenance=provenance)
        entries.append(_entry(file, image, is_kept=(image.variant, image.candidate) in kept))
    document = CandidateDocument(SCHEMA_VERSION, key, tuple(entries))
    fields["json"] = _documents().dump_json(document)
    return Sample(key, tuple(sorted(fields.items())))


def _entry(file: str, image: RenderedImage, *, is_kept: bool) -> CandidateEntry:
    height_px, width_px = image.pixels.shape[:2]
    return CandidateEntry(
        file=file,
        variant=image.variant,
        candidate=image.candidate,
        is_kept=is_kept,
        width_px=width_px,
        height_px=height_px,
        prompt=image.prompt,
        seed=image.seed,
        strategy=image.strategy,
        parameters=image.parameters.to_json(),
        scores=dict(image.scores),
        perceptual_hash="" if image.perceptual_hash is None else f"{image.perceptual_hash:016x}",
        negative_prompt=image.negative_prompt or None,
    )


def read_candidates(path: Path, keys: Container[str] | None = None) -> Iterator[StoredCandidates]:
    """Yield the candidates of each anchor, in the order of the shard; one in memory at a time.

    Args:
        path: The tar of candidates.
        keys: Only the candidates of these anchors; the others are passed over, which is fast.

    Raises:
        ShardCorruptError: The tar is missing, truncated or malformed.
        ConfigError: A newer version wrote it.
    """
    for key, offset, fields in read_samples(path, keys):
        try:
            document = _documents().validate_json(fields.pop("json", b""), strict=True)
        except ValidationError as error:
            what = error.errors(include_url=False)[0]["msg"]
            raise damaged_at(path, offset, f"{key}.json does not parse: {what}") from error
        refuse_newer_schema(path, document.schema_version)
        listed = {entry.file for entry in document.candidates}
        if document.key != key or listed != set(fields):
            raise damaged_at(path, offset, f"the pictures of {key} are not those of its json")
        yield StoredCandidates(document, fields)
