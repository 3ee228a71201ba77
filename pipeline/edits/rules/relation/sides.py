"""Rule `relation`: who stands on which side, as captions of news pictures say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.parse.noun_mentions import NOUN_TAGS
from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption

if TYPE_CHECKING:
    from spacy.tokens import Doc

OTHER_SIDE = {"left": "right", "right": "left"}
SIDES = frozenset({"left", "right", "center", "centre", "middle"})
OPENS, CLOSES = frozenset({",", "("}), frozenset({",", ")"})
BETWEEN = (("second", "from"), ("third", "from"), ("far",))
"""Words that stand before a side and belong to it: "second from left"."""


class SidesRule:
    """Puts somebody on the other side: "person, left, and actor" → "person, right, and actor"."""

    name = "relation.sides"
    kind = EditKind.RELATION

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        """Yield the exchange of the only side that a caption names between commas or brackets."""
        parsed = parsed_caption(doc)
        sides = [token for token, word in enumerate(parsed.lower) if word in SIDES]
        if len(sides) != 1 or parsed.lower[sides[0]] not in OTHER_SIDE:
            return
        token = sides[0]
        if not _is_enclosed_behind_name(parsed, token):
            return
        old = parsed.lower[token]
        new = OTHER_SIDE[old]
        piece = TokenPiece(token, token + 1, new)
        yield Proposal(self.kind, "left_right", (piece,), old, new, self.name)


def _is_enclosed_behind_name(parsed: ParsedCaption, token: int) -> bool:
    """Whether the side is enclosed, right behind somebody's name."""
    if token + 1 >= len(parsed) or parsed.lower[token + 1] not in CLOSES:
        return False
    opening = token - 1
    for words in BETWEEN:
        if parsed.lower[token - len(words) : token] == words:
            opening = token - len(words) - 1
    if opening < 1 or parsed.lower[opening] not in OPENS:
        return False
    named = parsed.lower[opening - 1]
    if named == "person" and parsed.lower.count(named) > 1:
        # "person, left, and person": who is who stays open.
        return False
    return parsed.tags[opening - 1] in NOUN_TAGS
