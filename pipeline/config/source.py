"""The section `source` of the configuration: where the anchors come from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_serializer

from pipeline.config.base import Section
from pipeline.core.addresses import public_address

SourceKind = Literal["cc_tsv", "webdataset", "tabular", "lines", "folder", "coco", "hf"]

SAMPLE_INPUT = "sample:cc3m"
"""Name of the few hundred real captions that the package ships."""

SAMPLES = {
    SAMPLE_INPUT: ("cc_tsv", "cc3m_sample.tsv"),
    "sample:world": ("tabular", "world_sample.jsonl"),
}
"""Captions that come with the package: kind of source and file."""


class SourceConfig(Section):
    """Where the anchors come from."""

    kind: SourceKind | None = Field(
        None, description="Format of the input; recognised by its content if unset."
    )
    input: str = Field(
        SAMPLE_INPUT,
        repr=False,
        description="File, folder, URL or brace pattern (`shard-{000..012}.tar`), with `hf` the "
        "name of a dataset; the package brings `sample:cc3m` and `sample:world`.",
    )
    limit: int | None = Field(None, ge=1, description="Read only the first rows; all if unset.")
    shard_size: int = Field(1000, ge=1, le=100_000, description="Source rows to a shard.")
    caption_column: str = Field(
        "caption",
        description="tabular, hf, webdataset: column of the caption, dotted where it is nested; "
        "`text` and the like are tried if it is not there.",
    )
    image_column: str | None = Field(
        None, description="tabular, hf: column of image bytes or of image paths; none if unset."
    )
    url_column: str | None = Field(None, description="tabular, hf: column of the image's address.")
    columns: tuple[str, ...] | None = Field(
        None,
        description="tabular: names of the columns of a text table without a header, in order.",
    )
    delimiter: str | None = Field(
        None,
        description="tabular: what stands between the columns of a text table, such as `;` or "
        "`tab`; recognised if unset.",
    )
    encoding: str | None = Field(
        None,
        description="Text encoding of the input, such as cp1252; UTF-8, or UTF-16 where its mark "
        "says so, if unset.",
    )
    captions: Literal["all", "first"] = Field(
        "all",
        description="Where a picture has several captions: an anchor of each, or of the first.",
    )
    image_fields: tuple[str, ...] | None = Field(
        None,
        description='webdataset: fields that hold pictures, such as ["0.jpg", "1.jpg"]; '
        "recognised by their content if unset.",
    )
    image_folder: str | None = Field(
        None, description="tabular, coco: where image paths begin; the input's folder if unset."
    )
    split: str = Field("train", description="hf: split of the dataset.")
    subset: str | None = Field(None, description="hf: configuration of the dataset.")
    name: str | None = Field(
        None, description="Name of the data, for the dataset card; that of the input if unset."
    )
    license: str | None = Field(
        None,
        description="Licence of its captions and pictures, for the dataset card: a name such as "
        "cc-by-4.0, or a sentence. That of the packaged samples is known.",
    )
    same_caption: Literal["drop", "keep"] | None = Field(
        None,
        description="Rows whose caption an earlier row has, but for case, spaces and punctuation: "
        "dropped where rows bring no picture, else kept, if unset.",
    )
    near_duplicates: float | None = Field(
        None,
        ge=0.6,
        le=1,
        description="Rows that share so large a part of all their words with an earlier row are "
        "dropped (Jaccard; 0.8 is usual); none if unset.",
    )
    exclude: tuple[str, ...] = Field(
        (),
        description="Finished run directories: rows with a caption of theirs are dropped, and "
        "with `source.near_duplicates` rows near to one.",
    )
    max_caption_chars: int = Field(
        1000, ge=10, description="Longer captions are rejected with `source.too_long`."
    )

    @property
    def public_input(self) -> str:
        """The input as anybody may read it: without passwords, signatures and tokens."""
        return public_address(self.input)

    @field_serializer("input", "image_folder", when_used="json")
    def _without_secrets(self, address: str | None) -> str | None:
        return None if address is None else public_address(address)


LATER_SETTINGS = frozenset(
    f"source.{name}"
    for name in (
        "columns", "delimiter", "encoding", "captions", "image_fields", "image_folder", "split",
        "subset", "same_caption", "near_duplicates", "exclude",
    )
)  # fmt: skip
"""Settings that count for a run's identity only where they are set: without them the run is the
one that versions before them made."""
