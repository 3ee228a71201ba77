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
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.lexicon.connectives import Connective, Pattern, load_causal_lexicon
from pipeline.edits.parse.phrases import is_description, wordset
from pipeline.edits.parse.word_tree import WordTree, word_tree
from pipeline.edits.rules.causal.composing import compose_events, events_fit, is_weather_pronoun
from pipeline.edits.rules.causal.constructions import CausalMention
from pipeline.edits.rules.causal.events import NAMES_BACK, read_event
from pipeline.edits.rules.causal.mining import find_mentions
from pipeline.edits.rules.causal.patterns import Scene, match_pattern

if TYPE_CHECKING:
    from spacy.tokens import Doc

CONCLUDING = frozenset({"so"})
"""Connectives behind which an effect may also be a sign: "the street is wet, so it rained"."""
INSTEAD = {"thanks to": "due to"}
"""Nobody says that a tree is hard to see thanks to the fog."""
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

        What a caption states itself comes with its own words where both sides have the same
        form; otherwise, and for composed statements, the proposal carries its own wording.
        """
        words = word_tree(doc)
        mined = False
        for mention in find_mentions(doc):
            proposal = self._stated(words, mention)
            if proposal is not None:
                mined = True
                yield proposal
        if mined or not is_description(words):
            return
        scene = Scene.of(words)
        hopeful = {number for word in scene.lemmas for number in self._by_word.get(word, ())}
        for pattern in (self._lexicon.patterns[number] for number in sorted(hopeful)):
            found = match_pattern(pattern, scene)
            if found is not None:
                effect, cause = found
                connective = self._connective(pattern, words.text)
                proposal = compose_events(
                    words,
                    effect,
                    cause,
                    connective,
                    subkind="composed",
                    rule=f"causal.{pattern.name}",
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

    def _stated(self, words: WordTree, mention: CausalMention) -> Proposal | None:
        """The swap of a statement that the caption makes."""
        cause_span, effect_span = words.phrase(*mention.cause), words.phrase(*mention.effect)
        if any(
            t.lower in NAMES_BACK and not is_weather_pronoun(t) for t in (*cause_span, *effect_span)
        ):
            return None
        if not is_description(words) or _is_not_in_present(words, mention):
            return None
        if not PUBLIC_LIFE.isdisjoint(t.lemma for t in (*cause_span, *effect_span)):
            return None
        effect, cause = read_event(effect_span), read_event(cause_span)
        if effect is None or cause is None:
            return None
        connective = self._lexicon.connectives.get(mention.connective)
        if connective is None or not events_fit(effect, cause, connective):
            return None
        return compose_events(
            words, effect, cause, connective, subkind="mined", rule="causal.mined"
        )


def _is_not_in_present(words: WordTree, mention: CausalMention) -> bool:
    """Whether the connective is not in the present: its wording would change the tense."""
    ends = sorted((*mention.cause, *mention.effect))
    return any(
        t.tag in {"VBD", "MD"} or (t.lemma == "have" and t.pos == "AUX")
        for t in words[ends[1] : ends[2]]
    )
