"""Words that captions hardly hold together, as counted by `pipeline.edits.parse.word_pairs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from pydantic import Field

from pipeline.edits.lexicon.files import Table, load_lexicon_file

LEAST_EXPECTED = 1.2
"""Captions that would hold both words by chance, before their absence says anything."""

_NONE: frozenset[str] = frozenset()


class Apart(Table):
    """The content of apart.toml.

    Attributes:
        captions: How many were counted.
        counts: Word → captions with it; of rarer words nothing is known.
        words: Word → later words of the alphabet that hardly stand in one caption with it.
    """

    captions: int = Field(gt=0)
    counts: Mapping[str, int]
    words: Mapping[str, frozenset[str]] = Field(min_length=1)

    def keeps_apart(self, one: Sequence[str], other: Sequence[str]) -> bool:
        """Whether captions hardly hold two words together.

        Args:
            one: A word, then its group if it has one: asked where too little is known of the word.
            other: The same of another.
        """
        for depth in range(len(one) + len(other) - 1):
            known = [
                (a, b)
                for i, a in enumerate(one)
                for j, b in enumerate(other)
                if i + j == depth and self._expected(a, b) >= LEAST_EXPECTED
            ]
            if known:
                return any(max(pair) in self.words.get(min(pair), _NONE) for pair in known)
        return False

    def _expected(self, one: str, other: str) -> float:
        return self.counts.get(one, 0) * self.counts.get(other, 0) / self.captions


@cache
def load_apart() -> Apart:
    """Read apart.toml once."""
    return load_lexicon_file("apart", Apart)
