"""Relations in fixed words: left and right, near and far back, top and bottom, in a hand."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon.relations import BodyMove, load_relations
from pipeline.edits.lexicon.sizes import load_sizes
from pipeline.edits.parse.phrases import PRONOUNS, is_a, subject_of, wordset
from pipeline.edits.parse.word_tree import Word, WordTree

RULE = "relation"
SIDES = {"left": "right", "right": "left"}
DEPTHS = {"background": "foreground", "foreground": "background"}
HEIGHTS = {"top": "bottom", "bottom": "top"}
SHELTERS = {"indoors": "outdoors", "outdoors": "indoors", "inside": "outside", "outside": "inside"}
TURNING = wordset("look turn face lean point gaze glance stare")
HAS_TOP = wordset(
    "stair stairs step staircase hill mountain slope cliff ladder tree tower picture photo image "
    "page escalator waterfall slide lighthouse frame screen"
)
OUTDOORS = ("place", "nature", "plant", "building", "structure", "vehicle", "scenery", "event")
OBJECT_FORMS = {"his": "him", "her": "her", "their": "them"}
CARRIED = (
    "animal", "food", "headwear", "container", "device", "instrument", "tool", "toy", "presents",
    "rewards", "signs", "flowers", "accessories", "handheld_devices", "ornaments", "vases",
    "statues", "jewels", "tops",
)  # fmt: skip
HOLDING = wordset("hold carry have lift raise keep wear balance")


def relation_proposal(
    words: WordTree, start: int, end: int, target: str, subkind: str, weight: float = 1.0
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
        rule=RULE,
        weight=weight,
    )


class PlaceWords:
    """Replaces words that name a place by themselves: left, background, top, indoors."""

    def __init__(self) -> None:
        relations = load_relations()
        self._outside = relations.verbs["posture"] | relations.verbs["walk"]
        self._people = relations.nouns["people"]
        self._about_body: dict[str, list[tuple[tuple[str, ...], BodyMove]]] = {}
        for body in relations.about_body:
            for source in body.sources:
                self._about_body.setdefault(source[0], []).append((source, body))
        self.words = frozenset(self._about_body).union(SIDES, DEPTHS, HEIGHTS, SHELTERS)

    def at(self, words: WordTree, token: Word, lowered: list[str]) -> Iterator[Proposal]:
        """Yield the changes at one of :attr:`words`."""
        word = token.lower
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

    def _side(self, words: WordTree, token: Word, lowered: list[str]) -> Iterator[Proposal]:
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
            yield relation_proposal(words, i, i + 1, SIDES[lowered[i]], "left_right")

    def _depth(self, words: WordTree, token: Word, lowered: list[str]) -> Iterator[Proposal]:
        """In the background or foreground, of something that can stand in both."""
        i = token.i
        if DEPTHS[lowered[i]] in lowered or i < 3 or lowered[i - 1] not in {"the", "in"}:
            return
        start = i - 2 if lowered[i - 1] == "the" else i - 1
        behind = lowered[i + 1] if i + 1 < len(lowered) else ""
        if lowered[start] != "in" or behind in {"of", "image", "-"}:
            return
        thing = words.parsed.mentions.get(start - 1)
        size = None if thing is None else load_sizes().rank(thing.noun)
        if size is None or (lowered[i] == "background" and size >= load_sizes().ranks["building"]):
            # What fills the view stands before nothing.
            return
        yield relation_proposal(words, i, i + 1, DEPTHS[lowered[i]], "background_foreground")

    def _height(self, words: WordTree, token: Word, lowered: list[str]) -> Iterator[Proposal]:
        """At the top or bottom of something high."""
        i = token.i
        if lowered[i - 2 : i] not in (["at", "the"], ["from", "the"], ["near", "the"]):
            return
        if lowered[i + 1 : i + 2] != ["of"] or HEIGHTS[lowered[i]] in lowered:
            return
        ground = next((t for t in words[i + 2 : i + 6] if t.lemma in HAS_TOP), None)
        if ground is not None and ground.dep == "pobj":
            yield relation_proposal(words, i, i + 1, HEIGHTS[lowered[i]], "top_bottom")

    def _shelter(self, token: Word, lowered: list[str]) -> Iterator[Proposal]:
        """Indoors or outdoors, as an adverb of somebody doing something."""
        if token.dep != "advmod" or token.pos != "ADV" or any(token.children):
            return
        verb = token.head
        if verb.pos != "VERB" or verb.lemma not in self._outside or token.i < verb.i:
            return
        if any(m.noun.cls in OUTDOORS for m in token.words.parsed.mentions.values()):
            # What is around them tells on which side of the door they are.
            return
        following = lowered[token.i + 1] if token.i + 1 < len(lowered) else ""
        if following in {"of", "the", "a", "an", "out", "in"} or SHELTERS[token.lower] in lowered:
            return
        figure = subject_of(verb)
        if figure is None:
            return
        if figure.lemma in self._people or figure.lower in PRONOUNS:
            yield relation_proposal(
                token.words, token.i, token.i + 1, SHELTERS[token.lower], "in_out"
            )

    def _body(self, words: WordTree, token: Word) -> Iterator[Proposal]:
        """Something in a hand, on a head or on a lap."""
        for source, move in self._about_body[token.lower]:
            end = token.i + len(source)
            said = words.lower[token.i : end]
            owners = [word for word, slot in zip(said, source, strict=False) if slot == "{of}"]
            owner = owners[0] if len(said) == len(source) and owners else ""
            if owner not in OBJECT_FORMS:
                continue
            if said != tuple(owner if slot == "{of}" else slot for slot in source):
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
                yield relation_proposal(
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


def _is_carried(thing: Word) -> bool:
    """Whether a noun is something that a person can move about the body."""
    return is_a(thing.lemma, *CARRIED) and not any(
        child.dep in {"conj", "cc"} for child in thing.children
    )
