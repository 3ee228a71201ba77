"""Relations in space: "a cat on a table" turns into "a cat under a table".

A relation is edited only where `lexicon/relations.toml` lists the ground, the figure and
the verb, so idioms, times and abstract uses are out by construction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.edits.phrases import (
    PRONOUNS,
    BodyMove,
    Move,
    chunks_by_start,
    content_noun,
    describes,
    has_determiner,
    is_a,
    is_plural,
    load_relations,
    subject_of,
    wordset,
)
from pipeline.edits.proposal import Proposal, TokenPiece
from pipeline.edits.words import Phrase, Word, Words, words_of
from pipeline.records import EditKind

if TYPE_CHECKING:
    from spacy.tokens import Doc

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
OPEN_AIR = wordset("outdoor outdoors outside indoor indoors inside")
HAS_TOP = wordset(
    "stair stairs step staircase hill mountain slope cliff ladder tree tower picture photo image "
    "page escalator waterfall slide lighthouse frame screen"
)


OBJECT_FORMS = {"his": "him", "her": "her", "their": "them"}
PICTURES = wordset("photo picture image photograph")
CLINGING = wordset("perch lean hang mount depend rest land hide")
"""Verbs that ask for the preposition behind them: what "perches on" does not "perch next to"."""
PARTICLES = wordset("up down out off away back over around")
CARRIED = (
    "animal", "food", "headwear", "container", "device", "instrument", "tool", "toy", "presents",
    "rewards", "signs", "flowers", "accessories", "handheld_devices", "ornaments", "jewels", "tops",
)  # fmt: skip
HOLDING = wordset("hold carry have lift raise keep wear balance")


class RelationRule:
    """Replaces a spatial relation by one that cannot hold at the same time."""

    name = "relation"
    kind = EditKind.RELATION

    def __init__(self) -> None:
        relations = load_relations()
        self._frozen = re.compile("|".join(map(re.escape, relations.frozen)))
        self._outside = relations.verbs["posture"] | relations.verbs["walk"]
        self._people = relations.nouns["people"] | relations.nouns["animals"]
        moves: dict[tuple[str, ...], list[Move]] = {}
        for move in relations.moves:
            for source in move.sources:
                moves.setdefault(source, []).append(move)
        self._by_first: dict[str, list[tuple[tuple[str, ...], list[Move]]]] = {}
        for source in sorted(moves, key=len, reverse=True):
            self._by_first.setdefault(source[0], []).append((source, moves[source]))
        self._about_body: dict[str, list[BodyMove]] = {}
        for body in relations.about_body:
            self._about_body.setdefault(body.source[0], []).append(body)
        self._first = frozenset(self._by_first).union(
            SIDES, DEPTHS, HEIGHTS, SHELTERS, self._about_body
        )

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield every change of a relation, in the order of the text.

        They are found once and kept with the words, because contrasts ask for them too.
        """
        words = words_of(doc)
        if words.relations is None:
            words.relations = tuple(self._all(words)) if describes(words) else ()
        return iter(words.relations)

    def _all(self, words: Words) -> Iterator[Proposal]:
        lowered = list(words.lower)
        chunks = chunks_by_start(words)
        text = f" {' '.join(words.lower)} "
        frozen = self._frozen.search(text) is not None
        for token in words:
            word = token.lower
            if word not in self._first:
                continue
            if word in SIDES:
                yield from self._side(words, token, lowered)
            elif word in DEPTHS:
                yield from self._depth(words, token, lowered)
            elif word in HEIGHTS:
                yield from self._height(words, token, lowered)
            elif word in SHELTERS:
                yield from self._shelter(token, lowered)
            if word in self._about_body:
                yield from self._body(words, token)
            if word in self._by_first and not frozen:
                yield from self._moves(words, token, lowered, chunks, text)

    def _moves(
        self,
        words: Words,
        token: Word,
        lowered: list[str],
        chunks: dict[int, Phrase],
        text: str,
    ) -> Iterator[Proposal]:
        """Changes from the table at one token, for the longest phrase that stands there."""
        source, moves = next(
            (
                entry
                for entry in self._by_first[token.lower]
                if words.lower[token.i : token.i + len(entry[0])] == entry[0]
            ),
            ((), []),
        )
        end = token.i + len(source)
        ground = chunks.get(end)
        if not moves or ground is None or token.i == 0:
            return
        if _follows_particle(words, token):
            return
        figure, verb = _figure(token, end)
        if figure is None or figure.head.lower == "by" or figure.lemma in PICTURES:
            return
        if any(child.dep in {"conj", "cc"} for child in ground.root.children):
            # "in a pink house and patterned skirt": what it is in is not clear.
            return
        names = {"person"} if figure.lower in PRONOUNS else {figure.lemma}
        names.add(content_noun(figure).lemma)
        bare = not has_determiner(ground) and not is_plural(ground.root)
        for move in moves:
            if ground.root.lemma not in move.grounds:
                continue
            if not names & move.figures or (bare and move.article is False and _idiomatic(ground)):
                continue
            if verb is not None and (verb.lemma in CLINGING or _has_direction(verb, token)):
                continue
            if verb is not None and verb.tag == "VB":
                # "tried to walk across": meant, not seen.
                continue
            if bare and not move.article and _has_article(figure):
                # "a frog in rain forest": a style of its own, not that of a headline.
                continue
            if move.needs_verb if verb is None else verb.lemma not in move.verbs:
                continue
            for target in move.targets:
                if target not in {"in", "on"} and f" {target} " in text:
                    continue
                if target == "outside" and not OPEN_AIR.isdisjoint(lowered):
                    continue
                words_in = f"{target} the" if bare and move.article else target
                yield self._proposal(
                    words, token.i, end, words_in, move.subkind, move.weight / len(move.targets)
                )

    def _body(self, words: Words, token: Word) -> Iterator[Proposal]:
        """Something in a hand, on a head or on a lap."""
        for move in self._about_body[token.lower]:
            end = token.i + len(move.source)
            said = words.lower[token.i : end]
            owners = [word for word, slot in zip(said, move.source, strict=False) if slot == "{of}"]
            owner = owners[0] if len(said) == len(move.source) and owners else ""
            if owner not in OBJECT_FORMS:
                continue
            if said != tuple(owner if slot == "{of}" else slot for slot in move.source):
                continue
            thing, verb = self._carried(token)
            if thing is None or thing.i > token.i or not _is_carried(thing):
                continue
            held = verb is not None and verb.lemma in HOLDING
            if move.held != "any" and held is not (move.held == "held"):
                continue
            if end < len(words) and words[end].tag in {"NN", "NNS", "CC", "POS", "HYPH"}:
                continue
            for target in move.targets:
                new = target.format(of=owner, it=OBJECT_FORMS[owner])
                yield self._proposal(
                    words, token.i, end, new, "about_body", 1.0 / len(move.targets)
                )

    @staticmethod
    def _carried(token: Word) -> tuple[Word | None, Word | None]:
        """What is in a hand or on a head, and the verb of which it is the object."""
        head = token.head
        if head.pos == "VERB":
            thing = next((c for c in head.children if c.dep == "dobj"), None)
            return thing, head
        if head.pos != "NOUN":
            return None, None
        return head, head.head if head.dep == "dobj" else None

    def _proposal(
        self, words: Words, start: int, end: int, target: str, subkind: str, weight: float = 1.0
    ) -> Proposal:
        """A replacement of one span; keeps the case of its first letter."""
        old = words.text_of(start, end)
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

    def _side(self, words: Words, token: Word, lowered: list[str]) -> Iterator[Proposal]:
        """On the left or right, and looking or turning there."""
        i = token.i
        if SIDES[lowered[i]] in lowered:
            return
        after = lowered[i + 1] if i + 1 < len(lowered) else ""
        before = lowered[max(0, i - 3) : i]
        turning = i > 0 and words[i - 1].lemma in TURNING and token.dep == "advmod"
        adverb = after in {"", ".", ",", ")", "of", "and", "with", "is", "are", "in", "at", "while"}
        sided = len(before) >= 2 and before[-1] in {"the", "far"} and (adverb or after == "side")
        if sided:
            sided = any(word in {"on", "to", "at", "from"} for word in before)
        if turning or sided:
            yield self._proposal(words, i, i + 1, SIDES[lowered[i]], "left_right")

    def _depth(self, words: Words, token: Word, lowered: list[str]) -> Iterator[Proposal]:
        """In the background or foreground, of something that can stand in both."""
        i = token.i
        if DEPTHS[lowered[i]] in lowered or i < 3 or lowered[i - 1] not in {"the", "in"}:
            return
        start = i - 2 if lowered[i - 1] == "the" else i - 1
        behind = lowered[i + 1] if i + 1 < len(lowered) else ""
        if lowered[start] != "in" or behind in {"of", "image", "-"}:
            return
        thing = words[start - 1]
        if thing.pos not in {"NOUN", "PROPN"} or thing.lemma in NOT_SEEN:
            return
        yield self._proposal(words, i, i + 1, DEPTHS[lowered[i]], "background_foreground")

    def _height(self, words: Words, token: Word, lowered: list[str]) -> Iterator[Proposal]:
        """At the top or bottom of something high."""
        i = token.i
        if lowered[i - 2 : i] not in (["at", "the"], ["from", "the"], ["near", "the"]):
            return
        if lowered[i + 1 : i + 2] != ["of"] or HEIGHTS[lowered[i]] in lowered:
            return
        ground = next((t for t in words[i + 2 : i + 6] if t.lemma in HAS_TOP), None)
        if ground is not None and ground.dep == "pobj":
            yield self._proposal(words, i, i + 1, HEIGHTS[lowered[i]], "top_bottom")

    def _shelter(self, token: Word, lowered: list[str]) -> Iterator[Proposal]:
        """Indoors or outdoors, as an adverb of somebody doing something."""
        if token.dep != "advmod" or token.pos != "ADV" or any(token.children):
            return
        verb = token.head
        if verb.pos != "VERB" or verb.lemma not in self._outside or token.i < verb.i:
            return
        following = lowered[token.i + 1] if token.i + 1 < len(lowered) else ""
        if following in {"of", "the", "a", "an", "out"} or SHELTERS[token.lower] in lowered:
            return
        figure = subject_of(verb)
        if figure is None:
            return
        if figure.lemma in self._people or figure.lower in PRONOUNS:
            yield self._proposal(token.words, token.i, token.i + 1, SHELTERS[token.lower], "in_out")


def _idiomatic(ground: Phrase) -> bool:
    """Whether a ground without a determiner reads as an idiom: "in school", "in bed"."""
    return len(ground) == 1 and ground.root.lemma in IDIOMATIC_BARE


def _has_article(noun: Word) -> bool:
    """Whether a noun has a determiner of its own."""
    return any(child.dep in {"det", "poss", "nummod"} for child in noun.children)


def _has_direction(verb: Word, token: Word) -> bool:
    """Whether a particle stands right before the preposition: "looked down at"."""
    before = token.words[token.i - 1]
    return before.head is verb and before.dep in {"prt", "advmod"} and before.lower in PARTICLES


def _is_carried(thing: Word) -> bool:
    """Whether a noun is something that a person can move about the body."""
    return is_a(thing.lemma, *CARRIED) and not any(
        child.dep in {"conj", "cc"} for child in thing.children
    )


def _follows_particle(words: Words, token: Word) -> bool:
    """Whether the word before makes another relation: "up on", "from under", "from behind"."""
    return words[token.i - 1].lower in {
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


def _figure(token: Word, end: int) -> tuple[Word | None, Word | None]:
    """What stands in the relation, and the verb between them (None for a bare noun)."""
    head = token.head
    steps = 0
    while token.i <= head.i < end and head.head != head and steps < 4:
        head, steps = head.head, steps + 1
    if token.i <= head.i < end:
        before = token.words[token.i - 1]
        return (before, None) if before.pos in {"NOUN", "PROPN"} else (None, None)
    if head.i > token.i:
        return None, None
    if head.pos in {"NOUN", "PROPN", "PRON"}:
        return head, None
    if head.pos not in {"VERB", "AUX"}:
        return None, None
    if head.tag == "VBG" and head.dep == "acl" and head.head.dep == "dobj":
        # "a girl reading a book sitting on a chair": it is the girl who sits.
        return subject_of(head.head.head), head
    return subject_of(head), head
