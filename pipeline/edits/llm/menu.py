"""The options that a small model chooses from: edits that the rules found."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from pipeline.core.ids import derive_seed
from pipeline.edits.llm.proposer import ProposerItem

if TYPE_CHECKING:
    from pipeline.edits.apply.proposal import Proposal

MAX_OPTIONS = 6
"""Options of one kind that a small model chooses from; more only dilute its attention."""

OPTION = "{old} to {new}"
NOTHING = "nothing"
"""Stands in an option for what is inserted into or deleted from nothing."""


def build_menu(item: ProposerItem) -> dict[str, dict[str, Proposal]]:
    """Kind → option → the proposal behind it, at most :data:`MAX_OPTIONS` for each kind.

    Their order is a draw that depends on the anchor alone and favours heavier ones: small
    models mostly take what stands first, and a fixed order would make one option win always.
    """
    by_kind: dict[str, dict[str, Proposal]] = {}
    for proposal in item.proposals:
        label = OPTION.format(old=proposal.old or NOTHING, new=proposal.new or NOTHING)
        by_kind.setdefault(proposal.kind.value, {}).setdefault(label, proposal)
    draw = partial(_waiting_time, item.anchor.anchor_id)
    menu: dict[str, dict[str, Proposal]] = {}
    for kind, named in by_kind.items():
        order = sorted(named, key=lambda label: draw(kind, label, named[label].weight))
        menu[kind] = {label: named[label] for label in order[:MAX_OPTIONS]}
    return menu


def _waiting_time(anchor_id: str, kind: str, label: str, weight: float) -> float:
    """Of an option in a weighted draw without replacement; the least wins."""
    uniform = (derive_seed(0, anchor_id, f"{kind} {label}") + 1) / 2**63
    return -math.log(uniform) / weight
