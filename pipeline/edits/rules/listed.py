"""Rule for captions by machines that list things: "image may contain: person, guitar and night".

No sentence holds the items together, so each is exchanged by itself: a number, a place, a
time, a posture, or a thing of the lexicon.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption

if TYPE_CHECKING:
    from spacy.tokens import Doc

OPENINGS = (("image", "may", "contain", ":"), ("photo", "may", "contain", ":"))
JOINTS = frozenset({",", "and", ".", "&"})

PEOPLE = ("1 person", "2 people", "3 people", "4 people", "5 people")
EXCHANGES: Mapping[EditKind, Mapping[str, tuple[str, ...]]] = {
    EditKind.COUNT: {
        "person": PEOPLE[1:4],
        **{said: tuple(new for new in PEOPLE if new != said) for said in PEOPLE},
    },
    EditKind.ATTRIBUTE: {"indoor": ("outdoor",), "outdoor": ("indoor",)},
    EditKind.ACTION: {
        "sitting": ("standing", "dancing"),
        "standing": ("sitting", "dancing"),
        "dancing": ("sitting", "standing"),
        "walking": ("sitting", "standing"),
        "sleeping": ("sitting", "standing"),
    },
    EditKind.OBJECT: {"night": ("daytime",), "daytime": ("night",)},
}
SUBKINDS = {
    EditKind.COUNT: "number",
    EditKind.ATTRIBUTE: "whereabouts",
    EditKind.ACTION: "posture",
    EditKind.OBJECT: "listed",
}
"""Kinds that a list allows, with the label of what changes in it."""

OPEN_AIR = frozenset({"nature", "sky", "ocean", "tree", "mountain", "beach", "cloud", "grass"})
"""Items of lists that no one sees indoors."""

RIDDEN = frozenset({"horse", "bicycle", "motorcycle", "elephant", "camel"})
"""Things that another item mentions: "riding on a horse"."""


def is_list(parsed: ParsedCaption) -> bool:
    """Whether a caption is such a list, and no description."""
    return parsed.lower[:4] in OPENINGS


class ListedRule:
    """Exchanges one item of a list; one instance for each kind."""

    def __init__(self, kind: EditKind) -> None:
        """Make the rule for a kind of :data:`SUBKINDS`."""
        self.kind = kind
        self.name = f"listed.{kind}"
        self._nouns = load_lexicon().nouns

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield every exchange, in the order of the text; nothing where there is no list."""
        parsed = parsed_caption(doc)
        if not is_list(parsed):
            return
        items = list(_items(parsed))
        said = {" ".join(parsed.lower[start:end]) for start, end in items}
        for start, end in items:
            old = " ".join(parsed.lower[start:end])
            for new in self._others(old, said):
                if new not in said:
                    piece = TokenPiece(start, end, new)
                    yield Proposal(self.kind, SUBKINDS[self.kind], (piece,), old, new, self.name)

    def _others(self, old: str, said: set[str]) -> Iterator[str]:
        table = EXCHANGES[self.kind]
        counts = self.kind is EditKind.COUNT
        if counts and (
            sum(item in table for item in said) > 1
            or any(item.startswith("riding") for item in said)
        ):
            return
        if old == "outdoor" and not OPEN_AIR.isdisjoint(said):
            return
        if old in table:
            yield from table[old]
        elif self.kind is EditKind.OBJECT and old in self._nouns.forms:
            noun, plural = self._nouns.forms[old]
            if noun.cls in {"person", "body", "event", "time"} or noun.lemma in RIDDEN:
                return
            for other in self._nouns.exchanges(noun):
                yield other.plural if plural else other.lemma


def _items(parsed: ParsedCaption) -> Iterator[tuple[int, int]]:
    """Half-open tokens of each item behind the opening."""
    start = 4
    for token in range(4, len(parsed) + 1):
        if token == len(parsed) or parsed.lower[token] in JOINTS:
            if token > start:
                yield start, token
            start = token + 1
