"""Counts the causes and effects that a stream of captions states."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.edits.lexicon.connectives import Direction, load_causal_lexicon
from pipeline.edits.parse.spacy_pipeline import PARSE_BATCH
from pipeline.edits.rules.causal.statements import find_mentions

if TYPE_CHECKING:
    from spacy.language import Language

WORD = re.compile(r"\w+|,")


@dataclass(frozen=True, slots=True)
class CausalExample:
    """One mention in words.

    Attributes:
        cause: The cause as written.
        effect: The effect as written.
        caption: The whole caption.
        origin: Where the caption stands.
    """

    cause: str
    effect: str
    caption: str
    origin: str


@dataclass(frozen=True, slots=True)
class ConnectiveCount:
    """How often one connective joins a cause and an effect.

    Attributes:
        connective: Its name, such as "because".
        direction: Which of the two it puts first.
        mentions: How often it was found.
        examples: The first few.
    """

    connective: str
    direction: Direction
    mentions: int
    examples: tuple[CausalExample, ...]


@dataclass(frozen=True, slots=True)
class MiningSummary:
    """What a stream of captions holds.

    Attributes:
        captions: Captions read.
        mentions: Causal mentions found.
        captions_with: Captions that hold at least one.
        connectives: Those that were found, the most frequent first.
    """

    captions: int
    mentions: int
    captions_with: int
    connectives: tuple[ConnectiveCount, ...]


def summarise(
    captions: Iterable[tuple[str, str]], nlp: Language, *, examples: int = 3
) -> MiningSummary:
    """Count the mentions of a stream of captions, with a few examples of each connective.

    Only captions that hold a connective's word are parsed.

    Args:
        captions: (origin, text) pairs.
        nlp: A pipeline with a tagger, a parser and lemmas.
        examples: Examples kept for each connective.
    """
    captions_read = 0

    def hopeful() -> Iterator[tuple[str, str]]:
        nonlocal captions_read
        stated = load_causal_lexicon().stated.keys()
        for origin, text in captions:
            captions_read += 1
            if not stated.isdisjoint(WORD.findall(text.lower())):
                yield text, origin

    counts: Counter[str] = Counter()
    origins: set[str] = set()
    examples_by_name: dict[str, list[CausalExample]] = defaultdict(list)
    for doc, origin in nlp.pipe(hopeful(), as_tuples=True, batch_size=PARSE_BATCH):
        for mention in find_mentions(doc):
            name = mention.connective.name
            counts[name] += 1
            origins.add(origin)
            if counts[name] <= examples:
                cause, effect = doc[slice(*mention.cause)].text, doc[slice(*mention.effect)].text
                examples_by_name[name].append(CausalExample(cause, effect, doc.text, origin))
    connectives = load_causal_lexicon().connectives
    found = tuple(
        ConnectiveCount(name, connectives[name].direction, number, tuple(examples_by_name[name]))
        for name, number in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    return MiningSummary(captions_read, counts.total(), len(origins), found)
