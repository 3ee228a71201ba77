"""Everything that the rules offer for captions, from which a balance table is counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.core.records import Anchor
from pipeline.edits.apply.case import plain_text
from pipeline.edits.apply.choose import Made
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.parse.spacy_pipeline import Parser

if TYPE_CHECKING:
    from spacy.tokens import Doc


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything that the rules offer for one anchor, already applied and checked.

    Attributes:
        anchor_id: The anchor.
        proposals: In the order of the rules.
        made: What each of them makes, by `id` of the proposal.
    """

    anchor_id: str
    proposals: tuple[Proposal, ...]
    made: Mapping[int, Made]


def collect_offers(
    batch: Sequence[Anchor],
    parser: Parser,
    propose: Callable[[Doc], Sequence[Proposal]],
    make: Callable[[Doc, Proposal], Made],
) -> list[Offer]:
    """All that is offered for each anchor, applied and checked and nothing chosen.

    Args:
        batch: The anchors.
        parser: Reads their captions.
        propose: Gives what the rules find.
        make: Applies a proposal and checks what it makes.
    """
    found = []
    blank = parser.nlp.make_doc("")
    docs = parser.parse(plain_text(anchor.caption) for anchor in batch)
    for anchor, doc in zip(batch, docs, strict=True):
        made = [(one, make(doc, one)) for one in propose(doc)]
        # Without the docs that they were made of, which would fill the memory.
        light = [
            (replace(one, wording=blank) if one.wording is not None else one, result)
            for one, result in made
        ]
        found.append(
            Offer(
                anchor.anchor_id,
                tuple(one for one, _ in light),
                {id(one): result for one, result in light},
            )
        )
    return found
