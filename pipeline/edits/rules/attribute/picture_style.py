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
from pipeline.edits.lexicon.pictures import Style, load_pictures
from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption

if TYPE_CHECKING:
    from spacy.tokens import Doc

BLACK_AND_WHITE = ("black", "and", "white")
PHOTOGRAPHED = frozenset(
    {"photo", "photos", "photograph", "photographs", "portrait", "portraits", "picture", "image",
     "shot", "photography", "film", "footage", "drawing", "illustration", "up", "life", "cartoon",
     "sketch", "pictures", "images", "shots"}
)  # fmt: skip
"""Nouns behind "black and white" that the colours describe as a whole."""

OPENS = frozenset({"a", "an", "the", "this", "another", "one"})
PHRASE_TAGS = frozenset({"DT", "JJ", "NN", "NNS", "NNP", "PRP$", "CD", "VBN", "VBG", "POS"})
STYLED = frozenset(
    {"close", "closeup", "still", "infrared", "landscape", "vintage", "vector", "aerial", "studio",
     "abstract", "old", "historic", "archival", "line", "fashion", "wedding", "street", "film"}
)  # fmt: skip
"""Words that may stand between "black and white" and its noun."""

HAND = frozenset({"hand", "handmade"})
"""Words that say a hand made it: no photograph."""


class PictureRule:
    """Exchanges what a caption says of its picture as a whole."""

    name = "attribute.picture"
    kind = EditKind.ATTRIBUTE

    def __init__(self) -> None:
        self._table = load_pictures()
        # Words that a pencil drawing cannot show.
        self._coloured = self._table.coloured | load_lexicon().qualities.colours.words
        self._techniques = frozenset({"drawn"}).union(
            word
            for family in (self._table.technique, self._table.art)
            for style in family.values()
            for words in style.said
            for word in words
        )
        self._openings = frozenset(words[0] for words in self._table.styles)
        self._longest = max(map(len, self._table.styles))
        self._nouns = load_lexicon().nouns

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield the exchanges of technique, distance, side and viewpoint, in the text's order."""
        parsed = parsed_caption(doc)
        if not parsed.is_description:
            return
        openings = self._openings
        for token, word in enumerate(parsed.lower):
            if word in openings:
                yield from self._other_styles(parsed, token)
            elif word == "black":
                yield from self._black_and_white(parsed, token)
            elif word == "from" and token and not parsed.is_conversational:
                yield from self._viewpoint(parsed, token)

    def _other_styles(self, parsed: ParsedCaption, start: int) -> Iterator[Proposal]:
        """Another style for the one that "… of" or "… by" names here."""
        for width in range(self._longest, 0, -1):
            phrase = parsed.lower[start : start + width]
            styles = self._table.styles.get(phrase, ())
            if not styles or len(phrase) < width:
                continue
            end = start + width
            behind = parsed.lower[end] if end < len(parsed) else ""
            style = next((style for style in styles if behind in style.behind), None)
            if style is None:
                return
            if not self._opens_caption(parsed, start) or not style.unless.isdisjoint(parsed.words):
                return
            if behind == "of" and not self._subject_fits(parsed, end, style):
                return
            for new in style.becomes:
                if self._can_become(parsed, start, end, style, new):
                    yield self._proposal(parsed, start, end, new, style.subkind)
            return

    def _opens_caption(self, parsed: ParsedCaption, start: int) -> bool:
        """Whether the caption begins with the name, but for an article and plain adjectives."""
        token = start - 1
        while token >= 0 and (
            parsed.lower[token] in self._table.before
            or (token and parsed.lower[token] in OPENS and parsed.lower[token - 1] == "of")
        ):
            token -= 1
        return token < 0 or (token == 0 and parsed.lower[0] in OPENS)

    def _subject_fits(self, parsed: ParsedCaption, of: int, style: Style) -> bool:
        """Whether what follows "of" can be shown in another style."""
        thing = of
        while thing + 1 < len(parsed) and parsed.tags[thing + 1] in PHRASE_TAGS:
            thing += 1
            if thing in parsed.mentions and parsed.lower[thing + 1 : thing + 2] != ("'s",):
                # "a toddler walking": the tagger may take what follows for a part of the phrase.
                break
        if not style.of:
            return thing > of
        mention = parsed.mentions.get(thing)
        known = mention is not None and self._nouns.fits_any(mention.noun, style.of)
        return known and parsed.lower[thing + 1 : thing + 2] not in {("of",), ("'s",)}

    def _can_become(
        self, parsed: ParsedCaption, start: int, end: int, style: Style, new: str
    ) -> bool:
        rest = {*parsed.lower[:start], *parsed.lower[end:]}
        if style.subkind == "technique" and not self._techniques.isdisjoint(rest):
            # "hand drawn oil painting of a sketch in a vector style"
            return False
        if new.endswith("photograph") and not (self._table.undrawn | HAND).isdisjoint(rest):
            return False
        if new.startswith("pencil") and not self._coloured.isdisjoint(rest):
            return False
        return not any(word in rest for word in new.split())

    def _black_and_white(self, parsed: ParsedCaption, start: int) -> Iterator[Proposal]:
        """As in "black and white photo" → "color photo"."""
        end = start + len(BLACK_AND_WHITE)
        if parsed.lower[start:end] != BLACK_AND_WHITE or end >= len(parsed):
            return
        after = parsed.lower[end]
        if after in STYLED and end + 1 < len(parsed):
            end_of_style = end + 1 + (parsed.lower[end + 1] == "-")
            after = parsed.lower[end_of_style] if end_of_style < len(parsed) else ""
        if after in PHOTOGRAPHED and parsed.lower[end + 1 : end + 2] not in {("frame",), ("-",)}:
            yield self._proposal(parsed, start, end, "color", "colour")

    def _viewpoint(self, parsed: ParsedCaption, start: int) -> Iterator[Proposal]:
        """As in "seen from above" → "seen from below"."""
        table = self._table.seen_from
        if parsed.lower[start - 1] not in table.verbs:
            return
        if not table.unless.isdisjoint(parsed.words):
            return
        for width in (2, 1):
            phrase = parsed.lower[start + 1 : start + 1 + width]
            end = start + 1 + len(phrase)
            if len(phrase) < width or parsed.lower[end : end + 1] in {("of",), ("the",)}:
                continue
            if phrase in table.opposite:
                yield self._proposal(parsed, start + 1, end, table.opposite[phrase], "viewpoint")
                return

    def _proposal(
        self, parsed: ParsedCaption, start: int, end: int, new: str, subkind: str
    ) -> Proposal:
        old = " ".join(parsed.lower[start:end])
        if parsed.tags[end - 1] == "NNS" and subkind == "viewpoint" and old.endswith("interiors"):
            new = plural_of(new)
        pieces = [TokenPiece(start, end, new)]
        repair = article_repair(parsed, start, new)
        if repair is not None:
            pieces.append(repair)
        return Proposal(self.kind, subkind, tuple(pieces), old, new, self.name, weight=1.5)
