"""Finding one drawn picture of a run, and what the run says of how it was drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.core.errors import ConfigError
from pipeline.core.truth import FACTUAL
from pipeline.shards.candidates import read_candidates
from pipeline.shards.layout import RunLayout
from pipeline.shards.reader import StoredSample, iterate_samples
from pipeline.shards.sidecar import read_sidecar


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture in a tar.

    Attributes:
        file: Its field.
        variant: What it is a picture of.
        candidate: Its number among the candidates.
        how: Prompt, seed, strategy and the strategy's numbers.
        data: JPEG bytes.
    """

    file: str
    variant: str
    candidate: int
    how: tuple[str | None, int | None, str | None, dict[str, float]]
    data: bytes = field(repr=False)


def find_shard(layout: RunLayout, key: str) -> int:
    """The shard whose sidecar lists the anchor as made.

    Raises:
        ConfigError: No finished shard holds the key, or its anchor was refused.
    """
    for tar in layout.tars():
        shard_id = int(tar.stem)
        for row in read_sidecar(layout.sidecar(shard_id)):
            if row.anchor_id == key and row.item == "anchor":
                if row.status == "made":
                    return shard_id
                raise ConfigError(f"{key} was refused ({row.reason}) and has no pictures")
    raise ConfigError(
        f"no finished shard of {layout.root} holds the key {key!r}; keys are the names in the "
        "tars up to the first dot"
    )


def find_picture(layout: RunLayout, shard_id: int, key: str, name: str) -> StoredPicture:
    """A drawn picture and its record, by its field or its variant, kept or only a candidate.

    Raises:
        ConfigError: It is the anchor's own, or there is none of that name; names those there are.
    """
    there: list[StoredPicture] = []
    for sample in iterate_samples([layout.tar(shard_id)]):
        if sample.key == key:
            there += _drawn_pictures(sample)
            if any(
                name in {entry.file, variant} and entry.origin == "anchor"
                for variant, entry in sample.document.images.items()
            ):
                raise ConfigError(f"{name} of {key} is the anchor's own picture: it was not drawn")
    if layout.candidates(shard_id).exists():
        for stored in read_candidates(layout.candidates(shard_id)):
            if stored.document.key == key:
                there += [
                    StoredPicture(
                        file=entry.file,
                        variant=entry.variant,
                        candidate=entry.candidate,
                        how=(entry.prompt, entry.seed, entry.strategy, dict(entry.parameters)),
                        data=stored.pictures[entry.file],
                    )
                    for entry in stored.document.candidates
                ]
    for picture in there:
        if name in {picture.file, picture.variant, picture.file.removesuffix(".jpg")}:
            return picture
    names = ", ".join(sorted({picture.file for picture in there})) or "none that was drawn"
    raise ConfigError(f"{key} has no picture {name!r}; it has {names}")


def _drawn_pictures(sample: StoredSample) -> Iterator[StoredPicture]:
    """The drawn pictures of a sample; the control stands under "factual" too, once is enough."""
    for variant, entry in sample.document.images.items():
        if entry.origin == "drawn" and variant != FACTUAL:
            how = (entry.prompt, entry.seed, entry.strategy, dict(entry.parameters))
            data = sample.fields[entry.file]
            yield StoredPicture(entry.file, variant, entry.candidate or 0, how, data)
