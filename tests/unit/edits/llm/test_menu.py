"""The menu of a small model: short, drawn for each anchor, heavier options first."""

from __future__ import annotations

from collections.abc import Sequence

import spacy

from pipeline.core.records import Anchor, EditKind
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.llm.menu import MAX_OPTIONS, build_menu
from pipeline.edits.llm.proposer import ProposerItem

NLP = spacy.blank("en")
CAPTION = "a red dog and two cats on a mat"


def offer(new: str, weight: float = 1.0) -> Proposal:
    pieces = (TokenPiece(1, 2, new),)
    return Proposal(EditKind.ATTRIBUTE, "x", pieces, "red", new, "rule", weight=weight)


def menu_of(proposals: Sequence[Proposal], anchor_id: str = "a1") -> dict[str, Proposal]:
    anchor = Anchor(anchor_id, CAPTION, CAPTION, "cc_tsv", "x.tsv:7")
    return build_menu(ProposerItem(anchor, NLP(CAPTION), proposals))["attribute"]


def test_it_is_short_and_the_same_every_time() -> None:
    offered = [offer(f"colour{i}") for i in range(40)]
    assert len(menu_of(offered)) == MAX_OPTIONS
    assert list(menu_of(offered)) == list(menu_of(offered))
    assert "red to blue" in menu_of([*offered, offer("blue", weight=1e6)])


def test_no_option_always_stands_first() -> None:
    offered = [offer("blue"), offer("green")]
    first = {next(iter(menu_of(offered, f"a{i}"))) for i in range(20)}
    assert first == {"red to blue", "red to green"}


def test_each_kind_has_options_and_what_is_deleted_has_a_name() -> None:
    deletion = Proposal(EditKind.NEGATION, "x", (TokenPiece(1, 2, ""),), "red", "", "rule")
    anchor = Anchor("a1", CAPTION, CAPTION, "cc_tsv", "x.tsv:7")
    menu = build_menu(ProposerItem(anchor, NLP(CAPTION), [offer("blue"), deletion]))
    assert {kind: list(options) for kind, options in menu.items()} == {
        "attribute": ["red to blue"], "negation": ["red to nothing"],
    }  # fmt: skip
    assert menu["negation"]["red to nothing"] is deletion
