"""The checks on text: what they cost, and how well a blind language model still guesses.

Without a language model: the caption stage with all cheap checks (unsafe text, tokens,
WordNet where installed) against bare `nlp.pipe` over the same captions. With one: how many
texts it scores, read as trees and one by one; its accuracy at telling the factual caption
for each kind, before and after the balance; what the balance costs; and how other ways of
scoring, which the balance did not see, do on what it kept.

    python tests/bench/bench_text_checks.py --input cc3m.tsv --limit 500
    python tests/bench/bench_text_checks.py --fluency-model none
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from bench_rule_stage import BATCH, read_anchors
from machine import describe_machine
from numpy.typing import NDArray

from pipeline.adapters.language_model import scorer as lm_score
from pipeline.audit.text import TextPair, guess_by
from pipeline.config.loading import build_config
from pipeline.config.run import RunConfig
from pipeline.config.source import SAMPLE_INPUT
from pipeline.core.records import Anchor, CounterfactualSet
from pipeline.core.stage import Rejected
from pipeline.runs.opening import open_edit_stage, open_text_checks
from pipeline.text_checks.stage import TextCheckStage

Results = Sequence[CounterfactualSet | Rejected]
Score = Callable[[Sequence[str]], NDArray[np.float64]]


class Remembering:
    """A scorer that keeps what it has read, so that before and after cost one reading."""

    def __init__(self, scorer: lm_score.CausalScorer) -> None:
        self._scorer = scorer
        self._known: dict[str, float] = {}
        self.fingerprint = scorer.fingerprint
        self.cpu_s = 0.0

    def score(self, texts: Sequence[str], /) -> NDArray[np.float64]:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        start = time.process_time()
        self._known |= dict(zip(new, self._scorer.score(new).tolist(), strict=True))
        self.cpu_s += time.process_time() - start
        return np.array([self._known[text] for text in texts])

    def close(self) -> None:
        self._scorer.close()

    @property
    def texts(self) -> list[str]:
        return list(self._known)


def pairs_of(results: Results) -> list[TextPair]:
    """Every counterfactual beside its factual wording; "full" is the kind of a complete one."""
    sets = [one for one in results if isinstance(one, CounterfactualSet)]
    return [
        TextPair(one.anchor.anchor_id, kind, factual, caption)
        for one in sets
        for kind, factual, caption in (
            *((str(edit.kind), edit.factual, edit.caption) for edit in one.minimal),
            *(("full", one.anchor.caption, full.caption) for full in one.full),
        )
    ]


def table(pairs: Sequence[TextPair], score: Score) -> str:
    factual = score([pair.factual for pair in pairs]).tolist()
    caption = score([pair.caption for pair in pairs]).tolist()
    lines = [f"{'kind':<14}{'pairs':>7}{'blind':>8}   95 % interval"]
    lines += [
        f"{one.kind:<14}{one.pairs:>7,}{one.accuracy:>8.1%}   {one.low:.1%} to {one.high:.1%}"
        for one in guess_by("likelihood", pairs, list(zip(factual, caption, strict=True)))
    ]
    return "\n".join(lines)


def bench_cheap(anchors: list[Anchor], config: RunConfig, rounds: int) -> None:
    """Caption stage and cheap checks against bare spaCy, in turns, in CPU time."""
    stage, checks = open_edit_stage(config, {}), open_text_checks(config)
    nlp = stage.parser.nlp
    batches = [anchors[i : i + BATCH] for i in range(0, len(anchors), BATCH)]
    texts = [anchor.caption for anchor in anchors]
    spent: dict[str, list[float]] = {"bare": [], "written": [], "checked": []}
    for _ in range(rounds + 1):
        start = time.process_time()
        for _doc in nlp.pipe(texts, batch_size=128):
            pass
        parsed = time.process_time()
        written = [stage.run(batch) for batch in batches]
        made = time.process_time()
        for batch in written:
            checks.run([one for one in batch if isinstance(one, CounterfactualSet)])
        spent["bare"].append(parsed - start)
        spent["written"].append(made - parsed)
        spent["checked"].append(time.process_time() - made)
    bare, wrote, checked = (statistics.median(spent[name][1:]) for name in spent)  # 1st: warm-up
    wordnet = "with" if checks.description()["wordnet"] else "without"
    print(f"cheap checks ({wordnet} WordNet), median of {rounds} rounds over {len(texts)} captions")
    print(f"  bare nlp.pipe          {len(texts) / bare:8.0f} captions/CPU-s")
    print(f"  caption stage          {len(texts) / wrote:8.0f} captions/CPU-s")
    print(f"  checks alone           {len(texts) / checked:8.0f} captions/CPU-s")
    print(f"  caption stage + checks {len(texts) / (wrote + checked):8.0f} captions/CPU-s")
    print(f"  ratio to bare nlp.pipe {bare / (wrote + checked):8.2f}")


def bench_scorer(scorer: lm_score.CausalScorer, texts: Sequence[str]) -> None:
    """Trees against one text at a time, on the same texts."""
    reader = scorer._open()
    rows = sorted(set(lm_score._encode(reader, texts)))
    rates = []
    for read in (lm_score._score_alone, lm_score._score_trees):
        start = time.process_time()
        read(reader.model, rows)
        rates.append(len(rows) / (time.process_time() - start))
    print(f"\nlanguage model on {len(rows)} captions of anchors with all their edits")
    print(f"  one by one {rates[0]:6.1f} texts/CPU-s")
    print(f"  as trees   {rates[1]:6.1f} texts/CPU-s, {rates[1] / rates[0]:.1f} times as many")


def bench_blind(anchors: list[Anchor], config: RunConfig) -> None:
    """Blind accuracy before and after, and what it costs in edits and time."""
    plain = config.model_copy(update={"checks": type(config.checks)()})
    before = pairs_of(open_edit_stage(plain, {}).run(anchors))
    scorer = lm_score.open_text_scorer(config.checks)
    known = Remembering(scorer)
    stage = TextCheckStage(
        config.checks,
        max_minimal=config.edits.max_minimal,
        max_full=config.edits.max_full,
        dictionary=open_text_checks(plain)._dictionary,
        scorer=known,
    )
    over = open_edit_stage(config, {}).run(anchors)
    sets = [one for one in over if isinstance(one, CounterfactualSet)]
    start = time.process_time()
    results = stage.run(sets)
    spent = time.process_time() - start
    after = pairs_of(results)
    bench_scorer(scorer, sorted(known.texts)[:400])
    print(f"\nwith the language model: {len(anchors)} captions in {spent:.0f} CPU-s of checks,")
    print(
        f"  {len(anchors) / spent:.1f} captions/CPU-s, {len(known.texts) / known.cpu_s:.1f} texts"
    )
    refused = Counter(r.reason for one in results for r in one.refused)
    print(f"\nwithout balance: {len(before)} captions\n{table(before, known.score)}")
    print(f"\nafter the checks: {len(after)} captions\n{table(after, known.score)}")
    wrote = len(pairs_of(over))
    print(f"\n{wrote} written, {len(after)} kept, refused: {dict(refused.most_common())}")
    print(f"against {len(before)} without the checks: {1 - len(after) / len(before):.0%} fewer")
    print("anchors with an edit:", *(f"{len(anchors_of(one))}" for one in (over, results)))
    context, lm_score.CONTEXT = lm_score.CONTEXT, ""
    try:
        bare = lm_score.open_text_scorer(config.checks)
        print("\nscored without the context, which the balance did not see, before and after:")
        print(table(before, bare.score))
        print(table(after, bare.score))
    finally:
        lm_score.CONTEXT = context


def anchors_of(results: Results) -> set[str]:
    return {
        one.anchor.anchor_id
        for one in results
        if isinstance(one, CounterfactualSet) and one.minimal
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", default=SAMPLE_INPUT)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--fluency-model", default="builtin:smollm2")
    parser.add_argument("--blind-accuracy", type=float, default=0.5)
    parser.add_argument("--wordnet", default="auto")
    options = parser.parse_args()
    anchors = read_anchors(options.input, options.limit)
    print(describe_machine("spacy", "torch", "transformers"))
    cheap = build_config({"checks": {"wordnet": options.wordnet}})
    bench_cheap(anchors, cheap, options.rounds)
    if options.fluency_model != "none":
        checks = {
            "fluency_model": options.fluency_model,
            "blind_accuracy": options.blind_accuracy,
            "wordnet": options.wordnet,
        }
        bench_blind(anchors, build_config({"checks": checks}))


if __name__ == "__main__":
    main()
