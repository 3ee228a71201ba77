"""Documents of version 3, which lack the truth flags and the split: brought up to version 4."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from pipeline.core.records import CaptionEdit, FullCaption
from pipeline.core.truth import FULL, PairTruth, assign_split, derive_truth
from pipeline.shards.document import FullEntry, MinimalEntry
from pipeline.shards.entries import full_entry, minimal_entry

_WITH_FLAGS: Final = 4


@cache
def _adapters() -> tuple[TypeAdapter[Any], ...]:
    """Of what an old entry holds, and of the new entries."""
    kinds = (CaptionEdit, FullCaption, tuple[MinimalEntry, ...], tuple[FullEntry, ...])
    return tuple(TypeAdapter(kind) for kind in kinds)


def renew_document(data: bytes) -> bytes:
    """The same document with its truth flags and its split; others are given back as they are.

    What is no document of version 3 is given back too: its validation says what is wrong.
    """
    try:
        document = from_json(data)
        if document["schema_version"] >= _WITH_FLAGS:
            return data
        return to_json(_renewed(document))
    except (ValidationError, ValueError, LookupError, TypeError, AttributeError):
        return data


def _renewed(document: dict[str, Any]) -> dict[str, Any]:
    edits, fulls, minimal, full = _adapters()
    caption: str = document["caption"]
    images: Mapping[str, Mapping[str, Any]] = document["images"]
    files = {variant: image["file"] for variant, image in images.items()}

    def truth(variant: str, kind: str, factual: str) -> PairTruth:
        return derive_truth(
            variant=variant,
            kind=kind,
            caption=caption,
            factual=factual,
            image_files=files,
            strategy=images.get(variant, {}).get("strategy"),
        )

    def taken(entry: Mapping[str, Any], *names: str) -> bytes:
        return to_json({name: entry[name] for name in names})

    renewed_edits = tuple(
        minimal_entry(
            entry["variant"],
            edits.validate_json(
                taken(entry, "kind", "subkind", "factual", "replacements", "old", "new",
                      "proposer", "rule")
            ),
            truth(entry["variant"], entry["kind"], entry["factual"]),
        )
        for entry in document["minimal"]
    )  # fmt: skip
    renewed_fulls = tuple(
        full_entry(
            entry["variant"],
            fulls.validate_json(taken(entry, "caption", "proposer", "rule", "contradicts")),
            truth(entry["variant"], FULL, caption),
        )
        for entry in document["full"]
    )  # fmt: skip
    return document | {
        "split": assign_split(document["key"]),
        "minimal": minimal.dump_python(renewed_edits, mode="json"),
        "full": full.dump_python(renewed_fulls, mode="json"),
    }
