"""What `counterfactory mine-causal` does: count the causes and effects that a source states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.config.run import RunConfig
from pipeline.core.progress import Observer, Silent, Step, Stopped
from pipeline.core.records import Anchor
from pipeline.edits.parse.spacy_pipeline import Parser
from pipeline.edits.rules.causal.mining import MiningSummary, summarise
from pipeline.sources import open_source

STEP_ROWS = 500


@dataclass(frozen=True, slots=True)
class MinedSource:
    """What was found in a source.

    Attributes:
        rows: Rows read.
        rejected: Rows without a usable caption.
        summary: What the captions state.
    """

    rows: int
    rejected: int
    summary: MiningSummary


def mine_source(
    config: RunConfig, *, examples: int = 3, observer: Observer | None = None
) -> MinedSource:
    """Read every caption of the source once and mine it. Writes nothing.

    Args:
        config: Names the source and the spaCy pipeline.
        examples: Mentions kept for each connective.
        observer: Told how many rows there are and how many were read.

    Raises:
        ConfigError: The input or the spaCy pipeline is missing.
        Stopped: The user asked to stop.
    """
    observer = observer or Silent()
    source = open_source(config.source)
    parser = Parser(config.edits.spacy_model)
    spans = list(source.partition(lambda rows: observer.advance(Step.ROWS, rows)))
    observer.total(Step.ANCHORS, sum(span.rows for span in spans))
    rows = rejected = 0

    def captions() -> Iterator[tuple[str, str]]:
        nonlocal rows, rejected
        for span in spans:
            for row in source.read(span, images=False):
                rows += 1
                if rows % STEP_ROWS == 0:
                    observer.advance(Step.ANCHORS, STEP_ROWS)
                    if observer.stopping:
                        raise Stopped("stopped; nothing was written")
                if isinstance(row, Anchor):
                    yield row.origin, row.caption
                else:
                    rejected += 1

    summary = summarise(captions(), parser.nlp, examples=examples)
    observer.advance(Step.ANCHORS, rows % STEP_ROWS)
    return MinedSource(rows, rejected, summary)
