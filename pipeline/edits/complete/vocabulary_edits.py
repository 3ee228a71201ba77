"""Complete counterfactuals within a vocabulary: several edits at once and another setting.

For image models that draw few things: the captions of a source are of the whole world.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.core.ids import derive_seed
from pipeline.core.records import EditKind, FullCaption
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.complete.combine import combine
from pipeline.edits.complete.eligibility import FEWEST_WORDS, MOST_WORDS, allows_another_scene
from pipeline.edits.complete.settings import SettingSlot, find_setting, find_slot, setting_groups
from pipeline.edits.complete.vocabulary import Vocabulary
from pipeline.edits.complete.write_pieces import write_pieces
from pipeline.edits.parse.parsed_caption import ParsedCaption, parsed_caption

if TYPE_CHECKING:
    from spacy.tokens import Doc

COMBINED = (
    EditKind.OBJECT, EditKind.ACTION, EditKind.ATTRIBUTE, EditKind.COUNT, EditKind.RELATION,
)  # fmt: skip
"""Kinds that can be changed together without losing the sentence."""

FEWEST_EDITS, MOST_EDITS = 2, 3
UNSEEN_SUBKINDS = frozenset({"events", "seasons"})
"""Edits that change too little of what is seen."""


@dataclass(frozen=True, slots=True)
class Move:
    """How the scene is taken elsewhere.

    Attributes:
        pieces: Pieces of the caption that say so; none where an edit does it already.
        before: Phrase that stands before the whole caption.
    """

    pieces: tuple[TokenPiece, ...] = ()
    before: str = ""


class FullComposer:
    """Writes complete counterfactuals from proposals that passed their checks."""

    name = "full.compose"

    def __init__(self, run_seed: int, vocabulary: Vocabulary) -> None:
        """Compose with the words and the settings of a vocabulary."""
        self._run_seed = run_seed
        self._vocabulary = vocabulary

    def compose(
        self, anchor_id: str, doc: Doc, proposals: Sequence[Proposal], wanted: int
    ) -> list[FullCaption]:
        """Up to `wanted` captions, each from two or more edits and a new setting."""
        reading = parsed_caption(doc)
        if wanted < 1 or not allows_another_scene(reading):
            return []
        named = self._vocabulary.setting_span(reading.lower)
        place = named or find_setting(reading)
        # Beside one of the vocabulary's settings no second is put: "in winter in a room".
        olds = (place,) if named else (place, None) if place else (None,)
        slots = {old: find_slot(reading, old) for old in olds}
        usable = [
            p
            for p in proposals
            if p.wording is None and p.kind in COMBINED and p.subkind not in UNSEEN_SUBKINDS
        ]
        usable = [p for p in usable if self._can_be_drawn(doc, p)]
        if len(usable) < FEWEST_EDITS:
            return []
        if not any(slots.values()) and not any(p.subkind in setting_groups() for p in usable):
            return []
        captions: dict[str, FullCaption] = {}
        for number in range(wanted):
            # Not for secrets: a reproducible draw.
            seed = derive_seed(self._run_seed, anchor_id, f"full{number}")
            caption = self._draw_caption(doc, reading, usable, slots, random.Random(seed))  # noqa: S311
            if caption is not None:
                captions.setdefault(caption.caption, caption)
        return list(captions.values())

    def _draw_caption(
        self,
        doc: Doc,
        reading: ParsedCaption,
        proposals: Sequence[Proposal],
        slots: Mapping[tuple[int, int] | None, SettingSlot | None],
        draw: random.Random,
    ) -> FullCaption | None:
        varied = _varied(proposals, draw)
        for old in slots:
            blocked = frozenset(range(*old)) if old else frozenset()
            chosen = combine(reading, varied, blocked, MOST_EDITS)
            if len(chosen) < FEWEST_EDITS:
                continue
            move = _move(reading, slots[old], draw, self._vocabulary)
            if move is None and not _moves_itself(chosen):
                continue
            caption = self._caption(doc, chosen, move or Move())
            if caption is not None:
                return caption
        return None

    def _can_be_drawn(self, doc: Doc, proposal: Proposal) -> bool:
        """Whether the image model could draw the caption with this edit alone.

        Else it would spoil whatever it is combined with: several of a thing beside another.
        """
        alone = write_pieces(doc, proposal.pieces, "")
        return self._vocabulary.undrawable(alone, doc.text) is None

    def _caption(self, doc: Doc, chosen: Sequence[Proposal], move: Move) -> FullCaption | None:
        pieces = [piece for proposal in chosen for piece in proposal.pieces]
        caption = write_pieces(doc, (*pieces, *move.pieces), move.before)
        if not FEWEST_WORDS <= len(caption.split()) <= MOST_WORDS:
            return None
        if self._vocabulary.undrawable(caption, doc.text) is not None:
            return None
        kinds = [str(proposal.kind) for proposal in chosen]
        contradicts = (*dict.fromkeys(kinds), "setting")
        return FullCaption(caption, "rules", self.name, contradicts)


def _move(
    reading: ParsedCaption, slot: SettingSlot | None, draw: random.Random, vocabulary: Vocabulary
) -> Move | None:
    """The change of setting: in the place of the old one, at the end, or before it all."""
    if slot is None:
        return None
    elsewhere = vocabulary.elsewhere(" ".join(reading.lower))
    if not elsewhere:
        return None
    place = slot.replaced
    # Short captions need a phrase that says more.
    least = FEWEST_WORDS - len(reading) + (place[1] - place[0] if place else 0)
    phrase = draw.choice([p for p in elsewhere if len(p.split()) >= least] or elsewhere)
    if place is not None:
        return Move((TokenPiece(*place, phrase),))
    if slot.end is not None:
        return Move((TokenPiece(slot.end, slot.end, phrase),))
    return Move(before=phrase)


def _moves_itself(chosen: Sequence[Proposal]) -> bool:
    """Whether one of the edits, besides two others, takes the scene elsewhere."""
    movers = sum(proposal.subkind in setting_groups() for proposal in chosen)
    return movers > 0 and len(chosen) > FEWEST_EDITS


def _varied(proposals: Sequence[Proposal], draw: random.Random) -> list[Proposal]:
    """The proposals in a random order that puts a new kind before one already there."""
    shuffled = list(proposals)
    draw.shuffle(shuffled)
    seen: dict[EditKind, int] = {}
    rank: dict[int, int] = {}
    for proposal in shuffled:
        rank[id(proposal)] = seen.setdefault(proposal.kind, 0)
        seen[proposal.kind] += 1
    # A place among other things is the smallest change.
    return sorted(shuffled, key=lambda p: (p.kind is EditKind.RELATION, rank[id(p)]))
