"""Rule `attribute` for the picture itself: its technique, its distance, its side, its viewpoint.

"a pencil drawing of a cow" → "a photograph of a cow": captions that say how their picture
was made, or from where, contradict one that was made otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.grammar import article_repair
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.inflection import plural_of
from pipeline.edits.lexicon.pictures import Way, load_pictures
from pipeline.edits.parse.reading import Reading, read

if TYPE_CHECKING:
    from spacy.tokens import Doc

BLACK_AND_WHITE = ("black", "and", "white")
PHOTOGRAPHED = frozenset(
    {"photo", "photos", "photograph", "photographs", "portrait", "portraits", "picture", "image",
     "shot", "photography", "film", "footage", "drawing", "illustration", "up", "life", "cartoon",
     "sketch", "pictures", "images", "shots"}
)  # fmt: skip
"""Nouns behind "black and white" that the colours are said of as a whole."""

OPENS = frozenset({"a", "an", "the", "this", "another", "one"})
PUNCTUATION = frozenset({",", ":", "-", "--", "."})
BEFORE_ENDING = frozenset({"NN", "NNS", ",", ":", "HYPH", "RB", "."})
"""Tags before a name of a technique at the end; behind an article it is the picture's subject."""

UNPICTURED = frozenset({"time", "event", "place"})
"""Classes of nouns that alone do not tell what a picture shows."""

PHRASE_TAGS = frozenset({"DT", "JJ", "NN", "NNS", "NNP", "PRP$", "CD", "VBN", "VBG", "POS"})
STAND_INS = frozenset({"person", "actor", "actress", "politician"})
"""Words that stand for somebody in the captions."""

STYLED = frozenset(
    {"close", "closeup", "still", "infrared", "landscape", "vintage", "vector", "aerial", "studio",
     "abstract", "old", "historic", "archival", "line", "fashion", "wedding", "street", "film"}
)  # fmt: skip
"""Words that may stand between "black and white" and what the colours are said of."""

HAND = frozenset({"hand", "handmade"})
"""Words that say a hand made it: no photograph."""


class PictureRule:
    """Exchanges what a caption says of its picture as a whole."""

    name = "attribute.picture"
    kind = EditKind.ATTRIBUTE

    def __init__(self) -> None:
        self._table = load_pictures()
        self._nouns = load_lexicon().nouns
        # Words that pencil cannot show.
        self._coloured = self._table.coloured | load_lexicon().qualities.colours.words
        self._openings = frozenset(words[0] for words in self._table.ways)
        self._longest = max(map(len, self._table.ways))

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield the exchanges of technique, distance, side and viewpoint, in the text's order."""
        reading = read(doc)
        if not reading.describes:
            return
        openings = self._openings
        for token, word in enumerate(reading.lower):
            if word in openings:
                yield from self._ways(reading, token)
            elif word == "black":
                yield from self._colourless(reading, token)
            elif word == "from" and token and not reading.chats:
                yield from self._viewpoint(reading, token)

    def _ways(self, reading: Reading, start: int) -> Iterator[Proposal]:
        """Another way of the picture that "… of" names here, or "… by"."""
        for width in range(self._longest, 0, -1):
            said = reading.lower[start : start + width]
            ways = self._table.ways.get(said, ())
            if not ways or len(said) < width:
                continue
            end = start + width
            behind = reading.lower[end] if end < len(reading) else ""
            way = next((way for way in ways if behind in way.behind), None)
            if way is None:
                return
            if not (_ends(reading, start, end) if way.ends else self._opens(reading, start)):
                return
            if way.ends and way.subkind == "technique" and not _is_pictured(reading):
                return
            rest = {*reading.lower[:start], *reading.lower[end:]} if way.ends else reading.words
            if not way.unless.isdisjoint(rest):
                return
            if behind == "of" and not self._is_of(reading, end, way):
                return
            for new in way.becomes:
                if self._suits(reading, start, end, way, new):
                    yield self._proposal(reading, start, end, new, way.subkind)
            return

    def _opens(self, reading: Reading, start: int) -> bool:
        """Whether the caption begins with the name, but for an article and plain adjectives."""
        token = start - 1
        while token >= 0 and (
            reading.lower[token] in self._table.before
            or (token and reading.lower[token] in OPENS and reading.lower[token - 1] == "of")
        ):
            token -= 1
        return token < 0 or (token == 0 and reading.lower[0] in OPENS)

    def _is_of(self, reading: Reading, of: int, way: Way) -> bool:
        """Whether what follows "of" is something that the way may be exchanged for."""
        thing = of
        while thing + 1 < len(reading) and reading.tags[thing + 1] in PHRASE_TAGS:
            thing += 1
            if thing in reading.mentions and reading.lower[thing + 1 : thing + 2] != ("'s",):
                # "a toddler walking": the tagger may take what follows for a part of the phrase.
                break
        if not way.of:
            return thing > of
        if way.stand_ins and reading.lower[thing] in STAND_INS and "by" not in reading.words:
            return True
        mention = reading.mentions.get(thing)
        known = mention is not None and self._nouns.fits_any(mention.noun, way.of)
        return known and reading.lower[thing + 1 : thing + 2] not in {("of",), ("'s",)}

    def _suits(self, reading: Reading, start: int, end: int, way: Way, new: str) -> bool:
        rest = {*reading.lower[:start], *reading.lower[end:]}
        if new.endswith("photograph") and not (self._table.undrawn | HAND).isdisjoint(rest):
            return False
        if new.startswith("pencil") and not self._coloured.isdisjoint(rest):
            return False
        return not any(word in rest for word in new.split())

    def _colourless(self, reading: Reading, start: int) -> Iterator[Proposal]:
        """As in "black and white photo" → "color photo"."""
        end = start + len(BLACK_AND_WHITE)
        if reading.lower[start:end] != BLACK_AND_WHITE or end >= len(reading):
            return
        after = reading.lower[end]
        if after in STYLED and end + 1 < len(reading):
            end_of_style = end + 1 + (reading.lower[end + 1] == "-")
            after = reading.lower[end_of_style] if end_of_style < len(reading) else ""
        if after in PHOTOGRAPHED and reading.lower[end + 1 : end + 2] not in {("frame",), ("-",)}:
            yield self._proposal(reading, start, end, "color", "colour")

    def _viewpoint(self, reading: Reading, start: int) -> Iterator[Proposal]:
        """As in "seen from above" → "seen from below"."""
        table = self._table.seen_from
        if reading.lower[start - 1] not in table.verbs:
            return
        if not table.unless.isdisjoint(reading.words):
            return
        for width in (2, 1):
            said = reading.lower[start + 1 : start + 1 + width]
            end = start + 1 + len(said)
            if len(said) < width or reading.lower[end : end + 1] in {("of",), ("the",)}:
                continue
            if said in table.opposite:
                yield self._proposal(reading, start + 1, end, table.opposite[said], "viewpoint")
                return

    def _proposal(self, reading: Reading, start: int, end: int, new: str, subkind: str) -> Proposal:
        old = " ".join(reading.lower[start:end])
        if reading.tags[end - 1] == "NNS" and subkind == "viewpoint" and old.endswith("interiors"):
            new = plural_of(new)
        pieces = [TokenPiece(start, end, new)]
        repair = article_repair(reading, start, new)
        if repair is not None:
            pieces.append(repair)
        return Proposal(self.kind, subkind, tuple(pieces), old, new, self.name, weight=1.5)


def _ends(reading: Reading, start: int, end: int) -> bool:
    """Whether a name closes the caption and is said of all that stands before it."""
    if start < 3 or end < len(reading) - 2 or reading.tags[start - 1] not in BEFORE_ENDING:
        return False
    # "a picture book illustration": a compound is part of another name.
    return reading.lower[start - 1] in PUNCTUATION or (
        start - 1 in reading.mentions
        or reading.deps[start - 1] in {"pobj", "dobj", "npadvmod"}
        or reading.deps[start - 1] == "compound"
    )


def _is_pictured(reading: Reading) -> bool:
    """Whether the caption names something that a picture can be of."""
    return any(mention.noun.cls not in UNPICTURED for mention in reading.mentions.values())
