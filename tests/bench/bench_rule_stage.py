"""The caption stage by rules against bare `nlp.pipe` over the same captions.

Both sides run in this process, in turns, and are measured in CPU time, so that other
processes disturb little. Goal: all of our own code (rules, repairs, checks, selection,
complete counterfactuals) adds at most a third to spaCy's time.

    python tests/bench/bench_rule_stage.py --input cc3m.tsv --limit 2000
"""

from __future__ import annotations

import argparse
import statistics
import time

from machine import describe_machine

from pipeline.config import SAMPLE_INPUT, EditsConfig, SourceConfig
from pipeline.edits.stage import EditStage
from pipeline.records import Anchor
from pipeline.sources import open_source

BATCH = 250


def read_anchors(path: str, limit: int) -> list[Anchor]:
    source = open_source(SourceConfig(input=path, limit=limit))
    rows = [row for span in source.partition() for row in source.read(span, images=False)]
    return [row for row in rows if isinstance(row, Anchor)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", default=SAMPLE_INPUT)
    parser.add_argument("--limit", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    anchors = read_anchors(options.input, options.limit)
    texts = [anchor.caption for anchor in anchors]
    stage = EditStage(EditsConfig())
    nlp = stage._parser.nlp
    batches = [anchors[i : i + BATCH] for i in range(0, len(anchors), BATCH)]
    for batch in batches:  # caches warm on both sides
        stage.run(batch)
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(options.rounds):
        start = time.process_time()
        for _doc in nlp.pipe(texts, batch_size=128):
            pass
        bare.append(time.process_time() - start)
        start = time.process_time()
        for batch in batches:
            stage.run(batch)
        ours.append(time.process_time() - start)
    ratios = [b / o for b, o in zip(bare, ours, strict=True)]
    print(describe_machine("spacy"))
    print(f"{len(texts)} captions, {len(nlp.pipe_names)} components: {', '.join(nlp.pipe_names)}")
    print(f"bare nlp.pipe  {len(texts) / statistics.median(bare):8.0f} captions/CPU-s")
    print(f"caption stage  {len(texts) / statistics.median(ours):8.0f} captions/CPU-s")
    ratio = statistics.median(ratios)
    print(
        f"ratio {ratio:.2f} (median of {len(ratios)}, {min(ratios):.2f} to {max(ratios):.2f}): "
        f"our own code adds {1 / ratio - 1:.0%} to spaCy's time"
    )


if __name__ == "__main__":
    main()
