"""Which of the possible edits an anchor keeps, decided by hash and nothing else.

The choice depends on the run seed and the anchor alone, so it never changes with the
batch, the worker or a resume.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeVar

from pipeline.edits.proposal import Proposal
from pipeline.identity import derive_seed
from pipeline.records import EditKind

T = TypeVar("T")

RARITY = {
    EditKind.CAUSAL_ORDER: 8.0,
    EditKind.SWAP: 5.0,
    EditKind.RELATION: 4.0,
    EditKind.ACTION: 4.0,
    EditKind.NEGATION: 3.0,
    EditKind.COUNT: 3.0,
    EditKind.ATTRIBUTE: 2.0,
    EditKind.OBJECT: 1.0,
}
"""The rarer a kind among the proposals, the sooner it is taken."""


class Selector:
    """Orders proposals: other kinds first, then other places, then other words."""

    def __init__(self, run_seed: int) -> None:
        self._run_seed = run_seed

    def order(self, anchor_id: str, proposals: Sequence[Proposal]) -> Iterator[Proposal]:
        """Yield every proposal once, the most wanted first.

        One proposal of each kind comes before the second of any; within a kind, one for
        each place in the text comes before a second for the same place.
        """
        # Not for secrets: a reproducible draw.
        draw = random.Random(derive_seed(self._run_seed, anchor_id, "select"))  # noqa: S311
        queues = _queues(proposals, draw)
        kinds = _weighted(list(queues), [RARITY.get(kind, 1.0) for kind in queues], draw)
        while kinds:
            for kind in list(kinds):
                yield queues[kind].pop(0)
                if not queues[kind]:
                    kinds.remove(kind)


def _queues(proposals: Sequence[Proposal], draw: random.Random) -> dict[EditKind, list[Proposal]]:
    """Proposals of each kind, places interleaved, drawn by weight within a place."""
    places: dict[EditKind, dict[tuple[int, int], list[Proposal]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for proposal in proposals:
        first = proposal.pieces[0]
        places[proposal.kind][first.start, first.end].append(proposal)
    queues: dict[EditKind, list[Proposal]] = {}
    for kind, by_place in places.items():
        drawn = [
            _weighted(group, [proposal.weight for proposal in group], draw)
            for group in by_place.values()
        ]
        drawn = _weighted(drawn, [max(p.weight for p in group) for group in drawn], draw)
        queues[kind] = [
            group[round_]
            for round_ in range(max(map(len, drawn)))
            for group in drawn
            if round_ < len(group)
        ]
    return queues


def _weighted(items: list[T], weights: list[float], draw: random.Random) -> list[T]:
    """Shuffle so that a heavier item tends to come first (Efraimidis and Spirakis, 2006)."""
    keys = [draw.random() ** (1.0 / weight) for weight in weights]
    return [items[i] for i in sorted(range(len(items)), key=lambda i: -keys[i])]
