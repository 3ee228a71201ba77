"""Whole sets, as huggingface `datasets` reads them: `load_dataset("<folder>")`.

Parquet with pictures as `Image` features, a file a split, and a card.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

from pipeline.core.truth import CONTROL, FACTUAL
from pipeline.export.parquet import IMAGE, Kind, ParquetRows, card, picture_cell
from pipeline.export.reading import ExportSet, ExportWishes
from pipeline.export.target import ExportTarget, picture_bytes
from pipeline.training.vlm.sample import Entry

_COUNTERFACTUAL: Final[Mapping[str, Kind]] = {
    "variant": "string",
    "caption": "string",
    "image": IMAGE,
}
COLUMNS: Final[Mapping[str, Kind]] = {
    "key": "string",
    "caption": "string",
    "image": IMAGE,
    "photograph": IMAGE,
    "edits": [
        {
            **_COUNTERFACTUAL,
            "kind": "string",
            "subkind": "string",
            "pair_text": "string",
            "image_is_negative": "bool",
            "contradicts_caption": "bool",
            "visible": "bool",
            "weight": "float64",
        }
    ],
    "fulls": [_COUNTERFACTUAL],
    "neutral": [{"variant": "string", "kind": "string", "caption": "string"}],
}

TEXT: Final = """A row is an anchor with its counterfactuals.

- `caption`, `image`: the factual caption and the picture that the counterfactuals' own pictures
  were drawn beside. `photograph` is the anchor's own picture, where it has another one.
- `edits`: minimal edits. Each is false beside `pair_text`, which is not always `caption`. Its
  `image` is a negative to the row's `image` only where `image_is_negative` says so. `weight`
  is what it counts beside others, null where the run does not weigh edits.
- `fulls`: complete counterfactuals, each a true pair of `caption` and `image`.
- `neutral`: the row's `caption` in other words, which must not move a score.

Where there is no picture, it is null."""


def write_hf(sets: Iterable[ExportSet], target: ExportTarget, wishes: ExportWishes) -> None:
    """A row for each set, also without pictures or counterfactuals unless they are required."""
    with ParquetRows(target.folder, COLUMNS) as rows:
        for one in sets:
            if wishes.require_picture and not (one.edits or one.fulls):
                target.skipped["sets without a counterfactual picture that contradicts"] += 1
                continue
            rows.add(one.described.split, _row(one))
            target.rows["sets"] += 1
        with target.open("README.md") as file:
            file.write(card("Counterfactual sets", rows.splits, TEXT))


def _row(one: ExportSet) -> dict[str, Any]:
    files = one.described.image_files
    drawn, own = files.get(CONTROL), files.get(FACTUAL)
    return {
        "key": one.key,
        "caption": one.caption,
        "image": _cell(one, drawn or own),
        "photograph": _cell(one, own if drawn and own != drawn else None),
        "edits": [
            {
                **_counterfactual(one, entry),
                "kind": entry.kind,
                "subkind": entry.subkind,
                "pair_text": entry.truth.pair_text,
                "image_is_negative": entry.truth.image_is_negative,
                "contradicts_caption": entry.truth.contradicts_caption,
                "visible": entry.truth.visible,
                "weight": entry.weight,
            }
            for entry in one.edits
        ],
        "fulls": [_counterfactual(one, entry) for entry in one.fulls],
        "neutral": [asdict(text) for text in one.described.neutral],
    }


def _counterfactual(one: ExportSet, entry: Entry) -> dict[str, Any]:
    return {
        "variant": entry.variant,
        "caption": entry.caption,
        "image": _cell(one, entry.file),
    }


def _cell(one: ExportSet, name: str | None) -> dict[str, Any] | None:
    return None if name is None else picture_cell(picture_bytes(one, name), f"{one.key}.{name}")
