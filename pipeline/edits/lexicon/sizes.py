"""How large things are, to tell whether two can stand in each other's place."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Self

from pydantic import model_validator

from pipeline.edits.lexicon.files import Table, load_lexicon_file
from pipeline.edits.lexicon.objects import Noun


class Sizes(Table):
    """The content of sizes.toml.

    Attributes:
        order: The sizes, the smallest first.
        of: Size → groups, classes and nouns that have it.
    """

    order: tuple[str, ...]
    of: Mapping[str, frozenset[str]]

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """Group, class or noun → place of its size in the order."""
        return {name: rank for rank, size in enumerate(self.order) for name in self.of[size]}

    def rank(self, noun: Noun) -> int | None:
        """Place of a noun's size in the order; None where nothing names it."""
        for key in (noun.lemma, noun.group.name, noun.cls):
            if key in self.ranks:
                return self.ranks[key]
        return None

    def are_alike(self, one: Noun, other: Noun) -> bool:
        """Whether two things are about as large as each other, so far as is known."""
        ranks = (self.rank(one), self.rank(other))
        return ranks[0] is not None and ranks[1] is not None and abs(ranks[0] - ranks[1]) <= 1

    @model_validator(mode="after")
    def _orders_its_sizes(self) -> Self:
        if set(self.order) != self.of.keys():
            raise ValueError("`order` and `of` name different sizes")
        if sum(map(len, self.of.values())) != len(frozenset().union(*self.of.values())):
            raise ValueError("something has two sizes")
        return self


@cache
def load_sizes() -> Sizes:
    """Read sizes.toml once."""
    return load_lexicon_file("sizes", Sizes)
