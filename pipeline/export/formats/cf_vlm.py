"""An anchor with its counterfactuals, in the form that CF-VLM's training reads.

Zhang et al. 2025 (arXiv 2506.17267). Each line of `train.jsonl` has `orig_input` (a picture),
`orig_output` (its caption) and `cf_samples`, a list; in it `cf_input` and `cf_output` are
picture and caption of a counterfactual, and what else is known of it stands beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import cycle, islice
from typing import Any

from pipeline.export.reading import FULL, ExportSet, ExportWishes
from pipeline.export.target import ExportTarget, json_line
from pipeline.training.vlm.sample import Entry


def write_cf_vlm(sets: Iterable[ExportSet], target: ExportTarget, wishes: ExportWishes) -> None:
    """A line for each set that has a counterfactual picture.

    With `k` every line has exactly so many counterfactuals: of more, those that spread over
    the kinds; of fewer, some twice, each repetition marked.
    """
    with target.open("train.jsonl") as file:
        for one in sets:
            usable = [entry for entry in (*one.edits, *one.fulls) if one.own_picture(entry)]
            if not usable:
                target.skipped["sets without a counterfactual picture that contradicts"] += 1
                continue
            number = wishes.k or len(usable)
            chosen = _spread(usable)[:number]
            repeats = list(islice(cycle(chosen), number - len(chosen)))
            target.rows["sets"] += 1
            target.rows["counterfactuals"] += len(chosen)
            if repeats:
                target.rows["repeated to fill up"] += len(repeats)
            beside = one.pair_picture(chosen[0])
            line: dict[str, Any] = {
                "id": one.key,
                "orig_input": target.write_picture(one, beside) if beside else None,
                "orig_output": one.caption,
                "cf_samples": [
                    *(_sample(one, entry, target, is_repeat=False) for entry in chosen),
                    *(_sample(one, entry, target, is_repeat=True) for entry in repeats),
                ],
            }
            file.write(json_line(line))


def _spread(entries: list[Entry]) -> list[Entry]:
    """The first of each kind, then the second of each, and so on."""
    seen: Counter[str] = Counter()
    turns: list[int] = []
    for entry in entries:
        turns.append(seen[entry.kind])
        seen[entry.kind] += 1
    return [entries[place] for place in sorted(range(len(entries)), key=turns.__getitem__)]


def _sample(
    one: ExportSet, entry: Entry, target: ExportTarget, *, is_repeat: bool
) -> dict[str, Any]:
    name = one.own_picture(entry)
    is_full = entry.variant.startswith(FULL)
    weight = {} if entry.weight is None else {"weight": entry.weight}
    return {
        "cf_input": target.write_picture(one, name) if name else None,
        "cf_output": entry.caption,
        "orig_output": entry.truth.pair_text,
        "type": FULL if is_full else "minimal",
        "kind": FULL if is_full else entry.kind,
        "is_repeat": is_repeat,
        **weight,
    }
