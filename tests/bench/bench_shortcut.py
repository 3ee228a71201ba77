"""How often a classifier that sees no picture finds the false caption, kind by kind.

A pairwise accuracy of 50 % is ideal: the words then say nothing, and only the picture tells. The
probes are trained and judged on the same captions by cross-validation over anchors. What the
balance goes by is words, word pairs and lengths; the other views are what it does not see.

    python tests/bench/bench_shortcut.py --input cc3m.tsv --first 6000 --limit 3000
    python tests/bench/bench_shortcut.py --input cc3m.tsv --limit 3000 --set balance=off
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from itertools import pairwise

from bench_rule_stage import BATCH, read_anchors
from machine import describe_machine

from pipeline.audit.caption_probe import CaptionProbe, characters, probe_captions
from pipeline.audit.text import TextPair
from pipeline.config.loading import build_config
from pipeline.config.source import SAMPLE_INPUT
from pipeline.core.records import Anchor, CounterfactualSet
from pipeline.core.stage import Rejected
from pipeline.edits.balance.fit import fit_balance
from pipeline.edits.balance.offers import collect_offers
from pipeline.edits.balance.table import AUTO
from pipeline.edits.parse.spacy_pipeline import Parser
from pipeline.runs.balance import LEAST_CAPTIONS
from pipeline.runs.opening import name_edit_stage, open_edit_stage


def pairs_of(cfset: CounterfactualSet) -> Iterator[TextPair]:
    key, caption = cfset.anchor.anchor_id, cfset.anchor.caption
    for edit in cfset.minimal:
        yield TextPair(key, str(edit.kind), edit.factual, edit.caption, edit.subkind)
    for full in cfset.full:
        yield TextPair(key, "full", caption, full.caption)


def tag_reader(texts: Iterable[str]) -> dict[str, list[str]]:
    """Fine part-of-speech tags, their pairs and triples, of every text."""
    wanted = sorted(set(texts))
    read = {}
    for text, doc in zip(wanted, Parser().parse(wanted), strict=True):
        tags = ["^", *(token.tag_ for token in doc), "$"]
        triples = zip(tags, tags[1:], tags[2:], strict=False)
        read[text] = [*tags, *map(" ".join, pairwise(tags)), *map(" ".join, triples)]
    return read


def write_sets(anchors: list[Anchor], options: argparse.Namespace) -> list[CounterfactualSet]:
    """The sets as a run writes them: of enough rows, the balance counts the rows themselves."""
    settings = dict(setting.split("=", 1) for setting in options.set)
    config = build_config({"edits": settings})
    stage = open_edit_stage(config, {})
    counts = config.edits.balance != "off" and config.edits.balance_table == AUTO
    if counts and len(anchors) >= LEAST_CAPTIONS:
        counted = anchors[: config.edits.balance_captions]
        offers = [
            one
            for i in range(0, len(counted), BATCH)
            for one in collect_offers(
                counted[i : i + BATCH], stage.parser, stage.propose, stage.make
            )
        ]
        blank = stage.parser.nlp.make_doc("")
        table = fit_balance(offers, config.edits, blank, captions=len(counted))
        stage = name_edit_stage(config, {}, balance=table)
    made: list[CounterfactualSet | Rejected] = []
    for i in range(0, len(anchors), BATCH):
        made += stage.run(anchors[i : i + BATCH])
    return [one for one in made if isinstance(one, CounterfactualSet)]


def print_probes(probes: Iterable[CaptionProbe], *, subkinds: bool) -> None:
    for one in probes:
        if one.subkind and not subkinds:
            continue
        name = f"  {one.subkind}" if one.subkind else one.kind
        telling = ", ".join(f"{word} {weight:+}" for word, weight in one.telling[:4])
        span = f"{one.low:.0%}–{one.high:.0%}"
        print(f"{name:22}{one.pairs:7,}{one.accuracy:8.1%}  {span:>9}  {telling}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", default=SAMPLE_INPUT)
    parser.add_argument("--first", type=int, default=0, help="rows to pass over")
    parser.add_argument("--limit", type=int, default=3000)
    parser.add_argument("--set", action="append", default=[], help="a setting of `edits`")
    options = parser.parse_args()
    anchors = read_anchors(options.input, options.first + options.limit)
    if options.first:
        # Rows that repeat a caption are no anchors, so that their number is not that of the rows.
        anchors = anchors[len(read_anchors(options.input, options.first)) :]
    sets = write_sets(anchors, options)
    pairs = [pair for cfset in sets for pair in pairs_of(cfset)]
    minimal = sum(bool(cfset.minimal) for cfset in sets) / len(anchors)
    full = sum(bool(cfset.full) for cfset in sets) / len(anchors)
    print(describe_machine("scikit-learn"))
    print(f"{len(anchors):,} captions; {minimal:.1%} with a minimal edit, {full:.1%} complete")
    print("\nby words, word pairs and length\nkind                    pairs   right   interval")
    print_probes(probe_captions(pairs), subkinds=True)
    print("\nby runs of 2 to 5 characters")
    print_probes(probe_captions(pairs, characters, features="characters"), subkinds=False)
    tags = tag_reader(text for pair in pairs for text in (pair.factual, pair.caption))
    print("\nby part-of-speech tags")
    print_probes(probe_captions(pairs, tags.__getitem__, features="tags"), subkinds=False)


if __name__ == "__main__":
    main()
