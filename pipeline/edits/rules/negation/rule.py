"""Negation about something visible: added, removed, or moved between two sides.

A bare "not" gives the counterfactual away, so most proposals carry their own factual wording
that is negated too: "a man on a horse, not on a bicycle" against "a man on a bicycle, not on a
horse".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.lexicon.negation import load_negation
from pipeline.edits.parse.phrases import chunks_by_start, is_description
from pipeline.edits.parse.word_tree import Phrase, WordTree, word_tree
from pipeline.edits.rules.negation.contrast import Contrasts
from pipeline.edits.rules.negation.one_sided import RULE, deny_action, deny_possession
from pipeline.edits.rules.negation.removal import take_away
from pipeline.edits.rules.object.people import Policy

if TYPE_CHECKING:
    from spacy.tokens import Doc

DENIALS = frozenset({"without", "no", "not", "n't", "n’t"})
"""Negations; a caption with one gets no other."""


class NegationRule:
    """Adds, removes or moves a "not", "no" or "without"."""

    name = RULE
    kind = EditKind.NEGATION

    def __init__(self, alternatives: int = 1, policy: Policy = "balanced") -> None:
        """Load the rules whose edits are denied.

        Args:
            alternatives: Most wordings of one contrast, which differ in what is denied.
            policy: On people.
        """
        self._contrasts = Contrasts(self.name, alternatives, policy)

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield one-sided and removed negations, then wordings negated on both sides."""
        words = word_tree(doc)
        if not is_description(words):
            return
        chunks = chunks_by_start(words)
        if not DENIALS.isdisjoint(words.lower):
            for word in words:
                if word.lower in DENIALS:
                    yield from take_away(words, word, chunks)
            return
        yield from _one_sided(words, chunks)
        yield from self._contrasts.wordings(doc, words)


def _one_sided(words: WordTree, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
    """Negations that are added."""
    if not load_negation().undeniable.isdisjoint(words.lower):
        return
    for word in words:
        if word.lower == "with":
            yield from deny_possession(words, word, chunks)
        elif word.pos == "VERB" and word.i:
            yield from deny_action(words, word)
