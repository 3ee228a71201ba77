"""Complete counterfactuals made of the anchor's own caption, by several edits at once.

They keep the kind of scene and change what decides it: a man riding a horse on a beach becomes a
woman leading a horse in a forest. They stand in where no caption of the source is akin.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from pipeline.core.ids import derive_seed
from pipeline.core.records import EditKind, FullCaption
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.complete.combine import combine
from pipeline.edits.complete.settings import setting_groups
from pipeline.edits.complete.write_pieces import write_pieces
from pipeline.edits.parse.parsed_caption import ParsedCaption

if TYPE_CHECKING:
    from spacy.tokens import Doc

RULE: Final = "full.several_edits"

RANKS: Final = {
    EditKind.OBJECT: 1,
    EditKind.ACTION: 2,
    EditKind.ATTRIBUTE: 3,
    EditKind.RELATION: 4,
    EditKind.COUNT: 5,
}
"""Kinds that can be changed together without losing the sentence, what decides a scene first;
before them all comes another setting."""

DECIDING: Final = frozenset({EditKind.OBJECT, EditKind.ACTION})
"""Kinds of which one is among the edits: other colours alone are the same scene."""

SAME_SCENE: Final = frozenset(
    {"technique", "viewpoint", "listed", "background_foreground", "events", "seasons"}
)
"""Subkinds that change how a scene is shown, or one thing of many in it."""

FEWEST_EDITS, MOST_EDITS = 2, 3
MOST_CHOICES: Final = 8
"""Edits that a caption is composed from; more would only cost time."""


def compose_several(
    anchor_id: str,
    doc: Doc,
    parsed: ParsedCaption,
    proposals: Sequence[Proposal],
    is_usable: Callable[[Proposal], bool],
    wanted: int,
    *,
    run_seed: int,
) -> list[FullCaption]:
    """Up to `wanted` captions, each by two or three edits of different things.

    Args:
        anchor_id: Decides the draw.
        doc: The caption in its plain letters.
        parsed: What it says.
        proposals: What the rules offer for it.
        is_usable: Whether an edit is sound, and as frequent as its reverse: what gives nothing
            away alone gives nothing away beside others.
        wanted: Captions at most.
        run_seed: Seed of the draw.
    """
    found = [
        p
        for p in proposals
        if p.wording is None and p.kind in RANKS and p.subkind not in SAME_SCENE
    ]
    # Before any is applied and checked, which costs far more.
    if len({_place(p) for p in found}) < FEWEST_EDITS or DECIDING.isdisjoint(p.kind for p in found):
        return []
    captions: dict[str, FullCaption] = {}
    for number in range(wanted):
        # Not for secrets: a reproducible draw.
        seed = derive_seed(run_seed, anchor_id, f"{RULE} {number}")
        order = _in_order(found, random.Random(seed))  # noqa: S311
        chosen = combine(parsed, list(_usable(order, is_usable)), frozenset(), MOST_EDITS)
        kinds = [proposal.kind for proposal in chosen]
        if len(chosen) < FEWEST_EDITS or DECIDING.isdisjoint(kinds):
            continue
        pieces = [piece for proposal in chosen for piece in proposal.pieces]
        caption = write_pieces(doc, pieces, "")
        contradicts = tuple(dict.fromkeys(_respect(proposal) for proposal in chosen))
        captions.setdefault(caption, FullCaption(caption, "rules", RULE, contradicts))
    return list(captions.values())


def _in_order(proposals: Sequence[Proposal], draw: random.Random) -> list[Proposal]:
    """The proposals in a random order of what decides the scene first."""
    found = list(proposals)
    draw.shuffle(found)
    return sorted(found, key=lambda p: 0 if p.subkind in setting_groups() else RANKS[p.kind])


def _place(proposal: Proposal) -> tuple[int, int]:
    """The words of the caption that it replaces first."""
    return proposal.pieces[0].start, proposal.pieces[0].end


def _usable(
    proposals: Sequence[Proposal], is_usable: Callable[[Proposal], bool]
) -> Iterator[Proposal]:
    """The first usable ones, no more than one for the same words of the caption."""
    taken: set[tuple[int, int]] = set()
    for proposal in proposals:
        place = _place(proposal)
        if place in taken or not is_usable(proposal):
            continue
        taken.add(place)
        yield proposal
        if len(taken) >= MOST_CHOICES:
            return


def _respect(proposal: Proposal) -> str:
    """In what an edit contradicts the caption."""
    return "setting" if proposal.subkind in setting_groups() else str(proposal.kind)
