"""The words of a text, as everything that counts words sees them."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_LETTERS_OR_NUMBER: Final = re.compile(r"[^\W\d_]+|\d+")


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation."""
    return _WORD.findall(text.lower())


def letters_and_numbers(text: str) -> str:
    """What stays of a text without case, spaces and punctuation: `Do n't!` and `don't` are alike.

    Numbers stay apart, so that 1.5 is not 15.
    """
    parts = _LETTERS_OR_NUMBER.findall(text.casefold())
    return "".join(f" {part} " if part[0].isdigit() else part for part in parts)
