"""Rule `attribute` for looks that captions tell in fixed words: "covered in snow".

"a car covered in snow" → "a car covered in leaves", "red wine" → "white wine": phrases of more
than one word, and words that change with one noun only. A hyphen is a token of its own, so
"a tree-lined street" belongs here as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.grammar import article_repair
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon.looks import Look, load_looks
from pipeline.edits.parse.reading import Reading, read
from pipeline.edits.rules.attribute.rule import TALKS, WISHES
from pipeline.edits.rules.object.people import Policy

if TYPE_CHECKING:
    from spacy.tokens import Doc

CONTINUES = frozenset(
    {"NN", "NNS", "NNP", "NNPS", "JJ", "DT", "PRP$", "CD", "HYPH", "POS", "PRP", "WP", "CC"}
)
"""Tags behind a phrase which show that it goes on, or belongs to what follows."""

PARTS = frozenset({"t", "tee", "angle", "male", "female"})
"""Words behind a phrase that go on themselves: "short sleeve t shirt", "low angle view"."""

NOUNS = frozenset({("NN",), ("NNS",)})
MAY = frozenset({"may"})
"""The one of `TALKS` that lists begin with: "image may contain"."""

JOINING = frozenset({"and", "&", "or"})
"""Words before an adjective that may share its noun with another: "a wood and wire fence"."""

OF_PEOPLE = frozenset({"age_group", "gender"})
"""Subkinds that `edits.demographics` may switch off."""


class LookRule:
    """Exchanges a look that is told in fixed words."""

    name = "attribute.look"
    kind = EditKind.ATTRIBUTE

    def __init__(self, policy: Policy) -> None:
        self._index = load_looks()
        self._policy = policy

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield the exchanges of every phrase, in the text's order."""
        reading = read(doc)
        index = self._index
        if index.keys().isdisjoint(reading.words):
            return
        if not reading.describes or not (WISHES | TALKS - MAY).isdisjoint(reading.lower):
            return
        for token, word in enumerate(reading.lower):
            if word in index:
                yield from self._at(reading, token)

    def _at(self, reading: Reading, start: int) -> Iterator[Proposal]:
        """Exchanges of the longest phrase that begins at a token and may change here."""
        for phrase, look in self._index[reading.lower[start]]:
            end = start + len(phrase)
            if reading.lower[start:end] != phrase or not _suits(reading, start, end, look):
                continue
            if self._policy == "off" and look.subkind in OF_PEOPLE:
                continue
            for pole, put in zip(look.poles, look.put, strict=True):
                if phrase not in pole:
                    for new in put:
                        yield self._proposal(reading, start, end, new, look.subkind)
            return

    def _proposal(self, reading: Reading, start: int, end: int, new: str, subkind: str) -> Proposal:
        pieces = [TokenPiece(start, end, new)]
        repair = article_repair(reading, start, new)
        if repair is not None:
            pieces.append(repair)
        old = " ".join(reading.lower[start:end])
        return Proposal(self.kind, subkind, tuple(pieces), old, new, self.name)


def _suits(reading: Reading, start: int, end: int, look: Look) -> bool:
    """Whether the words around a phrase let it change."""
    after = reading.lower[end] if end < len(reading) else ""
    before = reading.lower[start - 1] if start else ""
    if (look.behind and after not in look.behind) or (look.before and before not in look.before):
        return False
    if look.behind and before in JOINING:
        return False
    if look.behind and after not in PARTS and reading.tags[end + 1 : end + 2] in NOUNS:
        # "a curvy highway sign": the noun belongs to another one.
        return False
    if before == "-" or after == "-" or "PROPN" in reading.pos[start:end]:
        return False
    if look.alone and end < len(reading) and reading.tags[end] in CONTINUES:
        return False
    if look.among and look.among.isdisjoint(reading.words):
        return False
    rest = {*reading.lower[:start], *reading.lower[end:]}
    if not look.unless.isdisjoint(rest):
        return False
    # What is said twice would still hold: "a red wine and another red wine".
    return reading.lower[start] not in rest or len(reading.lower[start]) < 4
