"""A counterfactual set as a training sees it, and how it is read from a sample's `json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pipeline.core.errors import ConfigError, ShardCorruptError
from pipeline.core.truth import PairTruth, assign_split, derive_truth

KINDS: Final = (
    "object", "attribute", "count", "relation", "action", "negation", "swap", "causal_order",
)  # fmt: skip
"""Kinds of minimal edits; a batch names a kind by its place here."""

NEWEST_SCHEMA: Final = 4
"""Newest version of a sample that is understood."""


@dataclass(frozen=True, slots=True)
class LoadedEdit:
    """A minimal edit.

    Attributes:
        variant: "min0", "min1", …
        kind: What it changes; one of :data:`KINDS`.
        subkind: Finer label.
        caption: The counterfactual caption.
        pair_text: The true wording that `caption` is false beside.
        image: The transformed picture; None where there is none or none is asked for.
        image_is_negative: Whether `image` shows something else than the *set's* `image`, and
            was drawn beside it: never where the set's picture is a photograph that the edit's
            was not drawn from.
        contradicts_caption: Whether `caption` is false beside the set's caption too.
        visible: Whether a picture can show the difference.
        is_repeat: Whether the edit is in the set already and only fills it up.
        weight: What it counts beside others so that it and its reverse weigh the same; 1 in
            runs that do not weigh edits.
    """

    variant: str
    kind: str
    subkind: str
    caption: str
    pair_text: str
    image: Any
    image_is_negative: bool
    contradicts_caption: bool
    visible: bool
    is_repeat: bool = False
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class LoadedFull:
    """A complete counterfactual.

    Attributes:
        variant: "full0", "full1", …
        caption: Its caption.
        image: The transformed picture; None where there is none or none is asked for.
    """

    variant: str
    caption: str
    image: Any


@dataclass(frozen=True, slots=True)
class NeutralText:
    """The factual caption in other words, which must score as the caption does.

    Attributes:
        variant: "neutral0", "neutral1", …
        kind: What was changed: "order", "clause" or "synonym".
        caption: The wording.
    """

    variant: str
    kind: str
    caption: str


@dataclass(frozen=True, slots=True)
class LoadedSet:
    """One anchor with those of its counterfactuals that were chosen.

    Attributes:
        key: The anchor id.
        split: "train", "validation" or "test".
        caption: The factual caption.
        image: The transformed factual picture; None where there is none or none is asked for.
        image_variant: "control" or "factual", which picture that is; None without one.
        edits: The minimal edits.
        fulls: The complete counterfactuals.
        neutral: The caption in other words, where that is asked for.
    """

    key: str
    split: str
    caption: str
    image: Any
    image_variant: str | None
    edits: tuple[LoadedEdit, ...]
    fulls: tuple[LoadedFull, ...]
    neutral: tuple[NeutralText, ...] = ()


@dataclass(frozen=True, slots=True)
class RawSample:
    """A sample as it stands in the tar.

    Attributes:
        shard: Address of the tar.
        key: The anchor id.
        fields: Field → bytes, such as "json", "min0.jpg".
    """

    shard: str
    key: str
    fields: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """A counterfactual before anything is decoded.

    Attributes:
        variant: "min0", "full0", …
        kind: What a minimal edit changes; "full" for a complete counterfactual.
        subkind: Finer label.
        caption: The counterfactual caption.
        truth: What may be put against what.
        file: Field of its picture; None without one.
        weight: What a minimal edit counts; None in runs that do not weigh them.
    """

    variant: str
    kind: str
    subkind: str
    caption: str
    truth: PairTruth
    file: str | None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """What the `json` of a sample says.

    Attributes:
        raw: The sample.
        split: Part of the data.
        caption: The factual caption.
        image_files: Variant → field of its picture.
        edits: Minimal edits, in order.
        fulls: Complete counterfactuals, in order.
        neutral: The caption in other words, in order; none in older runs.
    """

    raw: RawSample
    split: str
    caption: str
    image_files: Mapping[str, str]
    edits: tuple[Entry, ...]
    fulls: tuple[Entry, ...]
    neutral: tuple[NeutralText, ...] = ()


def describe(raw: RawSample) -> Described:
    """Read the `json` of a sample; flags that it lacks are derived.

    Raises:
        ShardCorruptError: It has none, or one that is no sample of this project.
        ConfigError: A newer version wrote it.
    """
    if "json" not in raw.fields:
        raise ShardCorruptError(
            f"{raw.shard}: sample {raw.key} has no json; only shards of this project can be read"
        )
    try:
        doc = json.loads(raw.fields["json"])
        if doc["schema_version"] > NEWEST_SCHEMA:
            raise ConfigError(
                f"{raw.shard}: sample {raw.key} has schema version {doc['schema_version']}, newer "
                f"than {NEWEST_SCHEMA}; update counterfactory"
            )
        files = {name: image["file"] for name, image in doc["images"].items()}
        strategies = {name: image.get("strategy") for name, image in doc["images"].items()}
        return Described(
            raw=raw,
            split=doc.get("split") or assign_split(raw.key),
            caption=doc["caption"],
            image_files=files,
            edits=tuple(
                _entry(entry, doc["caption"], files, strategies) for entry in doc["minimal"]
            ),
            fulls=tuple(_entry(entry, doc["caption"], files, strategies) for entry in doc["full"]),
            neutral=tuple(
                NeutralText(entry["variant"], entry["kind"], entry["caption"])
                for entry in doc.get("neutral", ())
            ),
        )
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ShardCorruptError(
            f"{raw.shard}: the json of sample {raw.key} is none of this project's: {error!r}; "
            "fetch the shard again"
        ) from error


def _entry(
    entry: Mapping[str, Any],
    caption: str,
    files: Mapping[str, str],
    strategies: Mapping[str, str | None],
) -> Entry:
    variant, kind = entry["variant"], entry.get("kind", "full")
    derived = derive_truth(
        variant=variant,
        kind=kind,
        caption=caption,
        factual=entry.get("factual", caption),
        image_files=files,
        strategy=strategies.get(variant),
    )
    truth = PairTruth(
        **{name: entry.get(name, getattr(derived, name)) for name in derived.__slots__}
    )
    weight = entry.get("weight")
    return Entry(
        variant=variant,
        kind=kind,
        subkind=entry.get("subkind", ""),
        caption=entry["caption"],
        truth=truth,
        file=files.get(variant),
        weight=None if weight is None else float(weight),
    )
