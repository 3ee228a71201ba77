"""What an edit changes, as a reader without a picture sees it: the features of its direction.

Every feature is counted in the counterfactual less in the factual wording, so that the reverse
of an edit has the same features with the other sign.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from pipeline.core.records import CaptionEdit, EditKind
from pipeline.core.words import words_of

WORDS: Final = "#words"
CHARACTERS: Final = "#characters"
PLURAL: Final = "#plural"
SINGULAR: Final = frozenset({"a", "a single", "one", "1", "the", "bare"})
NUMBERS: Final = (
    *("a single", "a", "an", "one", "the", "many", "two", "three", "four", "five", "six", "ten"),
    *map(str, range(1, 21)),
)
"""How captions say a number before its noun."""

_NUMBER: Final = re.compile(f"({'|'.join(NUMBERS)}) ")

CHARACTERS_A_UNIT: Final = 20.0
"""Characters that count as one, so that length weighs about as a word does."""


def features_of(edit: CaptionEdit) -> Mapping[str, float]:
    """Words, pairs of neighbouring words, lengths and the exchange itself, each with its sign."""
    caption = edit.caption
    old, new = _factual_words(edit.factual), words_of(caption)
    found: dict[str, float] = {}
    changed_old, changed_new = _around_changes(old, new)
    for name in changed_new:
        found[name] = found.get(name, 0.0) + 1.0
    for name in changed_old:
        found[name] = found.get(name, 0.0) - 1.0
    features = {name: count for name, count in found.items() if count}
    if len(new) != len(old):
        features[WORDS] = float(len(new) - len(old))
    characters = len(caption) - len(edit.factual)
    if characters:
        features[CHARACTERS] = characters / CHARACTERS_A_UNIT
    features |= _exchange(edit.old.lower(), edit.new.lower())
    if edit.kind is EditKind.COUNT:
        old_number, new_number = _numbers(edit.old.lower(), edit.new.lower())
        features |= _exchange(f"#{old_number}", f"#{new_number}")
        plural = (new_number not in SINGULAR) - (old_number not in SINGULAR)
        if plural:
            features[PLURAL] = float(plural)
    return features


@lru_cache(maxsize=16)
def _factual_words(factual: str) -> Sequence[str]:
    """The words of a factual wording, which the edits of a caption share."""
    return words_of(factual)


def _exchange(old: str, new: str) -> dict[str, float]:
    """The two words that are exchanged, whichever way, and which way."""
    if old == new:
        return {}
    return {f"{old}|{new}": 1.0} if old < new else {f"{new}|{old}": -1.0}


def _numbers(old: str, new: str) -> tuple[str, str]:
    """How the number is said on both sides, whatever the noun: "a boat", "boats" → "a", "some"."""
    found = [_NUMBER.match(words) for words in (old, new)]
    said = [match[1] if match else "" for match in found]
    said = ["a" if number == "an" else number for number in said]
    if not any(said):
        return "bare", "some"
    # A bare noun is one of several beside a single one, and a single one beside a number.
    return tuple(  # type: ignore[return-value]
        number or ("some" if other in SINGULAR else "bare")
        for number, other in zip(said, reversed(said), strict=True)
    )


def _around_changes(old: Sequence[str], new: Sequence[str]) -> tuple[list[str], list[str]]:
    """Words and pairs of both wordings, without those that they share at either end."""
    start = 0
    most = min(len(old), len(new))
    while start < most and old[start] == new[start]:
        start += 1
    end = 0
    while end < most - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return _words_and_pairs(old, start, len(old) - end), _words_and_pairs(
        new, start, len(new) - end
    )


def _words_and_pairs(words: Sequence[str], start: int, end: int) -> list[str]:
    """The words from `start` to `end`, and every pair that one of them, or a gap there, is in."""
    padded = ["^", *words, "$"]
    pairs = [f"{padded[i]} {padded[i + 1]}" for i in range(start, end + 1)]
    return [*words[start:end], *pairs]
