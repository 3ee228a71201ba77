"""Two things exchange places: what is in front, what lies on what, what is near and far."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.lexicon.placements import load_placements
from pipeline.edits.parse.phrases import is_a, is_plural, is_thing, subject_of, wordset
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree
from pipeline.edits.rules.swap.phrases import (
    NounSorts,
    are_alike_in_size,
    exchange,
    has_dependents_behind,
    has_words_between,
    is_within_another,
)

NO_AGENT = wordset("baby infant newborn toddler crowd audience team fan group pair")
SIDES = {
    ("in", "front", "of"): "in front of",
    ("behind",): "behind",
    ("above",): "above",
    ("below",): "under",
    ("on", "top", "of"): "on",
    ("under",): "under",
}
"""What says that one thing is before, over or on another, and its name in relations.toml."""

SIDE_STARTS = frozenset(side[0] for side in SIDES)
VERTICAL = frozenset({"above", "below", "under", "on"})
SCENERY = ("building", "structure", "plant", "landform", "water", "place", "nature", "vehicle")
LIVING = ("person", "animal")
LARGE = ("landform", "nature", "water", "place", "building")
MOVABLE = (
    "fruit", "vegetables", "sweets", "meals", "drinks", "produce", "vessels_to_carry",
    "vessels_to_drink", "dishes_to_eat_from", "handheld_devices", "gear", "headwear", "footwear",
    "instruments", "presents", "ornaments", "vases", "statues", "kitchen_tools", "small_tools",
    "writing_tools", "toys", "sports_balls", "bedding", "seats", "table_and_bed", "animal",
    "greenery", "flowers",
)  # fmt: skip
"""Things of which either can lie on the other, at least in a drawing."""
HOLDING = ("seats", "table_and_bed", "greenery")
"""What others are on and that is hardly on others."""

STATIC = wordset("stand sit walk run park lie")
BEYOND = (
    ("against", "the", "background", "of"), ("against", "a", "background", "of"),
    ("against", "a", "backdrop", "of"), ("against", "the", "backdrop", "of"),
)  # fmt: skip
"""Without "on the background of", which people also say of what stands behind."""
PAIRING = wordset("in with wearing holding on under carrying riding behind of")
JOINTS = frozenset({("and",), (",",), (",", "and"), ("while",)})
CONTENT = ("vessels_to_carry", "vessels_to_drink", "dishes_to_eat_from")
AROUND = frozenset(
    {("surrounded", "by"), ("followed", "by"), ("surrounding",)}
    | {("encircled", "by"), ("wrapped", "around"), ("covering",)}
)
ON_TOP = frozenset({("on",), ("on", "top", "of")})


class PlaceSwaps:
    """Finds two things in a one-way relation in space."""

    def __init__(self, sorts: NounSorts) -> None:
        self._sorts = sorts
        self._has = load_placements().has

    def propose(self, words: WordTree, chunks: list[Phrase]) -> Iterator[Proposal]:
        """Yield swaps of sides, of what lies on what, of depths and of belongings."""
        yield from self._places(words, chunks)
        for one, two in pairwise(chunks):
            between = words.lower[one.end : two.start]
            if between in ON_TOP:
                yield from self._on(words, one, two)
            elif between in AROUND:
                yield from self._around(words, one, two)
        starts = {chunk.start: chunk for chunk in chunks}
        for near in chunks:
            link = next((b for b in BEYOND if words.lower[near.end : near.end + len(b)] == b), None)
            far = starts.get(near.end + len(link)) if link is not None else None
            if far is not None:
                yield from self._beyond(words, near, far)
        yield from self._depths(words, chunks)
        yield from self._belongings(words, chunks)

    def _on(self, words: WordTree, figure: Phrase, ground: Phrase) -> Iterator[Proposal]:
        """As in "a cup on a book" → "a book on a cup"."""
        heads = (figure.root.lemma, ground.root.lemma)
        prep = words[figure.end]
        if (
            heads[0] == heads[1]
            or prep.head is not figure.root
            or has_dependents_behind(words, ground)
        ):
            return
        if is_within_another(figure.root) or _is_served(*heads):
            return
        if not all(is_a(head, *MOVABLE) for head in heads) or not _same_articles(figure, ground):
            return
        if _bear_each_other(figure, ground) and self._has(heads[1], "on", heads[0]):
            yield from exchange("places", figure, ground)

    @staticmethod
    def _around(words: WordTree, inner: Phrase, outer: Phrase) -> Iterator[Proposal]:
        """As in "trees surrounded by water" → "water surrounded by trees"."""
        heads = (inner.root.lemma, outer.root.lemma)
        if (
            heads[0] == heads[1]
            or not all(map(is_thing, heads))
            or has_dependents_behind(words, outer)
        ):
            return
        if is_within_another(inner.root) or is_plural(inner.root) is not is_plural(outer.root):
            # Plants surround a bench, which does not surround them.
            return
        if not any(is_a(head, "person", "body", "time", "event", "symbol") for head in heads):
            yield from exchange("places", inner, outer)

    @staticmethod
    def _beyond(words: WordTree, near: Phrase, far: Phrase) -> Iterator[Proposal]:
        """As in "a church against the background of mountains"."""
        heads = (near.root.lemma, far.root.lemma)
        if (
            heads[0] == heads[1]
            or is_within_another(near.root)
            or has_dependents_behind(words, far)
        ):
            return
        if all(_has_depth(head) for head in heads):
            yield from exchange("depth", near, far)

    def _belongings(self, words: WordTree, chunks: list[Phrase]) -> Iterator[Proposal]:
        """As in "a man in a hat and a woman in a scarf": the hat and the scarf change heads."""
        for a, b, c, d in zip(chunks, chunks[1:], chunks[2:], chunks[3:], strict=False):
            links = (words.lower[a.end : b.start], words.lower[c.end : d.start])
            if words.lower[b.end : c.start] not in JOINTS or links[0] != links[1]:
                continue
            if len(links[0]) != 1 or links[0][0] not in PAIRING or has_dependents_behind(words, d):
                continue
            owners, things = (a.root.lemma, c.root.lemma), (b.root.lemma, d.root.lemma)
            if owners[0] == owners[1] or things[0] == things[1] or not all(map(is_thing, things)):
                continue
            if links[0][0] == "of":
                fits = all(is_a(owner, *CONTENT) for owner in owners)
            else:
                sorts = {self._sorts.of(a.root), self._sorts.of(c.root)}
                fits = len(sorts) == 1 and not sorts & {"", "vehicle"}
            if fits and _same_articles(b, d):
                yield from exchange("owners", b, d)

    def _places(self, words: WordTree, chunks: list[Phrase]) -> Iterator[Proposal]:
        """Two comparable things in a one-way relation in space."""
        starts = {chunk.start: chunk for chunk in chunks}
        by_root = {chunk.root.i: chunk for chunk in chunks}
        for token in words:
            if token.lower not in SIDE_STARTS or not token.i:
                continue
            side = next((w for w in SIDES if words.lower[token.i : token.i + len(w)] == w), None)
            ground = starts.get(token.i + len(side)) if side is not None else None
            if side is None or ground is None:
                continue
            head = token.head
            verb = head if head.pos == "VERB" else None
            noun = subject_of(head) if verb is not None else head
            if noun is None or noun.i not in by_root or noun.i > token.i:
                continue
            figure = by_root[noun.i]
            if is_within_another(noun) or not _agrees(verb, figure, ground):
                continue
            if has_words_between(figure, verb.i if verb is not None else token.i):
                continue
            if self._is_reversible(figure, ground, side, verb) and not has_dependents_behind(
                words, ground
            ):
                yield from exchange("places", figure, ground)

    def _is_reversible(
        self, figure: Phrase, ground: Phrase, side: tuple[str, ...], verb: Word | None
    ) -> bool:
        """Whether the ground may as well stand where the figure stands."""
        pair = (figure.root.lemma, ground.root.lemma)
        if pair[0] == pair[1] or set(pair) & NO_AGENT:
            return False
        if verb is not None and verb.lemma not in STATIC:
            return False
        if verb is not None and any(child.dep in {"conj", "cc"} for child in verb.children):
            return False
        if not (_are_of_a_group(figure, ground) or self._has(pair[1], SIDES[side], pair[0])):
            # No caption has the one where the other is: a building before a chair.
            return False
        return side[0] not in VERTICAL or _bear_each_other(figure, ground)

    def _depths(self, words: WordTree, chunks: list[Phrase]) -> Iterator[Proposal]:
        """As in "A boat with a city in the background": what is near and what is far."""
        ends = {chunk.end: chunk for chunk in chunks}
        starts = {chunk.start: chunk for chunk in chunks}
        for token in words:
            if token.lower not in {"with", "against"} or token.i not in ends:
                continue
            near, far = ends[token.i], starts.get(token.i + 1)
            if far is None or token.head != near.root or is_within_another(near.root):
                continue
            rest = [t.lower for t in words[far.end : far.end + 3]]
            deep = rest in (
                ["in", "the", "background"],
                ["in", "the", "foreground"],
                ["in", "the", "distance"],
            )
            if not deep and rest[:2] not in (["in", "background"], ["in", "foreground"]):
                continue
            heads = (near.root.lemma, far.root.lemma)
            if is_a(heads[0], *LIVING) and is_a(heads[1], *LARGE):
                # Mountains "with a girl in the background" hide her.
                continue
            if heads[0] != heads[1] and all(map(_has_depth, heads)):
                yield from exchange("depth", near, far)


def _has_depth(lemma: str) -> bool:
    """Whether something can stand near and far: a person, a house, mountains, a boat."""
    return is_a(
        lemma, *SCENERY, "person", "animal", "furniture", "street_furniture", "signs", "ornaments",
        "vases", "statues", "scenery",
    ) and not is_a(lemma, "ground_cover", "skies", "weather_things")  # fmt: skip


def _are_of_a_group(one: Phrase, two: Phrase) -> bool:
    """Whether both are members of one group, which stand in each other's places."""
    mentions = [phrase.words.parsed.mentions.get(phrase.root.i) for phrase in (one, two)]
    groups = {None if mention is None else mention.noun.group.name for mention in mentions}
    return len(groups) == 1 and None not in groups


def _bear_each_other(one: Phrase, two: Phrase) -> bool:
    """Whether each can be on top of the other: no bench on a squirrel, no bed on a laptop."""
    heads = (one.root.lemma, two.root.lemma)
    alike = all(is_a(heads[0], *sort) is is_a(heads[1], *sort) for sort in (LIVING, HOLDING))
    return alike and are_alike_in_size(one, two)


def _is_served(one: str, two: str) -> bool:
    """Whether one is eaten from the other: a pizza on a plate is never a plate on a pizza."""
    return any(is_a(a, "food") and is_a(b, *CONTENT) for a, b in ((one, two), (two, one)))


def _agrees(verb: Word | None, one: Phrase, two: Phrase) -> bool:
    """Whether a finite verb suits both: not "the desk are"."""
    if verb is None or is_plural(one.root) is is_plural(two.root):
        return True
    return verb.tag == "VBG" and not any(child.dep == "aux" for child in verb.children)


def _same_articles(one: Phrase, two: Phrase) -> bool:
    """Whether both phrases begin with a determiner, or neither does."""
    tags = {"DT", "PRP$", "CD"}
    return (one[0].tag in tags) is (two[0].tag in tags)
