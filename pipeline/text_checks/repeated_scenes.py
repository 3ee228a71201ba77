"""Complete counterfactuals that a language model gives to several anchors of a shard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from pipeline.core.records import CaptionEdit, FullCaption
from pipeline.core.stage import Fault
from pipeline.text_checks.examined import Examined, Made

RULES = "rules"
"""Proposer of what no language model wrote."""


def repeated_scenes(sets: Iterable[Examined]) -> Callable[[Made], Fault | None]:
    """Refuses another scene that a language model gave to several anchors: it fits none of them."""
    anchors: dict[str, set[str]] = defaultdict(set)
    for one in sets:
        for full in one.full:
            if full.proposer != RULES:
                anchors[_scene_of(full)].add(one.cfset.anchor.caption)

    def fault(made: Made) -> Fault | None:
        if isinstance(made, CaptionEdit) or made.proposer == RULES:
            return None
        number = len(anchors[_scene_of(made)])
        if number < 2:
            return None
        return Fault("text.repeated_scene", f"written for {number} anchors of the shard")

    return fault


def _scene_of(full: FullCaption) -> str:
    return " ".join(full.caption.casefold().rstrip(" .").split())
