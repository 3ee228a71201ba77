"""Whether captions or pictures are in other data too, such as a benchmark: contamination."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pipeline.core.words import words_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEAR_CAPTIONS: Final = 0.8
"""Two captions are near duplicates where so large a share of all their words is in both
(Jaccard, 1912); the order of words and how often each comes do not count."""

LEAST_WORDS: Final = 5
"""Different words that a caption needs to be called a near duplicate: shorter ones are too like."""

NEAR_PICTURES: Final = 4
"""Two pictures are near duplicates where their hashes differ in so many of 64 bits at most."""

SHOWN: Final = 10

_CHUNK: Final = 1 << 22
"""Distances computed at once: 32 MB."""


@dataclass(frozen=True, slots=True)
class Match:
    """One thing of the run that is in the other data too.

    Attributes:
        here: Set and field in the run, such as "0a1b2c/min0.txt".
        there: Where it stands in the other data.
        likeness: 1 for the same; for near captions the share of common words, for pictures
            1 less the share of differing bits.
        text: The caption; empty for a picture.
    """

    here: str
    there: str
    likeness: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of one sort is in the other data too.

    Attributes:
        what: "factual captions", "counterfactual captions", "pictures".
        checked: How many of the run were looked up.
        others: How many of the other data they were looked up in.
        same: Captions equal but for case and punctuation; pictures with equal hashes.
        near: Near duplicates beyond these.
        examples: The first few.
    """

    what: str
    checked: int
    others: int
    same: int
    near: int
    examples: tuple[Match, ...]

    @property
    def is_marked(self) -> bool:
        """Whether anything was found."""
        return self.same + self.near > 0


class CaptionIndex:
    """Looks captions up among others, exactly, with no chance in it.

    A near duplicate must share one of the rarest words of either caption (prefix filtering,
    Chaudhuri, Ganti and Kaushik, ICDE 2006), so only those are compared.
    """

    def __init__(self, captions: Iterable[tuple[str, str]]) -> None:
        """Read the other captions, each with its name."""
        self._names: list[str] = []
        self._sets: list[frozenset[str]] = []
        self._same: dict[str, int] = {}
        self._sizes: Counter[str] = Counter()
        for name, text in captions:
            words = words_of(text)
            if not words:
                continue
            self._same.setdefault(" ".join(words), len(self._names))
            self._names.append(name)
            self._sets.append(frozenset(words))
            self._sizes.update(self._sets[-1])
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for index, words_there in enumerate(self._sets):
            for word in self._prefix(words_there):
                self._by_word[word].append(index)

    def __len__(self) -> int:
        return len(self._names)

    def find(self, here: str, text: str) -> Match | None:
        """The same caption, else the nearest near duplicate, the first of equal ones."""
        words = words_of(text)
        same = self._same.get(" ".join(words))
        if same is not None:
            return Match(here, self._names[same], 1.0, text)
        known = frozenset(words)
        if len(known) < LEAST_WORDS:
            return None
        best: tuple[float, int] | None = None
        for index in sorted(
            {i for word in self._prefix(known) for i in self._by_word.get(word, ())}
        ):
            likeness = _jaccard(known, self._sets[index])
            if likeness >= NEAR_CAPTIONS and (best is None or likeness > best[0]):
                best = likeness, index
        if best is None:
            return None
        # A caption of the same words in another order is near, not the same.
        return Match(here, self._names[best[1]], min(round(best[0], 4), 0.9999), text)

    def _prefix(self, words: frozenset[str]) -> list[str]:
        """Its rarest words, so many that a near duplicate must have one of them."""
        ordered = sorted(words, key=lambda word: (self._sizes[word], word))
        return ordered[: len(ordered) - math.ceil(NEAR_CAPTIONS * len(ordered)) + 1]


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    common = len(one & other)
    return common / (len(one) + len(other) - common)


class PictureIndex:
    """Looks pictures up among others by their perceptual hash."""

    def __init__(self, hashes: Iterable[tuple[str, int]]) -> None:
        """Read the hashes of the other pictures, each with its name."""
        named = list(hashes)
        self._names = [name for name, _ in named]
        self._hashes = np.array([value for _, value in named], dtype=np.uint64)

    def __len__(self) -> int:
        return len(self._names)

    def find_all(self, hashes: list[tuple[str, int]]) -> Iterator[Match]:
        """A match for each picture that has one, the nearest and the first of equal ones."""
        if not self._names or not hashes:
            return
        rows = max(1, _CHUNK // len(self._names))
        for start in range(0, len(hashes), rows):
            part = hashes[start : start + rows]
            values = np.array([value for _, value in part], dtype=np.uint64)
            apart = np.bitwise_count(values[:, None] ^ self._hashes[None, :])
            nearest: NDArray[np.intp] = apart.argmin(axis=1)
            for (here, _), column, bits in zip(part, nearest, apart.min(axis=1), strict=True):
                if bits <= NEAR_PICTURES:
                    yield Match(here, self._names[column], 1 - int(bits) / 64)


class OverlapCount:
    """Adds up matches of one sort."""

    def __init__(self, what: str, others: int) -> None:
        self._what = what
        self._others = others
        self._checked = self._same = self._near = 0
        self._examples: list[Match] = []

    def add(self, match: Match | None) -> None:
        """Count what was looked up, and what was found if anything."""
        self._checked += 1
        if match is None:
            return
        self._same += match.likeness == 1
        self._near += match.likeness < 1
        if len(self._examples) < SHOWN:
            self._examples.append(match)

    def overlap(self) -> Overlap:
        """What was counted so far."""
        return Overlap(
            self._what, self._checked, self._others, self._same, self._near, tuple(self._examples)
        )
