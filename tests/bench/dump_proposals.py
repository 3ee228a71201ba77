"""Every proposal of every rule for a file of captions, with what became of it: a line each.

Dump before and after a change of the rules, and `diff` the two. `--counts` prints how many
proposals and kept edits each rule has instead, and of what subkind.

    PYTHONPATH=. python tests/bench/dump_proposals.py --input cc3m.tsv --output before.tsv
    PYTHONPATH=. python tests/bench/dump_proposals.py --marks tests/data/*.jsonl --counts
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench_rule_stage import read_anchors

from pipeline.config.edits import EditsConfig
from pipeline.config.source import SAMPLE_INPUT
from pipeline.core.ids import content_id
from pipeline.core.records import Anchor
from pipeline.edits.explain import explained_rules
from pipeline.edits.explanation import ProposalExplanation
from pipeline.edits.stage import EditStage


def marked_anchors(paths: list[Path]) -> list[Anchor]:
    """An anchor for each caption whose edits were marked."""
    marks = (json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines())
    captions = dict.fromkeys(mark["anchor"] for mark in marks)
    return [Anchor(content_id(one), one, one, "marks", "marks") for one in captions]


def proposals(anchors: list[Anchor]) -> Iterator[tuple[Anchor, ProposalExplanation]]:
    stage = EditStage(EditsConfig())
    for anchor in anchors:
        for rule in explained_rules(stage, anchor):
            yield from ((anchor, proposal) for proposal in rule.proposals)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--input", default=SAMPLE_INPUT)
    parser.add_argument("--limit", type=int, default=12_000)
    parser.add_argument("--marks", type=Path, nargs="+", help="Files of marked edits instead.")
    parser.add_argument("--output", type=Path, default=Path("/dev/stdout"))
    parser.add_argument("--counts", action="store_true")
    options = parser.parse_args()
    anchors = (
        marked_anchors(options.marks)
        if options.marks
        else read_anchors(options.input, options.limit)
    )
    fates: dict[tuple[str, str, str], Counter[str]] = {}
    with options.output.open("w", encoding="utf-8") as file:
        for anchor, one in proposals(anchors):
            fate = f"{one.outcome} {one.reason}".strip()
            fates.setdefault((one.kind, one.rule, one.subkind), Counter())[one.outcome] += 1
            line = (fate, one.rule, one.subkind, one.old, one.new, anchor.caption, one.caption)
            if not options.counts:
                file.write("\t".join(line) + "\n")
        for key, found in sorted(fates.items()) if options.counts else ():
            number = ", ".join(f"{outcome} {times}" for outcome, times in found.most_common())
            file.write(f"{' '.join(key)}: {number}\n")
    print(f"{len(anchors)} captions", file=sys.stderr)


if __name__ == "__main__":
    main()
