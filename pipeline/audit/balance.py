"""Whether edits go as often one way as the other: which words replace which, and how often back.

A set of edits in which "man" becomes "woman" often and hardly ever the reverse teaches that
"woman" is the wrong word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pipeline.core.words import words_of

LEAST: Final = 20
"""Edits of a pair or a word, both ways together, from which on it can be marked."""

SKEW: Final = 0.8
"""It is marked where so large a share goes one way."""

SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class EditWords:
    """The decisive words of one edit.

    Attributes:
        kind: Edit kind.
        old: In the factual wording.
        new: In the counterfactual.
        is_kept: Whether it is in the data, or was refused on the way.
    """

    kind: str
    old: str
    new: str
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Skew:
    """How often something went one way and how often back.

    Attributes:
        kind: Edit kind; "any" for a word over all kinds.
        old: Decisive words before; for a word, the word where it left.
        new: Decisive words after; empty for a word.
        there: Edits from old to new that are kept; for a word, in which it left.
        back: Edits from new to old that are kept; for a word, in which it came in.
        there_before: The same with the refused ones.
        back_before: The same with the refused ones.
        is_marked: Whether the kept ones are a finding.
    """

    kind: str
    old: str
    new: str
    there: int
    back: int
    there_before: int
    back_before: int
    is_marked: bool

    @property
    def in_words(self) -> str:
        """What went which way how often, of the kept ones."""
        if self.new:
            return (
                f"{self.kind} {self.old!r} → {self.new!r} {self.there:,} times, back {self.back:,}"
            )
        return f"{self.old!r} leaves {self.there:,} captions and comes into {self.back:,}"


@dataclass(frozen=True, slots=True)
class Balance:
    """The most skewed pairs and words, the worst first.

    Attributes:
        kept: Edits in the data.
        before: Edits with the refused ones.
        pairs: Of decisive words within a kind.
        words: Single words over all kinds.
    """

    kept: int
    before: int
    pairs: tuple[Skew, ...] = field(repr=False)
    words: tuple[Skew, ...] = field(repr=False)


class BalanceCount:
    """Counts edits one by one; memory grows with the different pairs, not with the edits."""

    def __init__(self) -> None:
        self._pairs: dict[bool, Counter[tuple[str, str, str]]] = {True: Counter(), False: Counter()}
        self._words: dict[bool, Counter[tuple[str, str, str]]] = {True: Counter(), False: Counter()}

    def add(self, edit: EditWords) -> None:
        """Count one edit; a kept one counts before selection as well."""
        old, new = words_of(edit.old), words_of(edit.new)
        for kept in {edit.is_kept, False}:
            self._pairs[kept][edit.kind, " ".join(old), " ".join(new)] += 1
            self._words[kept].update(("any", word, "") for word in set(old) - set(new))
            self._words[kept].update(("any", "", word) for word in set(new) - set(old))

    def balance(self) -> Balance:
        """What was counted so far."""
        return Balance(
            self._pairs[True].total(),
            self._pairs[False].total(),
            _most_skewed(self._pairs[True], self._pairs[False]),
            _most_skewed(self._words[True], self._words[False]),
        )


def _most_skewed(
    kept: Mapping[tuple[str, str, str], int], before: Mapping[tuple[str, str, str], int]
) -> tuple[Skew, ...]:
    """The pairs with the largest surplus one way among the kept ones."""
    found: list[Skew] = []
    for kind, old, new in before:
        there, back = kept.get((kind, old, new), 0), kept.get((kind, new, old), 0)
        before_there, before_back = before[kind, old, new], before.get((kind, new, old), 0)
        # Each pair once, from the side that has more; equal ones from the first in order.
        rank = (there, before_there, new)
        if rank < (back, before_back, old) or old == new:
            continue
        total = there + back
        marked = total >= LEAST and there >= SKEW * total
        # A word stands alone: its other side is empty, in whichever place.
        name, other = (new, "") if not old and kind == "any" else (old, new)
        if not old and kind == "any":
            there, back, before_there, before_back = back, there, before_back, before_there
        found.append(Skew(kind, name, other, there, back, before_there, before_back, marked))
    found.sort(key=lambda s: (-abs(s.there - s.back), -abs(s.there_before - s.back_before), s.kind,
                              s.old, s.new))  # fmt: skip
    return tuple(found[:SHOWN])


def changed_words(factual: str, caption: str) -> tuple[str, str]:
    """What differs between two wordings: the words left of both after what they share at
    either end is taken away.
    """
    old, new = factual.split(), caption.split()
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return " ".join(old[start : len(old) - end]), " ".join(new[start : len(new) - end])
