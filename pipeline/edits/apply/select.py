"""Which of the possible edits an anchor keeps, decided by hash and nothing else.

The choice depends on the run seed and the anchor alone, so it never changes with the
batch, the worker or a resume.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from pipeline.core.ids import derive_seed
from pipeline.core.records import EditKind, Role
from pipeline.edits.apply.proposal import Proposal

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


MOST_AT_A_PLACE = 2
"""Edits kept of one word: a third replacement of it teaches little."""

MOST_OF_KIND = {EditKind.COUNT: 1, EditKind.NEGATION: 1, EditKind.RELATION: 1}
"""Edits kept of one word and kind, where that is fewer."""

RARE = 2.0
"""Frequency, in 10,000 captions, of a word that is not in the table."""


class Selector:
    """Orders proposals: other kinds first, then other places, then other words."""

    def __init__(
        self,
        run_seed: int,
        weights: Mapping[EditKind, float] | None = None,
        frequency: Mapping[str, Mapping[str, float]] | None = None,
    ) -> None:
        """Remember what decides.

        Args:
            run_seed: Seed of every draw.
            weights: Kind → how much of it is wanted; 1 for kinds not named.
            frequency: Kind → decisive words → how often 10,000 captions hold them.
        """
        self._run_seed = run_seed
        self._weights = dict(weights or {})
        self._frequency = frequency or {}

    def wants(self, anchor_id: str, proposal: Proposal) -> bool:
        """Whether a proposal's place is among the share that its kind and its rule want.

        Drawn by hash, so the mix of kinds holds over any stream, however it is cut into shards.
        """
        weight = self._weights.get(proposal.kind, 1.0) * proposal.share
        if weight >= 1:
            return True
        place = ":".join(map(str, _word_of_kind(proposal)))
        return derive_seed(self._run_seed, anchor_id, f"want {place}") < weight * 2**63

    def order(
        self,
        anchor_id: str,
        proposals: Sequence[Proposal],
        *,
        preferred: Sequence[Proposal] = (),
        kept: Counter[EditKind] | None = None,
    ) -> Iterator[Proposal]:
        """Yield proposals, the most wanted first, and few for the same place.

        One proposal of each kind comes before the second of any; of a kind with a weight of
        two, two come before the second of the others. Within a kind, one for each place in the
        text comes before a second for the same place.

        Args:
            anchor_id: Decides the order.
            proposals: All of them.
            preferred: Those of a language model, tried before the others of their kind, in this
                order.
            kept: How many of each kind were kept so far, as the caller goes on; with it, a kind's
                turn lasts until one is kept, so that a refused proposal takes no turn. The kind
                that only a few captions have keeps a place.
        """
        # Not for secrets: a reproducible draw.
        draw = random.Random(derive_seed(self._run_seed, anchor_id, "select"))  # noqa: S311
        queues = self._queues(proposals, draw)
        weights = [RARITY.get(kind, 1.0) * self._weights.get(kind, 1.0) for kind in queues]
        kinds = _weighted(list(queues), weights, draw)
        rank = {id(proposal): place for place, proposal in enumerate(preferred)}
        if rank:
            for queue in queues.values():
                queue.sort(key=lambda proposal: rank.get(id(proposal), len(rank)))
            asked = {proposal.kind for proposal in preferred}
            kinds.sort(key=lambda kind: (kind is not EditKind.CAUSAL_ORDER, kind not in asked))
        while kinds:
            for kind in list(kinds):
                turns = max(1, int(self._weights.get(kind, 1.0)))
                while turns and queues[kind]:
                    before = kept[kind] if kept is not None else -1
                    yield queues[kind].pop(0)
                    if kept is None or kept[kind] > before:
                        turns -= 1
                if not queues[kind]:
                    kinds.remove(kind)

    def _queues(
        self, proposals: Sequence[Proposal], draw: random.Random
    ) -> dict[EditKind, list[Proposal]]:
        """Proposals of each kind, places interleaved, drawn by weight within a place.

        A refused proposal may be followed by others for its place, so more than the kept
        number are queued; :class:`PlaceLimit` counts those that are kept.
        """
        places: dict[EditKind, dict[tuple[int, int], list[Proposal]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for proposal in proposals:
            kind, start, end = place_of(proposal)
            places[kind][start, end].append(proposal)
        queues: dict[EditKind, list[Proposal]] = {}
        for kind, by_place in places.items():
            drawn = [self.drawn(group, draw) for group in by_place.values()]
            drawn = _weighted(drawn, [max(p.weight for p in group) for group in drawn], draw)
            queues[kind] = [
                group[round_]
                for round_ in range(max(map(len, drawn)))
                for group in drawn
                if round_ < len(group)
            ]
        return queues

    def drawn(self, group: Sequence[Proposal], draw: random.Random) -> list[Proposal]:
        """Proposals for one place, those first whose new words captions hold oftener."""
        return _weighted(list(group), [self._wanted(proposal) for proposal in group], draw)

    def _wanted(self, proposal: Proposal) -> float:
        """Weight of a proposal among those for the same place: as often as captions hold its words.

        If new words were drawn evenly, white → black would be far more frequent than black →
        white, because captions hold white more often.
        """
        known = self._frequency.get(str(proposal.kind), {})
        return proposal.weight * known.get(proposal.new.lower(), RARE)


class PlaceLimit:
    """Keeps one anchor's edits from piling up on the same word.

    No word is edited more than :data:`MOST_AT_A_PLACE` times, whatever the kinds; edits of a
    wording of their own are counted by kind and words, as their tokens are others.
    """

    def __init__(self, choices: int = 1) -> None:
        """Keep nothing yet.

        Args:
            choices: Edits kept for each one wanted, where later checks choose among them.
        """
        self._kept: Counter[tuple[str, str, int]] = Counter()
        self._choices = choices

    def allows(self, proposal: Proposal) -> bool:
        """Whether another edit may be kept at this place."""
        most = MOST_OF_KIND.get(proposal.kind, MOST_AT_A_PLACE)
        if self._kept[_word_of_kind(proposal)] >= most * self._choices:
            return False
        return self._kept[_word(proposal)] < MOST_AT_A_PLACE * self._choices

    def keep(self, proposal: Proposal) -> None:
        """Count a kept edit."""
        self._kept.update((_word(proposal), _word_of_kind(proposal)))


def _word(proposal: Proposal) -> tuple[str, str, int]:
    """What an edit is about: the last word of its first decisive piece."""
    if proposal.wording is not None:
        return "", f"{proposal.kind} {proposal.old}", 0
    _, start, end = place_of(proposal)
    return "", "before" if start == end else "", end


def _word_of_kind(proposal: Proposal) -> tuple[str, str, int]:
    """The same for edits of one kind, in whose wordings the same words may stand elsewhere."""
    if proposal.wording is not None and proposal.place is None:
        return proposal.kind, proposal.old, 0
    _, start, end = place_of(proposal)
    return proposal.kind, "before" if start == end else "", end


def place_of(proposal: Proposal) -> tuple[EditKind, int, int]:
    """Kind and half-open tokens of what a proposal is about."""
    if proposal.place is not None:
        return proposal.kind, *proposal.place
    first = next(piece for piece in proposal.pieces if piece.role is Role.EDIT)
    return proposal.kind, first.start, first.end


def _weighted(items: list[T], weights: list[float], draw: random.Random) -> list[T]:
    """Shuffle so that a heavier item tends to come first (Efraimidis and Spirakis, 2006)."""
    keys = [draw.random() ** (1.0 / weight) for weight in weights]
    return [items[i] for i in sorted(range(len(items)), key=lambda i: -keys[i])]
