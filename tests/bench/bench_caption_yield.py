"""How many captions get counterfactuals, and how much of the captions the lexicon knows.

By the rules alone unless a language model is named. Goals: a minimal edit for 80 % of the captions
by rules and 90 % with the bundled small model, and 2.5 kinds on average among those that have one.

    python tests/bench/bench_caption_yield.py --input cc3m.tsv --limit 2000
    python tests/bench/bench_caption_yield.py --input cc3m.tsv --limit 200 --llm local
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter

from bench_rule_stage import BATCH, read_anchors
from lexicon_coverage import measure_coverage
from machine import describe_machine

from pipeline.config.loading import build_config
from pipeline.config.source import SAMPLE_INPUT
from pipeline.core.records import CounterfactualSet
from pipeline.core.stage import Rejected
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.parse.spacy_pipeline import Parser
from pipeline.runs.opening import open_edit_stage


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", default=SAMPLE_INPUT)
    parser.add_argument("--limit", type=int, default=2000)
    parser.add_argument("--llm", default="none", help="provider, such as local")
    options = parser.parse_args()
    anchors = read_anchors(options.input, options.limit)
    print(describe_machine("spacy"))
    config = build_config({"llm": {"provider": options.llm}})
    stage = open_edit_stage(config, os.environ)
    sets: list[CounterfactualSet | Rejected] = []
    start = time.perf_counter()
    try:
        for i in range(0, len(anchors), BATCH):
            sets += stage.run(anchors[i : i + BATCH])
    finally:
        stage.close()
    spent = time.perf_counter() - start
    made = [one for one in sets if isinstance(one, CounterfactualSet)]
    kinds = [{edit.kind for edit in one.minimal} for one in made if one.minimal]
    edits = Counter(str(edit.kind) for one in made for edit in one.minimal)
    edits["full"] = sum(len(one.full) for one in made)
    print(f"{len(anchors)} captions, language model: {options.llm}, {spent:.0f} s")
    print(f"with a minimal edit             {len(kinds) / len(anchors):6.1%}  (goals 80 %, 90 %)")
    print(f"kinds among those               {sum(map(len, kinds)) / len(kinds):6.2f}  (goal 2.5)")
    print(f"with a complete counterfactual  {sum(bool(s.full) for s in made) / len(anchors):6.1%}")
    print("counts:", ", ".join(f"{kind} {number}" for kind, number in edits.most_common()))
    coverage = measure_coverage(Parser().parse(a.caption for a in anchors), load_lexicon())
    print(f"the lexicon knows {coverage.nouns:.0%} of nouns and {coverage.verbs:.0%} of verbs")


if __name__ == "__main__":
    main()
