"""What becomes of a strong model's answers, and whether its captions give themselves away.

The answers of `tests/data/answers` are served over HTTP. Goals: at least 95 % of the right ones
kept and 90 % of the wrong ones stopped; the probe at most 65 % on complete counterfactuals.

    PYTHONPATH=. python tests/bench/bench_model_answers.py [--rows 400]
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

from machine import describe_machine

from pipeline.audit.caption_probe import CaptionProbe, probe_captions
from pipeline.audit.run import AuditModels, audit_run
from pipeline.audit.text import TextPair
from pipeline.config.loading import build_config
from pipeline.config.source import SourceConfig
from pipeline.core.ids import content_id
from pipeline.core.records import Anchor
from pipeline.runs.run import run_config
from pipeline.shards.layout import RunLayout
from pipeline.shards.reader import iterate_samples
from pipeline.sources import open_source
from tests.integration.edits.llm.recorded_answers import PARTS, by_model, read, run_stage, serving

ALL_KEPT = {"max_minimal": 32, "max_full": 8}


def count_right(folder: Path) -> None:
    entries = read("right")
    with serving({one["caption"]: one for one in entries}) as server:
        edits = ALL_KEPT | {"demographics": "allow"}
        results = run_stage(server, [one["caption"] for one in entries], folder, edits=edits)
    offered = sum(len(one[part]) for one in entries for part in PARTS)
    kept = sum(len(by_model(result)) for result in results)
    reasons = Counter(
        one.reason for result in results for one in result.refused if one.item != "answer"
    )
    print(f"right answers kept    {kept} of {offered} ({kept / offered:.1%}); refused: {reasons}")


def count_wrong(folder: Path) -> None:
    """An entry is stopped where nothing of it comes through beside the others of its caption."""
    asked, stopped = Counter[tuple[bool, str]](), Counter[tuple[bool, str]]()
    for number, entry in enumerate(read("wrong")):
        demographics = entry.get("settings", {}).get("demographics", "allow")
        written = {entry["caption"]: {part: entry.get(part, []) for part in PARTS}}
        with serving(written) as server:
            edits = ALL_KEPT | {"demographics": demographics}
            (result,) = run_stage(server, [entry["caption"]], folder / str(number), edits=edits)
        key = bool(entry["held_back"]), entry["reason"]
        asked[key] += 1
        stopped[key] += not by_model(result)
    for held_back, name in ((False, "tuned on"), (True, "held back")):
        total = sum(n for key, n in asked.items() if key[0] == held_back)
        found = sum(n for key, n in stopped.items() if key[0] == held_back)
        print(f"wrong ones stopped    {found} of {total} ({found / total:.1%}), {name}")
    missed = asked - stopped
    print("  passed:", ", ".join(f"{reason} {n}" for (_, reason), n in missed.items()))
    always = ("characteristic", "demographics", "unsafe")
    for reason in always:
        of = [key for key in asked if key[1] == reason]
        print(f"  {reason}: {sum(stopped[k] for k in of)} of {sum(asked[k] for k in of)}")


def probe_run(folder: Path, rows: int) -> None:
    """A run with the right answers repeated, as a person would make it, and its audit."""
    entries = read("right")
    captions = folder / "captions.tsv"
    lines = (f"{entries[n % len(entries)]['caption']}\thttp://x/{n}.jpg\n" for n in range(rows))
    captions.write_text("".join(lines), "utf-8")
    # By the captions as the source mends them: "a dog ." is asked about as "a dog.".
    source = open_source(SourceConfig(input=str(captions), same_caption="keep"))
    rows_read = [row for span in source.partition() for row in source.read(span, images=False)]
    asked = {
        row.caption: entries[n % len(entries)]
        for n, row in enumerate(rows_read)
        if isinstance(row, Anchor)
    }
    with serving(asked) as server:
        settings: dict[str, Any] = {
            "output": str(folder / "run"),
            "source": {"input": str(captions), "same_caption": "keep"},
            "images": {"renderer": "none"},
            "llm": {
                "provider": "openai", "model": "m", "base_url": server.url,
                "cache_dir": str(folder / "cache"),
            },
        }  # fmt: skip
        run_config(build_config(settings), {})
        print(f"run of {rows} captions, {server.count()} requests")
    found = audit_run(folder / "run", AuditModels())
    print("\n`audit`, in which a pair stands on both sides of a split where its caption repeats:")
    _print(list(found.captions))
    print("\nthe same pairs once each, 40 divisions into folds; model-written ones alone:")
    by_kind: dict[tuple[str, str], list[CaptionProbe]] = defaultdict(list)
    pairs = _pairs_of_model(RunLayout(folder / "run"))
    for draw in range(40):
        drawn = [replace(one, anchor_id=content_id(str(draw), one.anchor_id)) for one in pairs]
        for line in probe_captions(drawn):
            if not line.subkind:
                by_kind[line.kind, line.features].append(line)
    for (kind, features), lines_of in sorted(by_kind.items()):
        mean = sum(one.accuracy for one in lines_of) / len(lines_of)
        print(f"  {kind:14}{lines_of[0].pairs:6,}{mean:8.1%}  {features}")


def _pairs_of_model(layout: RunLayout) -> list[TextPair]:
    found: dict[tuple[str, str], TextPair] = {}
    for sample in iterate_samples(layout):
        document = sample.document
        for edit in document.minimal:
            if edit.proposer.startswith("llm:"):
                found[edit.factual, edit.caption] = TextPair(
                    document.caption, str(edit.kind), edit.factual, edit.caption,
                    weight=1.0 if edit.weight is None else edit.weight,
                )  # fmt: skip
        for full in document.full:
            if full.proposer.startswith("llm:"):
                found[document.caption, full.caption] = TextPair(
                    document.caption, "full", document.caption, full.caption
                )
    return list(found.values())


def _print(lines: list[CaptionProbe]) -> None:
    for one in lines:
        if not one.subkind:
            print(f"  {one.kind:14}{one.pairs:6,}{one.accuracy:8.1%}  {one.features}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=400)
    options = parser.parse_args()
    print(describe_machine("scikit-learn"))
    with tempfile.TemporaryDirectory() as folder:
        count_right(Path(folder) / "right")
        count_wrong(Path(folder) / "wrong")
        probe_run(Path(folder), options.rows)


if __name__ == "__main__":
    main()
