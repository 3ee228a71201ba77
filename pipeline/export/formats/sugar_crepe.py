"""One picture with a true and a false caption, in SugarCrepe's files.

Hsieh et al. 2023 (arXiv 2306.14610): a JSON file for each category, from a number to
`filename`, `caption` and `negative_caption`; the pictures lie in a folder of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Final, TextIO

from pipeline.export.reading import ExportSet, ExportWishes
from pipeline.export.target import IMAGES, ExportTarget
from pipeline.training.vlm.sample import Entry

CATEGORIES: Final = {
    "object": "replace_obj",
    "attribute": "replace_att",
    "count": "replace_att",
    "relation": "replace_rel",
    "action": "replace_rel",
}
"""Kind → category. A swap is of objects or of attributes; other kinds keep their own names,
since SugarCrepe has nothing like them."""

_OBJECT_SWAPS: Final = frozenset({"roles", "places", "depth", "owners"})


def write_sugar_crepe(
    sets: Iterable[ExportSet], target: ExportTarget, wishes: ExportWishes
) -> None:
    """An item for each minimal edit of a set with a picture; complete counterfactuals have none."""
    files: dict[str, TextIO] = {}
    with ExitStack() as stack:
        for one in sets:
            for edit in one.edits:
                beside = one.pair_picture(edit)
                if beside is None:
                    target.skipped["edits of sets without a picture"] += 1
                    continue
                item = {
                    "filename": target.write_picture(one, beside).removeprefix(f"{IMAGES}/"),
                    "caption": edit.truth.pair_text,
                    "negative_caption": edit.caption,
                }
                category = category_of(edit)
                if category not in files:
                    files[category] = stack.enter_context(target.open(f"{category}.json"))
                number = target.rows[category]
                start = ",\n" if number else "{\n"
                files[category].write(f'{start}"{number}": {json.dumps(item, ensure_ascii=False)}')
                target.rows[category] += 1
        for file in files.values():
            file.write("\n}\n")


def category_of(edit: Entry) -> str:
    """SugarCrepe's category of an edit, or the edit's kind."""
    if edit.kind == "swap":
        return "swap_obj" if edit.subkind in _OBJECT_SWAPS else "swap_att"
    return CATEGORIES.get(edit.kind, edit.kind)
