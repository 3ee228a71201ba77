"""Chooses edits so that likelihood alone does not tell which caption is the factual one.

A model that takes the likelier caption for the true one is right on most edits of a factual
text, and a benchmark or training set made of them can be solved without looking at the
picture (SugarCrepe, Hsieh et al. 2023). So in each kind the edits of the rarer sign are
kept, and beside each of them one of the other sign whose gap is about as large.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pipeline.core.records import CaptionEdit, EditKind, Role
from pipeline.text_checks.examined import Made

Place = tuple[str, str]

FULL = "full"
"""Kind of every complete counterfactual."""

PLACE_LIMIT = 2
"""Edits kept of one kind at one place of a caption."""

PLACE_LIMITS: Mapping[str, int] = {EditKind.COUNT: 1, EditKind.NEGATION: 1}
"""The same for kinds of which fewer are kept."""

SPREAD_NATS = 1.5
"""How much worse a match may be, for each edit that the anchor already has, before an
anchor with fewer edits is served instead."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A counterfactual caption that passed every other check.

    Attributes:
        anchor: Index of its set in the shard.
        made: The caption.
        gap_nats: How much less likely it is than its factual wording.
    """

    anchor: int
    made: Made
    gap_nats: float

    @property
    def kind(self) -> str:
        """Edit kind, or :data:`FULL`."""
        return self.made.kind if isinstance(self.made, CaptionEdit) else FULL

    @property
    def place(self) -> Place:
        """What stands before the decisive words, which is the same however these are put."""
        if not isinstance(self.made, CaptionEdit):
            return FULL, self.made.caption
        first = next(piece for piece in self.made.replacements if piece.role is Role.EDIT)
        return self.made.kind, self.made.factual[: first.start]


class _Signs(NamedTuple):
    """A kind's candidates by the sign of their gap; `rare` is the sign with fewer."""

    rare: list[int]
    common: list[int]
    ties: list[int]


@dataclass(frozen=True, slots=True)
class Choice:
    """What became of the candidates, by index.

    Attributes:
        kept: Chosen.
        surplus: Left out because their anchor has as many as wanted.
        giveaway: Left out because nothing of the other sign stands against them.
    """

    kept: frozenset[int]
    surplus: frozenset[int]
    giveaway: frozenset[int]


class _Room:
    """What each anchor can still take."""

    def __init__(self, candidates: Sequence[Candidate], most: int) -> None:
        self._candidates = candidates
        self._most = most
        anchors = max((one.anchor for one in candidates), default=-1) + 1
        self.taken = np.zeros(anchors, dtype=np.int64)
        self._places: Counter[tuple[int, Place]] = Counter()
        self.kept: set[int] = set()

    def fits(self, index: int, most: int | None = None) -> bool:
        one = self._candidates[index]
        if self.taken[one.anchor] >= (self._most if most is None else most):
            return False
        limit = PLACE_LIMITS.get(one.kind, PLACE_LIMIT)
        return self._places[one.anchor, one.place] < limit

    def take(self, index: int) -> None:
        self._count(index, 1)
        self.kept.add(index)

    def give_back(self, index: int) -> None:
        self._count(index, -1)
        self.kept.remove(index)

    def _count(self, index: int, step: int) -> None:
        one = self._candidates[index]
        self.taken[one.anchor] += step
        self._places[one.anchor, one.place] += step


def choose_balanced(
    candidates: Sequence[Candidate], most: int, blind_accuracy: float = 0.5
) -> Choice:
    """Choose at most `most` captions for each anchor, balanced in each kind over all anchors.

    The result depends on the candidates and their order alone.

    Args:
        candidates: Of a whole shard; those of an anchor in the order of preference.
        most: Edits kept for an anchor.
        blind_accuracy: Largest share of a kind, in [0.5, 1), in which the likelier caption
            may be the factual one; and the same for the less likely one.
    """
    room = _Room(candidates, most)
    kinds: dict[str, list[int]] = defaultdict(list)
    for index, one in enumerate(candidates):
        kinds[one.kind].append(index)
    # Kinds with few candidates choose first: the others have edits to spare.
    ordered = sorted(kinds, key=lambda kind: (len(kinds[kind]), kind))
    split = {kind: _split(candidates, kinds[kind]) for kind in ordered}
    # Half of an anchor's room stays free for what stands against the rarer sign.
    _take_in_turns(candidates, [split[kind].rare for kind in ordered], room, (most + 1) // 2)
    for kind in ordered:
        rare = [i for i in split[kind].rare if i in room.kept]
        matched = _match(candidates, rare, split[kind].common, room, blind_accuracy)
        _trim(candidates, rare, matched, room, blind_accuracy)
    _take_in_turns(candidates, [split[kind].ties for kind in ordered], room, most)
    left = [i for i in range(len(candidates)) if i not in room.kept]
    surplus = frozenset(i for i in left if not room.fits(i))
    return Choice(frozenset(room.kept), surplus, frozenset(left) - surplus)


def choose_in_order(candidates: Sequence[Candidate], most: int) -> frozenset[int]:
    """Indices of the first `most` captions of each anchor, few of them for the same words."""
    room = _Room(candidates, most)
    for index in range(len(candidates)):
        if room.fits(index):
            room.take(index)
    return frozenset(room.kept)


def _split(candidates: Sequence[Candidate], indices: list[int]) -> _Signs:
    less = [i for i in indices if candidates[i].gap_nats > 0]
    more = [i for i in indices if candidates[i].gap_nats < 0]
    ties = [i for i in indices if candidates[i].gap_nats == 0]
    return _Signs(more, less, ties) if len(more) <= len(less) else _Signs(less, more, ties)


def _take_in_turns(
    candidates: Sequence[Candidate], by_kind: Sequence[list[int]], room: _Room, most: int
) -> None:
    """Keep up to `most` for an anchor: one of each kind before the second of any."""
    turns: dict[int, list[int]] = defaultdict(list)
    for indices in by_kind:
        seen: Counter[int] = Counter()
        for index in indices:
            anchor = candidates[index].anchor
            turns[seen[anchor]].append(index)
            seen[anchor] += 1
    for turn in sorted(turns):
        for index in turns[turn]:
            if room.fits(index, most):
                room.take(index)


def _match(
    candidates: Sequence[Candidate],
    rare: list[int],
    common: list[int],
    room: _Room,
    blind_accuracy: float,
) -> int:
    """Keep, for each rare one, a common one of about the same size; then what else is allowed.

    Returns:
        How many common ones were kept.
    """
    sizes = np.array([abs(candidates[i].gap_nats) for i in common])
    anchors = np.array([candidates[i].anchor for i in common], dtype=np.int64)
    # Large gaps first: there are few that match them. Beyond one to one, small gaps.
    wanted = sorted((abs(candidates[i].gap_nats) for i in rare), reverse=True)
    wanted += [0.0] * (_allowed(len(rare), blind_accuracy) - len(rare))
    free = np.ones(len(common), dtype=np.bool_)
    kept = 0
    for size in wanted:
        while free.any():
            worse = np.abs(sizes - size) + SPREAD_NATS * room.taken[anchors]
            best = int(np.where(free, worse, np.inf).argmin())
            free[best] = False
            if room.fits(common[best]):
                room.take(common[best])
                kept += 1
                break
    return kept


def _trim(
    candidates: Sequence[Candidate],
    rare: list[int],
    matched: int,
    room: _Room,
    blind_accuracy: float,
) -> None:
    """Give back the largest rare ones where too few common ones were found."""
    by_size = sorted(rare, key=lambda i: (-abs(candidates[i].gap_nats), i))
    for index in by_size[: max(0, len(rare) - _allowed(matched, blind_accuracy))]:
        room.give_back(index)


def _allowed(number: int, blind_accuracy: float) -> int:
    """How many of one sign may stand against so many of the other."""
    return math.floor(number * blind_accuracy / (1 - blind_accuracy) + 1e-9)
