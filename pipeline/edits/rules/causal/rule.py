"""Rule `causal_order`: which event is the cause and which the effect changes places.

A pair always differs in which event is the cause, never in the connective: the two phrases
around it are exchanged and the connective stays.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.case import lower_beginning
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon.connectives import Connective, Pattern, load_causal_lexicon
from pipeline.edits.parse.phrases import is_description, is_plural, wordset
from pipeline.edits.parse.word_tree import Word, WordTree, word_tree
from pipeline.edits.rules.causal.composing import cased, compose_events
from pipeline.edits.rules.causal.patterns import first_words, match_pattern
from pipeline.edits.rules.causal.statements import (
    CausalMention,
    find_mentions,
    head_of,
    is_clause,
)

if TYPE_CHECKING:
    from spacy.tokens import Doc

CONCLUDING = frozenset({"so"})
"""Connectives behind which an effect may also be a sign: "the street is wet, so it rained"."""
INSTEAD = {"thanks to": "due to"}
"""Nobody says that a tree is hard to see thanks to the fog."""
NAMES_BACK = wordset("he she they it his her their its him them this that these those")
WEATHER = wordset("rain snow hail drizzle storm pour")
"""Verbs of an "it" that names nothing: "it is raining"."""
PUBLIC_LIFE = wordset(
    "political politics rebel government election vote law policy crisis economy war "
    "conflict dispute debate controversy scandal rights reform democracy parliament tension"
)
"""Words of matters that no picture shows."""


class CausalRule:
    """Exchanges cause and effect: of a mined statement, or of a composed one."""

    name = "causal"
    kind = EditKind.CAUSAL_ORDER

    def __init__(self) -> None:
        self._lexicon = load_causal_lexicon()
        self._by_word: dict[str, list[int]] = {}
        for number, pattern in enumerate(self._lexicon.patterns):
            for word in pattern.words[0]:
                self._by_word.setdefault(word, []).append(number)

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield the swap of every statement in the caption, else of what it licenses.

        What is composed carries its own wording.
        """
        words = word_tree(doc)
        if not is_description(words):
            return
        stated = [_exchange(words, mention) for mention in find_mentions(doc)]
        exchanged = [proposal for proposal in stated if proposal is not None]
        yield from exchanged
        if exchanged:
            return
        first = first_words(words)
        hopeful = {number for word in first for number in self._by_word.get(word, ())}
        for pattern in (self._lexicon.patterns[number] for number in sorted(hopeful)):
            found = match_pattern(pattern, words, first)
            if found is not None:
                effect, cause = found
                connective = self._connective(pattern, words.text)
                proposal = compose_events(
                    words, effect, cause, connective, rule=f"causal.{pattern.name}"
                )
                yield replace(proposal, share=pattern.share)

    def _connective(self, pattern: Pattern, text: str) -> Connective:
        """A connective that reads well with the pattern, the same for the same caption."""
        fitting = [
            connective
            for connective in self._lexicon.connectives.values()
            if connective.name not in CONCLUDING
            and (pattern.nouns or "clause" in (connective.effect, connective.cause))
        ]
        drawn = fitting[zlib.crc32(f"{text}/{pattern.name}".encode()) % len(fitting)]
        return self._lexicon.connectives[INSTEAD.get(drawn.name, drawn.name)]


def _exchange(words: WordTree, mention: CausalMention) -> Proposal | None:
    """Exchange the sides of a statement; None where the other way round it is no sentence."""
    connective = mention.connective
    first, second = (words.phrase(*side) for side in sorted((mention.cause, mention.effect)))
    sides = (*first, *second)
    if connective.cause != connective.effect:
        return None
    if is_clause(first) != is_clause(second) or is_clause(first) != (connective.cause == "clause"):
        return None
    if connective.verb and is_plural(head_of(first)) != is_plural(head_of(second)):
        return None
    if any(word.lower in NAMES_BACK and not _is_of_weather(word) for word in sides):
        return None
    if not PUBLIC_LIFE.isdisjoint(word.lemma for word in sides):
        return None
    between = words[first.end : second.start]
    if any(word.tag in {"VBD", "VBG", "MD"} or word.lemma == "have" for word in between):
        return None
    old = lower_beginning(first.text) if first.start == 0 else first.text
    new = cased(second.text, upper=first.start == 0 and first.text[0].isupper())
    pieces = (
        TokenPiece(first.start, first.end, new),
        TokenPiece(second.start, second.end, old),
    )
    joined = (f"{old} … {second.text}".lower(), f"{second.text} … {old}".lower())
    return Proposal(EditKind.CAUSAL_ORDER, "mined", pieces, *joined, rule="causal.mined")


def _is_of_weather(word: Word) -> bool:
    """Whether "it" is that of "it is raining"."""
    return word.lower == "it" and word.head.lemma in WEATHER
