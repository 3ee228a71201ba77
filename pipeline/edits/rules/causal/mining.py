"""Finds cause and effect in a caption, with the direction of the connective.

Precision comes before recall: "for a good cause", "image result", "lead singer", "so
beautiful" and "stairs leading to the door" are no causes, and what the parse leaves unclear
is not reported.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.edits.parse.word_tree import WordTree, word_tree
from pipeline.edits.rules.causal.connectives import EMPTY, FINDERS
from pipeline.edits.rules.causal.constructions import CausalMention, Direction

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

TRIGGER = re.compile(
    r"\b(?:because|due|caus(?:e|es|ed|ing)|results?|resulted|resulting|effects?|consequences?"
    r"|ow(?:e|es|ed|ing)|leads?|led|leading|ris(?:e)|about|thanks|so)\b",
    re.IGNORECASE,
)
"""A caption without one of these words holds no connective, so it need not be parsed."""


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


def find_mentions(doc: Doc) -> Iterator[CausalMention]:
    """Yield every cause and effect that the caption states, in the order of the text."""
    words = word_tree(doc)
    if not TRIGGER.search(words.text):
        return
    for token in words:
        finder = FINDERS.get(token.lower)
        mention = finder(words, token) if finder else None
        if mention is not None and _has_content(words, mention):
            yield mention


def mine_causal(
    captions: Iterable[tuple[str, str]], nlp: Language, *, batch_size: int = 128
) -> Iterator[tuple[str, CausalMention, Doc]]:
    """Yield (origin, mention, parsed caption) for every mention, in order.

    Only captions that hold a connective's word are parsed.

    Args:
        captions: (origin, text) pairs; the origin is handed through.
        nlp: A pipeline with a tagger, a parser and lemmas.
        batch_size: Captions parsed at once.
    """
    hopeful = ((text, origin) for origin, text in captions if TRIGGER.search(text))
    for doc, origin in nlp.pipe(hopeful, as_tuples=True, batch_size=batch_size):
        for mention in find_mentions(doc):
            yield origin, mention, doc


def summarise(
    captions: Iterable[tuple[str, str]], nlp: Language, *, examples: int = 3
) -> MiningSummary:
    """Count the mentions of a stream of captions, with a few examples of each connective."""
    captions_read = 0

    def counting() -> Iterator[tuple[str, str]]:
        nonlocal captions_read
        for pair in captions:
            captions_read += 1
            yield pair

    counts: Counter[str] = Counter()
    directions: dict[str, Direction] = {}
    origins: set[str] = set()
    examples_by_name: dict[str, list[CausalExample]] = defaultdict(list)
    for origin, mention, doc in mine_causal(counting(), nlp):
        counts[mention.connective] += 1
        directions[mention.connective] = mention.direction
        origins.add(origin)
        if counts[mention.connective] <= examples:
            cause, effect = doc[slice(*mention.cause)].text, doc[slice(*mention.effect)].text
            examples_by_name[mention.connective].append(
                CausalExample(cause, effect, doc.text, origin)
            )
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    found = tuple(
        ConnectiveCount(name, directions[name], number, tuple(examples_by_name[name]))
        for name, number in ranked
    )
    return MiningSummary(captions_read, counts.total(), len(origins), found)


def _has_content(words: WordTree, mention: CausalMention) -> bool:
    """Whether cause and effect both name something, and do not overlap."""
    cause, effect = mention.cause, mention.effect
    if cause[0] < effect[1] and effect[0] < cause[1]:
        return False
    for start, end in (cause, effect):
        if not any(t.pos in {"NOUN", "PROPN", "VERB", "ADJ"} for t in words[start:end]):
            return False
        if end - start == 1 and words[start].lower in EMPTY:
            return False
        if words[start].tag in {"WDT", "WP", "WRB"}:
            return False
    return True
