"""The caption stage by rules against bare `nlp.pipe` over the same captions.

"Bare" is the same model with the same components; the pipeline as spaCy ships it, with named
entities, is the second baseline. All sides run in this process, in turns, and are measured
in CPU time, so that other processes disturb little. Goal: all of our own code (rules, repairs,
checks, selection, complete counterfactuals) adds at most a third to spaCy's time.

    python tests/bench/bench_rule_stage.py --input cc3m.tsv --limit 2000
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import TYPE_CHECKING

import spacy
from machine import describe_machine

from pipeline.config.run import RunConfig
from pipeline.config.source import SAMPLE_INPUT, SourceConfig
from pipeline.core.records import Anchor
from pipeline.runs.opening import open_edit_stage
from pipeline.sources import open_source

if TYPE_CHECKING:
    from spacy.language import Language

BATCH = 250


def read_anchors(path: str, limit: int) -> list[Anchor]:
    source = open_source(SourceConfig(input=path, limit=limit))
    rows = [row for span in source.partition() for row in source.read(span, images=False)]
    return [row for row in rows if isinstance(row, Anchor)]


def time_pipe(nlp: Language, texts: list[str]) -> float:
    """CPU seconds to parse all texts, keeping no doc."""
    start = time.process_time()
    for _doc in nlp.pipe(texts, batch_size=128):
        pass
    return time.process_time() - start


def rate(texts: list[str], seconds: list[float]) -> str:
    return f"{len(texts) / statistics.median(seconds):8.0f} captions/CPU-s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", default=SAMPLE_INPUT)
    parser.add_argument("--limit", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    anchors = read_anchors(options.input, options.limit)
    texts = [anchor.caption for anchor in anchors]
    stage = open_edit_stage(RunConfig(), {})
    nlp = stage.parser.nlp
    shipped = spacy.load(f"{nlp.meta['lang']}_{nlp.meta['name']}")
    batches = [anchors[i : i + BATCH] for i in range(0, len(anchors), BATCH)]
    for batch in batches:  # caches warm on both sides
        stage.run(batch)
        list(shipped.pipe(anchor.caption for anchor in batch))
    whole: list[float] = []
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(options.rounds):
        whole.append(time_pipe(shipped, texts))
        bare.append(time_pipe(nlp, texts))
        start = time.process_time()
        for batch in batches:
            stage.run(batch)
        ours.append(time.process_time() - start)
    ratios = [b / o for b, o in zip(bare, ours, strict=True)]
    print(describe_machine("spacy"))
    print(f"{len(texts)} captions, {len(nlp.pipe_names)} components: {', '.join(nlp.pipe_names)}")
    print(f"nlp.pipe as spaCy ships it  {rate(texts, whole)}  ({', '.join(shipped.pipe_names)})")
    print(f"nlp.pipe, same components   {rate(texts, bare)}")
    print(f"caption stage               {rate(texts, ours)}")
    over = statistics.median(o / w for o, w in zip(ours, whole, strict=True))
    print(f"the stage takes {over:.2f} times as long as the pipeline that spaCy ships")
    ratio = statistics.median(ratios)
    print(
        f"ratio {ratio:.2f} (median of {len(ratios)}, {min(ratios):.2f} to {max(ratios):.2f}): "
        f"our own code adds {1 / ratio - 1:.0%} to spaCy's time"
    )


if __name__ == "__main__":
    main()
