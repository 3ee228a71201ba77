"""With what captions have one of a thing and several of it, as counted by `rules.count.companions`.

Several people do not sit on one skateboard, and one alone does not sit around a table: what stands
beside a number goes with it, as captions show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, cached_property

from pydantic import Field

from pipeline.edits.lexicon.files import Table, load_lexicon_file

AT = "at: "
"""Begins the companions of what is no main thing."""

UNSEEN = 5
"""Captions with the usual numbers that each companion is taken to have besides those counted."""

LEAST = 0.4
"""Of how often a number usually comes; beside a companion with which it comes less it stays out."""


class Companions(Table):
    """The content of companions.toml.

    Attributes:
        counts: Companion → captions with one, and captions with several.
    """

    counts: Mapping[str, tuple[int, int]] = Field(min_length=1)

    def allow(self, companions: Iterable[str], *, plural: bool) -> bool:
        """Whether no companion speaks against one thing, or several."""
        return all(self._goes_with(name, plural) for name in companions)

    def _goes_with(self, name: str, plural: bool) -> bool:
        both = self.counts.get(name)
        if both is None:
            return True
        several = self._several[name.startswith(AT)]
        usual = several if plural else 1 - several
        return (both[plural] + UNSEEN * usual) / (sum(both) + UNSEEN) >= LEAST * usual

    @cached_property
    def _several(self) -> tuple[float, float]:
        """Share of captions with several: beside main things, and of others where they stand."""
        sums = [[0, 0], [0, 0]]
        for name, both in self.counts.items():
            for number in (0, 1):
                sums[name.startswith(AT)][number] += both[number]
        beside, at = (several / max(1, one + several) for one, several in sums)
        return beside, at


@cache
def load_companions() -> Companions:
    """Read companions.toml once."""
    return load_lexicon_file("companions", Companions)
