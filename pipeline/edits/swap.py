"""Two phrases exchange places: who does what to whom, what is where, which is red.

A swap is proposed only where the result means something else: coordination ("a man and a
woman"), symmetric relations ("next to", "meets") and qualities of the same noun are left
alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.phrases import (
    chunks_by_start,
    content_noun,
    describes,
    is_a,
    is_plural,
    load_relations,
    subject_of,
    wordset,
)
from pipeline.edits.proposal import Proposal, TokenPiece
from pipeline.edits.swap_qualities import QualitySwaps
from pipeline.edits.words import Phrase, Word, Words, words_of
from pipeline.records import EditKind

if TYPE_CHECKING:
    from spacy.tokens import Doc

EITHER_WAY = wordset(
    "look watch gaze stare chase follow lead approach attack point wave sniff smell lick bite hug "
    "photograph guide sneak examine observe face"
)
"""One-way verbs that people and animals do to each other."""
ACROSS = EITHER_WAY | wordset("ride feed carry hold pull push wash pet drag rescue")
"""One-way verbs whose exchange between a person and an animal is odd, but can be drawn."""
SAME_KIND = EITHER_WAY | wordset(
    "carry lift push pull kick hit punch tackle feed teach train help interview film paint draw "
    "massage comfort serve congratulate tickle catch throw pursue block defend stop arrest rescue "
    "hold save drag protect measure dress wash scold pass bathe groom"
)
"""One-way verbs between two people or two animals."""
MUTUAL = wordset("other another themselves himself herself itself self")
NO_AGENT = wordset("baby infant newborn toddler crowd audience team fan group pair")
SIDES = (
    ("in", "front", "of"),
    ("behind",),
    ("above",),
    ("below",),
    ("on", "top", "of"),
    ("under",),
)
SIDE_STARTS = frozenset(side[0] for side in SIDES)
VERTICAL = frozenset({"above", "below", "under", "on"})
HIS = wordset("his her him he she their them its himself herself themselves who")
SCENERY = ("building", "structure", "plant", "landform", "water", "place", "nature", "vehicle")
LOOSE = frozenset({"of", "with", "wearing", "who", "that", "which", "holding", "'s"})
MODIFIERS = frozenset({"prep", "acl", "relcl"})
SIMPLE = frozenset({"DT", "JJ", "NN", "NNS", "CD", "VBN", "VBG", "JJR"})


class SwapRule:
    """Exchanges two noun phrases, or two qualities of different nouns."""

    name = "swap"
    kind = EditKind.SWAP

    def __init__(self) -> None:
        self._qualities = QualitySwaps(self.name)
        nouns = load_relations().nouns
        self._people = nouns["people"]
        self._animals = nouns["animals"]
        self._vehicles = nouns["vehicles"]

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield every swap: roles, places, owners of a phrase, then qualities and numbers."""
        words = words_of(doc)
        if not describes(words):
            return
        protected = words.reading.protected
        chunks = [
            chunk
            for chunk in chunks_by_start(words).values()
            if _is_plain(chunk) and protected.isdisjoint(range(chunk.start, chunk.end))
        ]
        if len(chunks) > 1:
            yield from self._roles(words, chunks)
            yield from self._places(words, chunks)
            yield from self._depths(words, chunks)
            yield from self._parallels(words, chunks)
        yield from self._qualities.propose(words)

    def _roles(self, words: Words, chunks: list[Phrase]) -> Iterator[Proposal]:
        """Subject and object of a one-way verb that can be seen."""
        by_root = {chunk.root.i: chunk for chunk in chunks}
        for verb in words:
            if verb.pos != "VERB" or verb.lemma not in SAME_KIND:
                continue
            subject = subject_of(verb)
            if subject is None or subject.i not in by_root or any(verb.lefts) and _denied(verb):
                continue
            target = self._target(verb)
            if target is None or target.i not in by_root:
                continue
            first, second = by_root[subject.i], by_root[target.i]
            allowed = ACROSS if self._sort(subject) != self._sort(target) else SAME_KIND
            if verb.lemma not in allowed or not self._animate(subject, target):
                continue
            if first.end > verb.i or _modified(first, verb.i) or _loose_end(words, second):
                continue
            if any(token.lower in HIS for token in words):
                continue
            agrees = is_plural(first.root) == is_plural(second.root)
            finite = verb.tag in {"VBZ", "VBP"} or any(c.pos == "AUX" for c in verb.lefts)
            if finite and not agrees:
                continue
            yield self._exchange("roles", first, second)

    @staticmethod
    def _target(verb: Word) -> Word | None:
        """The object of a verb, direct or behind "at" or "by"."""
        passive = verb.tag == "VBN"
        for child in verb.rights:
            if child.dep == "dobj" and not passive:
                return child
            if child.lower in ({"by"} if passive else {"at", "behind"}):
                return next((c for c in child.children if c.dep == "pobj"), None)
        return None

    def _sort(self, noun: Word) -> str:
        """What a noun is, for comparing two of them: "person", "animal", "vehicle" or ""."""
        for word in (noun.lemma, content_noun(noun).lemma):
            if word in self._people or is_a(word, "person"):
                return "person"
            if word in self._animals or is_a(word, "animal"):
                return "animal"
            if word in self._vehicles or is_a(word, "vehicle"):
                return "vehicle"
        return ""

    def _animate(self, *nouns: Word) -> bool:
        """Whether all are people or animals old enough to do things, and not the same word."""
        words = {noun.lemma for noun in nouns}
        akin = load_lexicon().nouns.akin(nouns[0].lemma)
        return (
            len(words) == len(nouns)
            and not akin.intersection(noun.lemma for noun in nouns[1:])
            and not words & NO_AGENT
            and all(self._sort(noun) in {"person", "animal"} for noun in nouns)
        )

    def _places(self, words: Words, chunks: list[Phrase]) -> Iterator[Proposal]:
        """Two comparable things in a one-way relation in space."""
        starts = {chunk.start: chunk for chunk in chunks}
        by_root = {chunk.root.i: chunk for chunk in chunks}
        lowered = words.lower
        for token in words:
            if token.lower not in SIDE_STARTS:
                continue
            side = next((w for w in SIDES if lowered[token.i : token.i + len(w)] == w), None)
            if side is None or token.i == 0:
                continue
            ground = starts.get(token.i + len(side))
            head = token.head
            verb = head if head.pos == "VERB" else None
            noun = subject_of(head) if verb is not None else head
            if ground is None or noun is None or noun.i not in by_root or noun.i > token.i:
                continue
            figure = by_root[noun.i]
            sorts = {self._sort(figure.root), self._sort(ground.root)}
            if "" in sorts and verb is None and side[0] in {"in", "behind"}:
                pair = (figure.root.lemma, ground.root.lemma)
                if all(is_a(word, *SCENERY) for word in pair):
                    sorts = {"scenery"}
            if "" in sorts or figure.root.lemma == ground.root.lemma:
                continue
            if {figure.root.lemma, ground.root.lemma} & NO_AGENT:
                continue
            if len(sorts) > 1 and (side[0] in VERTICAL or verb is not None or "vehicle" in sorts):
                continue
            if side[0] in VERTICAL and "person" in sorts:
                continue
            if verb is not None and verb.lemma not in {
                "stand",
                "sit",
                "walk",
                "run",
                "park",
                "lie",
            }:
                continue
            if _modified(figure, verb.i if verb is not None else token.i):
                continue
            if not _loose_end(words, ground):
                yield self._exchange("places", figure, ground)

    def _depths(self, words: Words, chunks: list[Phrase]) -> Iterator[Proposal]:
        """As in "A boat with a city in the background": what is near and what is far."""
        ends = {chunk.end: chunk for chunk in chunks}
        starts = {chunk.start: chunk for chunk in chunks}
        for token in words:
            if token.lower not in {"with", "against"} or token.i not in ends:
                continue
            near, far = ends[token.i], starts.get(token.i + 1)
            if far is None or token.head != near.root or near.root.dep in {"pobj", "conj"}:
                continue
            rest = [t.lower for t in words[far.end : far.end + 3]]
            deep = rest in (
                ["in", "the", "background"],
                ["in", "the", "foreground"],
                ["in", "the", "distance"],
            )
            if not deep and rest[:2] not in (["in", "background"], ["in", "foreground"]):
                continue
            seen = [self._sort(c.root) or is_a(c.root.lemma, *SCENERY) for c in (near, far)]
            if all(seen) and near.root.lemma != far.root.lemma:
                yield self._exchange("depth", near, far)

    def _parallels(self, words: Words, chunks: list[Phrase]) -> Iterator[Proposal]:
        """Two joined nouns of one sort, each with a phrase of its own."""
        by_root = {chunk.root.i: chunk for chunk in chunks}
        for second in chunks:
            root = second.root
            if root.dep != "conj" or root.head.i not in by_root:
                continue
            first = by_root[root.head.i]
            sort = self._sort(first.root)
            if not sort or sort != self._sort(root) or first.root.lemma == root.lemma:
                continue
            own = [c for c in first.root.rights if c.dep in MODIFIERS and c.last < second.start]
            other = [c for c in root.rights if c.dep in MODIFIERS]
            if len(own) != 1 or len(other) != 1:
                continue
            link = [t.lower for t in words[own[0].last + 1 : second.start]]
            if link not in (["and"], [","], [",", "and"], ["while"]) or own[0].i != first.end:
                continue
            if other[0].i != second.end or own[0].lower == "of" or other[0].lower == "of":
                continue
            if _phrase(own[0]) != _phrase(other[0]):
                yield self._exchange("owners", first, second)

    def _exchange(self, subkind: str, first: Phrase, second: Phrase) -> Proposal:
        """Two base noun phrases change places, with their articles."""
        text, other = _lower_first(first), _lower_first(second)
        new_first = other[0].upper() + other[1:] if first.text[0].isupper() else other
        return Proposal(
            EditKind.SWAP,
            subkind,
            (
                TokenPiece(first.start, first.end, new_first),
                TokenPiece(second.start, second.end, text),
            ),
            old=f"{text} … {other}".lower(),
            new=f"{other} … {text}".lower(),
            rule=self.name,
        )


def _is_plain(chunk: Phrase) -> bool:
    """Whether a base noun phrase is a common noun with plain words before it."""
    return (
        all(token.tag in SIMPLE for token in chunk)
        and chunk.root.tag in {"NN", "NNS"}
        and chunk.root.lemma not in MUTUAL
        and not any(token.lower in {"dead", "left", "right"} for token in chunk)
        and chunk[0].lower not in {"other", "another", "each", "some", "all", "both"}
    )


def _modified(chunk: Phrase, until: int) -> bool:
    """Whether anything but auxiliaries stands between a noun phrase and a token."""
    return any(t.pos not in {"AUX", "ADV"} for t in chunk.words[chunk.end : until])


def _loose_end(words: Words, chunk: Phrase) -> bool:
    """Whether words that belong to a noun phrase follow it, and would stay behind."""
    if chunk.end >= len(words):
        return False
    after = words[chunk.end]
    if after.lower in LOOSE or not (
        after.is_punct or after.pos in {"ADP", "ADV", "SCONJ", "CCONJ"}
    ):
        return True
    if after.lower in {"and", "or", ",", "&"}:
        return any(child.dep == "conj" for child in chunk.root.children)
    return False


def _denied(verb: Word) -> bool:
    """Whether a verb is negated, or only wished or possible."""
    return any(c.dep == "neg" or c.tag in {"MD", "TO"} for c in verb.lefts)


def _phrase(token: Word) -> str:
    """Text of a modifier with everything below it."""
    return token.words.text_of(token.first, token.last + 1).lower()


def _lower_first(chunk: Phrase) -> str:
    """Text of a noun phrase as it stands inside a sentence."""
    text = chunk.text
    return (
        text[0].lower() + text[1:] if chunk.start == 0 and chunk.root.tag in {"NN", "NNS"} else text
    )
