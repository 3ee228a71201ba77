"""Preferences, as TRL's `DPOTrainer` reads them for a model with pictures.

Parquet with `images` (a list), `prompt`, `chosen` and `rejected`, each a list of messages with
`role` and `content`; TRL puts the picture before the first message of the user.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pipeline.export.parquet import IMAGE, Kind, ParquetRows, card, picture_cell
from pipeline.export.reading import ExportSet, ExportWishes
from pipeline.export.target import ExportTarget, picture_bytes

PROMPT: Final = "Describe the picture in one sentence."

_MESSAGES: Final[Kind] = [{"role": "string", "content": "string"}]
COLUMNS: Final[Mapping[str, Kind]] = {
    "images": [IMAGE],
    "prompt": _MESSAGES,
    "chosen": _MESSAGES,
    "rejected": _MESSAGES,
}


def write_dpo(sets: Iterable[ExportSet], target: ExportTarget, wishes: ExportWishes) -> None:
    """A row for each picture and counterfactual: what is true of it is preferred.

    The counterfactual's own picture, where it contradicts, gives a second row in which the same
    two captions change sides, so that no caption is preferred for its wording.
    """
    with ParquetRows(target.folder, COLUMNS) as rows:
        for one in sets:
            made = 0
            for entry in (*one.edits, *one.fulls):
                true, false = entry.truth.pair_text, entry.caption
                if beside := one.pair_picture(entry):
                    rows.add(one.described.split, _row(one, beside, true, false))
                    made += 1
                    if own := one.own_picture(entry):
                        rows.add(one.described.split, _row(one, own, false, true))
                        made += 1
            target.rows["preferences"] += made
            if not made:
                target.skipped["sets without a picture, or without a counterfactual"] += 1
        with target.open("README.md") as file:
            text = "Preferences between two captions of a picture, for TRL's `DPOTrainer`."
            file.write(card("Counterfactual preferences", rows.splits, text))


def _row(one: ExportSet, name: str, chosen: str, rejected: str) -> dict[str, Any]:
    return {
        "images": [picture_cell(picture_bytes(one, name), f"{one.key}.{name}")],
        "prompt": [{"role": "user", "content": PROMPT}],
        "chosen": [{"role": "assistant", "content": chosen}],
        "rejected": [{"role": "assistant", "content": rejected}],
    }
