"""How much of real captions the lexicon knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.edits.lexicon import Lexicon
from pipeline.edits.lexicon.inflection import verb_lemma

if TYPE_CHECKING:
    from spacy.tokens import Doc


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of occurrences that the lexicon knows.

    Attributes:
        nouns: Common nouns that head a phrase, 0 to 1. Known are visible nouns, protected
            phrases and words listed as no thing of the scene.
        verbs: Verbs, 0 to 1.
        unknown_nouns: The most frequent unknown nouns with their counts.
        unknown_verbs: The most frequent unknown verbs with their counts.
    """

    nouns: float
    verbs: float
    unknown_nouns: tuple[tuple[str, int], ...]
    unknown_verbs: tuple[tuple[str, int], ...]


def measure_coverage(docs: Iterable[Doc], lexicon: Lexicon, *, listed: int = 50) -> Coverage:
    """Measure over parsed captions; with no noun or verb at all the share is 1."""
    nouns: Counter[str] = Counter()
    verbs: Counter[str] = Counter()
    known_nouns = known_verbs = 0
    for doc in docs:
        kept = _protected_tokens(doc, lexicon)
        for token in doc:
            if token.tag_ in {"NN", "NNS"} and token.dep_ != "compound":
                known = token.i in kept or _knows_noun(token.lower_, token.lemma_, lexicon)
                known_nouns += known
                nouns[token.lower_] += not known
            elif token.pos_ == "VERB":
                lemma = verb_lemma(token.lower_, token.tag_)
                known = lemma in lexicon.actions.by_verb or lemma in lexicon.actions.fits
                known = known or lemma in lexicon.actions.does or lemma in lexicon.actions.unseen
                known_verbs += known
                verbs[lemma] += not known
    return Coverage(
        nouns=_share(known_nouns, nouns),
        verbs=_share(known_verbs, verbs),
        unknown_nouns=tuple((word, n) for word, n in nouns.most_common(listed) if n),
        unknown_verbs=tuple((word, n) for word, n in verbs.most_common(listed) if n),
    )


def _share(known: int, unknown: Counter[str]) -> float:
    total = known + unknown.total()
    return known / total if total else 1.0


def _knows_noun(word: str, lemma: str, lexicon: Lexicon) -> bool:
    return (
        word in lexicon.nouns.forms
        or lemma in lexicon.protected.unreal
        or lemma in lexicon.protected.unseen
    )


def _protected_tokens(doc: Doc, lexicon: Lexicon) -> set[int]:
    words = [token.lower_ for token in doc]
    phrases = lexicon.protected
    return {
        token
        for index in (phrases.placeholders, phrases.frozen)
        for start, end in phrases.find(index, words)
        for token in range(start, end)
    }
