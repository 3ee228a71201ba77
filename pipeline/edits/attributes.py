"""Rule `attribute`: a visible quality of a thing becomes one that excludes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.edits.grammar import article_repair
from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.people import Policy, drawn
from pipeline.edits.proposal import Proposal, TokenPiece
from pipeline.edits.reading import NounMention, Reading, read
from pipeline.records import EditKind

if TYPE_CHECKING:
    from spacy.tokens import Doc

PLACED_BEFORE = frozenset({"mood", "time_of_day", "whereabouts"})
"""Scales whose words stand before the noun only."""

BEING = frozenset({"is", "are", "was", "were", "'s", "be", "looks", "look"})
SHADES = frozenset({"light", "dark", "bright", "pale", "deep"})
YOUNG = frozenset({"young", "teenage"})
YOUNG_KEPT = 0.15
"""Captions say "young" about seven times as often as "elderly": only so many are turned."""

PREDICATES = frozenset({"acomp", "oprd"})


class AttributeRule:
    """Exchanges adjectives of visible nouns: colours, and words of the lexicon's scales."""

    name = "attribute.lexicon"
    kind = EditKind.ATTRIBUTE

    def __init__(self, policy: Policy = "balanced") -> None:
        self._lexicon: Lexicon = load_lexicon()
        self._policy = policy

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield an exchange for every adjective and every word that excludes it."""
        reading = read(doc)
        if not reading.describes:
            return
        qualities = self._lexicon.qualities
        for token, word in enumerate(reading.lower):
            if token in reading.protected:
                continue
            if word in qualities.colours.words:
                mention = self._mention(reading, token)
                if mention is not None:
                    yield from self._colours(reading, token, mention)
            elif word in qualities.by_word:
                mention = self._mention(reading, token)
                if mention is not None:
                    yield from self._scale(reading, token, mention, doc.text)

    def _mention(self, reading: Reading, token: int) -> NounMention | None:
        mention = _described(reading, token)
        if mention is None or reading.is_unreal(mention.head, frozenset()):
            return None
        return mention

    def _colours(self, reading: Reading, token: int, mention: NounMention) -> Iterator[Proposal]:
        colours = self._lexicon.qualities.colours
        start, shaded = token, False
        if token and token - 1 not in reading.protected:
            before = reading.lower[token - 1]
            shaded = before in colours.shades
            if before in colours.compound:
                start = token - 1
        old = " ".join(reading.lower[start : token + 1])
        for new in colours.exchanges(reading.lower[token], mention.noun, shaded=shaded):
            if not any(
                colours.look_alike(new, word)
                for word in reading.words & colours.words
                if word != reading.lower[token]
            ):
                yield self._proposal(reading, start, token + 1, old, new, "colour")

    def _scale(
        self, reading: Reading, token: int, mention: NounMention, text: str
    ) -> Iterator[Proposal]:
        word = reading.lower[token]
        scale = self._lexicon.qualities.scale_of(word, mention.noun)
        if scale is None or _is_graded(reading, token):
            return
        if scale.subkind == "age_group" and not self._may_age(word, text):
            return
        if reading.deps[token] != "amod" and scale.name in PLACED_BEFORE:
            return
        if any((pole - {word}) & reading.words for pole in scale.poles):
            # "a happy woman, smiling", "a foggy rainy day": the rest would contradict the edit.
            return
        if scale.subkind == "material" and token and reading.lower[token - 1] in SHADES:
            return
        for new in scale.exchanges(word, mention.noun.lemma):
            said = any(w in reading.words for w in _pole_of(scale.poles, new))
            if not said:
                yield self._proposal(reading, token, token + 1, word, new, scale.subkind)

    def _may_age(self, word: str, text: str) -> bool:
        """Whether the policy on demographic edits allows this one."""
        if self._policy == "balanced":
            return word not in YOUNG or drawn(text, "age_adjective", YOUNG_KEPT)
        return self._policy == "allow"

    def _proposal(
        self, reading: Reading, start: int, end: int, old: str, new: str, subkind: str
    ) -> Proposal:
        pieces = [TokenPiece(start, end, new)]
        repair = article_repair(reading, start, new)
        if repair:
            pieces.append(repair)
        return Proposal(self.kind, subkind, tuple(pieces), old, new, self.name)


def _described(reading: Reading, token: int) -> NounMention | None:
    """The visible noun that an adjective is said of, before it or as a predicate."""
    head = reading.heads[token]
    dep = reading.deps[token]
    while dep == "conj" and reading.tags[head] in {"JJ", "NN"} and head not in reading.mentions:
        dep, head = reading.deps[head], reading.heads[head]
    if dep in {"amod", "compound", "nmod"}:
        if head <= token or any(reading.lower[i] in {",", "and"} for i in range(token, head)):
            return None if head <= token else _listed(reading, token, head)
        mention = reading.mentions.get(head)
        return mention if mention is not None and token < mention.start else None
    if dep in PREDICATES:
        if reading.lower[head] not in BEING:
            return None
        subject = reading.child(head, "nsubj")
        if subject is not None and subject not in reading.protected:
            return reading.mentions.get(subject)
    return None


def _listed(reading: Reading, token: int, head: int) -> NounMention | None:
    """Noun behind a list of adjectives, where nothing but adjectives stands between."""
    for between in range(token + 1, head):
        if reading.tags[between] not in {"JJ", "CC", ",", "NN", "VBN", "VBG"}:
            return None
    return reading.mentions.get(head)


def _is_graded(reading: Reading, token: int) -> bool:
    """Whether an adverb such as `too` or `most` measures the adjective."""
    before = reading.lower[token - 1] if token else ""
    return before in {"too", "so", "most", "more", "less", "how", "as", "not", "partly", "half"}


def _pole_of(poles: tuple[frozenset[str], ...], word: str) -> frozenset[str]:
    return next((pole for pole in poles if word in pole), frozenset())
