"""Relations in space: "a cat on a table" turns into "a cat under a table".

A relation is edited only where `lexicon/relations.toml` lists the ground, the figure and
the verb, so idioms, times and abstract uses are out by construction.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.edits.phrases import (
    PRONOUNS,
    Move,
    chunks_by_start,
    content_noun,
    describes,
    has_determiner,
    is_plural,
    lemma,
    load_relations,
    subject_of,
    wordset,
)
from pipeline.edits.proposal import Proposal, TokenPiece
from pipeline.edits.reading import read
from pipeline.records import EditKind

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

IDIOMATIC_BARE = wordset(
    "bed school church hospital town office table board train bus car boat court market home "
    "street land city beach shore sea bar prison class ship desk"
)
SIDES = {"left": "right", "right": "left"}
DEPTHS = {"background": "foreground", "foreground": "background"}
HEIGHTS = {"top": "bottom", "bottom": "top"}
SHELTERS = {"indoors": "outdoors", "outdoors": "indoors", "inside": "outside", "outside": "inside"}
NOT_SEEN = wordset(
    "music view time love sound voice light blur bokeh color colour space copy text look sky "
    "skyline sunset cloud sunrise water horizon"
)
TURNING = wordset("look turn face lean point gaze glance stare")
HAS_TOP = wordset(
    "stair stairs step staircase hill mountain slope cliff ladder tree tower picture photo image "
    "page escalator waterfall slide lighthouse frame screen"
)


class RelationRule:
    """Replaces a spatial relation by one that cannot hold at the same time."""

    name = "relation"
    kind = EditKind.RELATION

    def __init__(self) -> None:
        relations = load_relations()
        self._frozen = relations.frozen
        self._outside = relations.verbs["posture"] | relations.verbs["walk"]
        self._people = relations.nouns["people"] | relations.nouns["animals"]
        self._by_first: dict[str, list[tuple[tuple[str, ...], Move]]] = {}
        for move in relations.moves:
            for words in move.sources:
                self._by_first.setdefault(words[0], []).append((words, move))

        self._first = frozenset(self._by_first).union(SIDES, DEPTHS, HEIGHTS, SHELTERS)

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield every change of a relation, in the order of the text."""
        if not describes(doc):
            return
        lowered = list(read(doc).lower)
        chunks: dict[int, Span] | None = None
        text = doc.text.lower()
        frozen = any(phrase in text for phrase in self._frozen)
        for token in (doc[i] for i, word in enumerate(lowered) if word in self._first):
            word = lowered[token.i]
            if word in SIDES:
                yield from self._side(doc, token, lowered)
            elif word in DEPTHS:
                yield from self._depth(doc, token, lowered)
            elif word in HEIGHTS:
                yield from self._height(doc, token, lowered)
            elif word in SHELTERS:
                yield from self._shelter(token, lowered)
            if word in self._by_first and not frozen:
                chunks = chunks if chunks is not None else chunks_by_start(doc)
                yield from self._moves(doc, token, lowered, chunks)

    def _moves(
        self, doc: Doc, token: Token, lowered: list[str], chunks: dict[int, Span]
    ) -> Iterator[Proposal]:
        """Changes from the table at one token, for the longest phrase that stands there."""
        entries = [
            (words, move)
            for words, move in self._by_first[lowered[token.i]]
            if tuple(lowered[token.i : token.i + len(words)]) == words
        ]
        longest = max((len(words) for words, _ in entries), default=0)
        end = token.i + longest
        ground = chunks.get(end)
        if ground is None or token.i == 0:
            return
        if _follows_particle(doc, token):
            return
        figure, verb = _figure(token, end)
        if figure is None or figure.head.lower_ == "by":
            return
        names = {"person"} if figure.lower_ in PRONOUNS else {lemma(figure)}
        names.add(lemma(content_noun(figure)))
        bare = not has_determiner(ground) and not is_plural(ground.root)
        for words, move in entries:
            if len(words) != longest or lemma(ground.root) not in move.grounds:
                continue
            if not names & move.figures or (bare and move.article is False and _idiomatic(ground)):
                continue
            if move.needs_verb if verb is None else lemma(verb) not in move.verbs:
                continue
            for target in move.targets:
                words_in = f"{target} the" if bare and move.article else target
                yield self._proposal(
                    doc, token.i, end, words_in, move.subkind, move.weight / len(move.targets)
                )

    def _proposal(
        self, doc: Doc, start: int, end: int, target: str, subkind: str, weight: float = 1.0
    ) -> Proposal:
        """A replacement of one span; keeps the case of its first letter."""
        old = doc[start:end].text
        new = target[0].upper() + target[1:] if old[0].isupper() else target
        return Proposal(
            EditKind.RELATION,
            subkind,
            (TokenPiece(start, end, new),),
            old=old.lower(),
            new=target,
            rule=self.name,
            weight=weight,
        )

    def _side(self, doc: Doc, token: Token, lowered: list[str]) -> Iterator[Proposal]:
        """On the left or right, and looking or turning there."""
        i = token.i
        if SIDES[lowered[i]] in lowered:
            return
        after = lowered[i + 1] if i + 1 < len(lowered) else ""
        before = lowered[max(0, i - 3) : i]
        turning = i > 0 and lemma(doc[i - 1]) in TURNING and token.dep_ == "advmod"
        adverb = after in {"", ".", ",", ")", "of", "and", "with", "is", "are", "in", "at", "while"}
        sided = len(before) >= 2 and before[-1] in {"the", "far"} and (adverb or after == "side")
        if sided:
            sided = any(word in {"on", "to", "at", "from"} for word in before)
        if turning or sided:
            yield self._proposal(doc, i, i + 1, SIDES[lowered[i]], "left_right")

    def _depth(self, doc: Doc, token: Token, lowered: list[str]) -> Iterator[Proposal]:
        """In the background or foreground, of something that can stand in both."""
        i = token.i
        if DEPTHS[lowered[i]] in lowered or i < 3 or lowered[i - 1] not in {"the", "in"}:
            return
        start = i - 2 if lowered[i - 1] == "the" else i - 1
        behind = lowered[i + 1] if i + 1 < len(lowered) else ""
        if lowered[start] != "in" or behind in {"of", "image", "-"}:
            return
        thing = doc[start - 1]
        if thing.pos_ not in {"NOUN", "PROPN"} or lemma(thing) in NOT_SEEN:
            return
        yield self._proposal(doc, i, i + 1, DEPTHS[lowered[i]], "background_foreground")

    def _height(self, doc: Doc, token: Token, lowered: list[str]) -> Iterator[Proposal]:
        """At the top or bottom of something high."""
        i = token.i
        if lowered[i - 2 : i] not in (["at", "the"], ["from", "the"], ["near", "the"]):
            return
        if lowered[i + 1 : i + 2] != ["of"] or HEIGHTS[lowered[i]] in lowered:
            return
        ground = next((t for t in doc[i + 2 : i + 6] if lemma(t) in HAS_TOP), None)
        if ground is not None and ground.dep_ == "pobj":
            yield self._proposal(doc, i, i + 1, HEIGHTS[lowered[i]], "top_bottom")

    def _shelter(self, token: Token, lowered: list[str]) -> Iterator[Proposal]:
        """Indoors or outdoors, as an adverb of somebody doing something."""
        if token.dep_ != "advmod" or token.pos_ != "ADV" or any(token.children):
            return
        verb = token.head
        if verb.pos_ != "VERB" or lemma(verb) not in self._outside or token.i < verb.i:
            return
        following = lowered[token.i + 1] if token.i + 1 < len(lowered) else ""
        if following in {"of", "the", "a", "an", "out"} or SHELTERS[token.lower_] in lowered:
            return
        figure = subject_of(verb)
        if figure is None:
            return
        if lemma(figure) in self._people or figure.lower_ in PRONOUNS:
            yield self._proposal(token.doc, token.i, token.i + 1, SHELTERS[token.lower_], "in_out")


def _idiomatic(ground: Span) -> bool:
    """Whether a ground without a determiner reads as an idiom: "in school", "in bed"."""
    return len(ground) == 1 and lemma(ground.root) in IDIOMATIC_BARE


def _follows_particle(doc: Doc, token: Token) -> bool:
    """Whether the word before makes another relation: "up on", "from under", "from behind"."""
    return doc[token.i - 1].lower_ in {
        "from",
        "as",
        "than",
        "like",
        "of",
        "to",
        "far",
        "close",
        "out",
        "not",
    }


def _figure(token: Token, end: int) -> tuple[Token | None, Token | None]:
    """What stands in the relation, and the verb between them (None for a bare noun)."""
    head = token.head
    steps = 0
    while token.i <= head.i < end and head.head != head and steps < 4:
        head, steps = head.head, steps + 1
    if token.i <= head.i < end:
        before = token.doc[token.i - 1]
        return (before, None) if before.pos_ in {"NOUN", "PROPN"} else (None, None)
    if head.i > token.i:
        return None, None
    if head.pos_ in {"NOUN", "PROPN", "PRON"}:
        return head, None
    if head.pos_ not in {"VERB", "AUX"}:
        return None, None
    if head.tag_ == "VBG" and head.dep_ == "acl" and head.head.dep_ == "dobj":
        # "a girl reading a book sitting on a chair": it is the girl who sits.
        return subject_of(head.head.head), head
    return subject_of(head), head
