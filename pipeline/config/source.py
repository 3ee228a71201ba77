"""The section `source` of the configuration: where the anchors come from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline.config.base import Section

SAMPLE_INPUT = "sample:cc3m"
"""Name of the few hundred real captions that the package ships."""

SAMPLES = {
    SAMPLE_INPUT: ("cc_tsv", "cc3m_sample.tsv"),
    "sample:world": ("tabular", "world_sample.jsonl"),
}
"""Captions that come with the package: kind of source and file."""


class SourceConfig(Section):
    """Where the anchors come from."""

    kind: Literal["cc_tsv", "webdataset", "tabular"] = Field(
        "cc_tsv", description="Format of the input."
    )
    input: str = Field(
        SAMPLE_INPUT,
        description="File, URL or brace pattern (`shard-{000..012}.tar`); the package brings "
        "`sample:cc3m` (cc_tsv) and `sample:world` (tabular).",
    )
    limit: int | None = Field(None, ge=1, description="Read only the first rows; all if unset.")
    shard_size: int = Field(1000, ge=1, le=100_000, description="Source rows to a shard.")
    caption_column: str = Field("caption", description="tabular: column of the caption.")
    image_column: str | None = Field(
        None, description="tabular: column of image bytes or of image paths; none if unset."
    )
    url_column: str | None = Field(None, description="tabular: column of the image's address.")
    name: str | None = Field(
        None, description="Name of the data, for the dataset card; that of the input if unset."
    )
    license: str | None = Field(
        None,
        description="Licence of its captions and pictures, for the dataset card: a name such as "
        "cc-by-4.0, or a sentence. That of the packaged samples is known.",
    )
    max_caption_chars: int = Field(
        1000, ge=10, description="Longer captions are rejected with `source.too_long`."
    )
