"""Keeps few pairs of words, and one direction of them, from making up a shard's edits.

Captions say "white" far more often than "green", and hardly ever "next to the table" where they
could say "on the table". What the rules make of them therefore often puts the same words in,
and a model learns that those words are wrong. Both directions of a pair about equally often
leaves it the picture to go by.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipeline.core.ids import content_id
from pipeline.core.records import CaptionEdit, EditKind

GIVEN_BY_FACTS = frozenset({EditKind.NEGATION, EditKind.SWAP, EditKind.CAUSAL_ORDER})
"""Kinds without a way back: what is denied or exchanged follows from what is there."""


class Pair(NamedTuple):
    """Words that leave a caption, and those that come in their place."""

    kind: EditKind
    old: str
    new: str

    @property
    def back(self) -> Pair:
        """The same pair the other way round."""
        return Pair(self.kind, self.new, self.old)


def surplus(
    edits: Sequence[tuple[str, CaptionEdit]], cap: int | None, direction_ratio: float | None
) -> Mapping[int, str]:
    """Which edits of a shard are too many of their pair, and why.

    Which of a pair's edits stay is drawn by hash, so it depends on neither order nor worker.

    Args:
        edits: Anchor id and edit.
        cap: Most edits of a pair; None for any number.
        direction_ratio: How many times as often as back a pair may come, ≥ 1; one that never
            comes back counts as once. None for any.

    Returns:
        Index → what was seen, for each edit to leave out.
    """
    by_pair: dict[Pair, list[int]] = defaultdict(list)
    for index, (_, edit) in enumerate(edits):
        by_pair[Pair(edit.kind, edit.old.lower(), edit.new.lower())].append(index)
    out: dict[int, str] = {}
    for pair, indices in by_pair.items():
        most: float = math.inf if cap is None else cap
        back = min(len(by_pair.get(pair.back, ())), most)
        if direction_ratio is not None and pair.kind not in GIVEN_BY_FACTS:
            most = min(most, math.ceil(direction_ratio * max(1, back)))
        if len(indices) <= most:
            continue
        drawn = sorted(indices, key=lambda i: content_id("pair", edits[i][0], edits[i][1].caption))
        seen = f"{pair.old!r} → {pair.new!r} {len(indices)} times in the shard, back {back}"
        out |= dict.fromkeys(drawn[int(most) :], f"{seen}; at most {int(most)} stay")
    return out
