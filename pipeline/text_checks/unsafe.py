"""Refuses text that must be neither written nor drawn, by a short list of words and phrases."""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class UnsafeTerms:
    """The compiled list.

    Attributes:
        pattern: Finds a term; the name of the matched group is its area.
        introduced: Finds a term that a caption may hold, but no edit may bring in.
        harmless: Finds phrases in which a term means no harm.
        fingerprint: Name of the list's content.
    """

    pattern: re.Pattern[str]
    introduced: re.Pattern[str]
    harmless: re.Pattern[str]
    fingerprint: str

    def find(self, text: str) -> str | None:
        """The first unsafe term of a text as "area: term", or None.

        Case, doubled spaces and full-width or styled letters make no difference.
        """
        match = self.pattern.search(self._searched(text))
        return f"{match.lastgroup}: {match.group()}" if match else None

    def find_introduced(self, text: str, factual: str) -> str | None:
        """The first term that a text holds and its factual wording does not, or None."""
        own = set(self.introduced.findall(self._searched(factual)))
        for match in self.introduced.finditer(self._searched(text)):
            if match.group() not in own:
                return f"introduced: {match.group()}"
        return None

    def _searched(self, text: str) -> str:
        plain = unicodedata.normalize("NFKC", text).casefold()
        return self.harmless.sub(" ", plain)


@cache
def load_unsafe_terms() -> UnsafeTerms:
    """Read the packaged list once."""
    text = (files("pipeline.text_checks") / "unsafe.toml").read_text("utf-8")
    table = tomllib.loads(text)
    areas = {
        area: entry["terms"]
        for area, entry in table.items()
        if area not in {"harmless", "introduced"}
    }
    groups = [f"(?P<{area}>{_any_of(terms)})" for area, terms in areas.items()]
    return UnsafeTerms(
        re.compile("|".join(groups)),
        re.compile(_any_of(table["introduced"]["terms"])),
        re.compile(_any_of(table["harmless"])),
        hashlib.sha256(text.encode()).hexdigest()[:16],
    )


def _any_of(terms: Iterable[str]) -> str:
    """A pattern for any of the terms as whole words."""
    ordered = sorted(terms, key=lambda term: (-len(term), term))
    return r"\b(?:" + "|".join(_pattern(term) for term in ordered) + r")\b"


def _pattern(term: str) -> str:
    words = [re.escape(word).replace(r"\*", r"\w*") for word in term.split(" ")]
    return r"\s+".join(words)
