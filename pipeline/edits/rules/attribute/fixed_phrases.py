"""Rule `attribute` for qualities in fixed phrases: "under construction".

"a house under construction" → "a house in ruins", "red wine" → "white wine": phrases of more
than one word, and words that change with one noun only. A hyphen is a token of its own, so
"a stained-glass window" belongs here as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.grammar import article_repair
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon.looks import PhraseScale, load_phrase_scales
from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption
from pipeline.edits.rules.attribute.rule import WORDS_OF_REPORT, WORDS_OF_TALK
from pipeline.edits.rules.object.people import Policy

if TYPE_CHECKING:
    from spacy.tokens import Doc

Phrase = tuple[str, ...]
CONTINUES = frozenset(
    {"NN", "NNS", "NNP", "NNPS", "JJ", "DT", "PRP$", "CD", "HYPH", "POS", "PRP", "WP", "CC"}
)
"""Tags behind a phrase which show that it goes on, or belongs to what follows."""

CONTINUING_WORDS = frozenset({"t", "tee", "angle", "male", "female"})
"""Words behind a phrase that go on themselves: "short sleeve t shirt", "low angle view"."""

NOUNS = frozenset({("NN",), ("NNS",)})
JOINING = frozenset({"and", "&", "or"})
"""Words before an adjective that may share its noun with another: "a wood and wire fence"."""

OF_PEOPLE = frozenset({"age_group", "gender"})
"""Subkinds that `edits.demographics` may switch off."""


class PhraseScaleRule:
    """Exchanges a quality that is said in a fixed phrase."""

    name = "attribute.look"
    kind = EditKind.ATTRIBUTE

    def __init__(self, policy: Policy) -> None:
        self._index = load_phrase_scales()
        self._policy = policy

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield the exchanges of every phrase, in the text's order."""
        parsed = parsed_caption(doc)
        index = self._index
        if index.keys().isdisjoint(parsed.words):
            return
        if not parsed.is_description or not (WORDS_OF_REPORT | WORDS_OF_TALK).isdisjoint(
            parsed.lower
        ):
            return
        for token, word in enumerate(parsed.lower):
            if word in index:
                yield from self._at(parsed, token)

    def _at(self, parsed: ParsedCaption, start: int) -> Iterator[Proposal]:
        """Exchanges of the longest phrase that begins at a token and may change here."""
        for phrase, scale in self._index[parsed.lower[start]]:
            end = start + len(phrase)
            if parsed.lower[start:end] != phrase or not _fits_context(parsed, start, end, scale):
                continue
            if self._policy == "off" and scale.subkind in OF_PEOPLE:
                continue
            for pole, put in zip(scale.poles, scale.put, strict=True):
                if phrase not in pole:
                    for new in put:
                        yield self._proposal(parsed, start, end, new, scale.subkind)
            return

    def _proposal(
        self, parsed: ParsedCaption, start: int, end: int, new: str, subkind: str
    ) -> Proposal:
        pieces = [TokenPiece(start, end, new)]
        repair = article_repair(parsed, start, new)
        if repair is not None:
            pieces.append(repair)
        old = " ".join(parsed.lower[start:end])
        return Proposal(self.kind, subkind, tuple(pieces), old, new, self.name)


def _fits_context(parsed: ParsedCaption, start: int, end: int, scale: PhraseScale) -> bool:
    """Whether the words around a phrase let it change."""
    after = parsed.lower[end] if end < len(parsed) else ""
    before = parsed.lower[start - 1] if start else ""
    if (scale.behind and after not in scale.behind) or (
        scale.before and before not in scale.before
    ):
        return False
    if scale.behind and before in JOINING:
        return False
    if scale.behind and after not in CONTINUING_WORDS and parsed.tags[end + 1 : end + 2] in NOUNS:
        # "a curvy highway sign": the noun belongs to another one.
        return False
    if before == "-" or after == "-" or "PROPN" in parsed.pos[start:end]:
        return False
    if scale.alone and end < len(parsed) and (after == "of" or parsed.tags[end] in CONTINUES):
        return False
    if scale.among and scale.among.isdisjoint(parsed.words):
        return False
    rest = {*parsed.lower[:start], *parsed.lower[end:]}
    if not scale.unless.isdisjoint(rest):
        return False
    # A phrase that is repeated would still hold: "a red wine and another red wine".
    return parsed.lower[start] not in rest or len(parsed.lower[start]) < 4
