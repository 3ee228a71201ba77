"""What captions have in, on, behind … what, as counted by `pipeline.edits.rules.relation.placing`.

An edit may say only what captions do say: a cat under a bench, but no pizza next to its plate.
Few pairs of things are seen often, so that their kinds are asked as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache, cached_property

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.files import Table, load_lexicon_file
from pipeline.edits.lexicon.relations import load_relations

ALIKE = frozenset(
    {"person", "food", "container", "thing", "device", "clothing", "toy", "furniture", "building"}
)
"""Classes whose members are found at the same places; others go by their groups."""

SHARE = 0.03
"""Of what captions say of a kind at a ground; what is rarer may be a wrong parse."""

ANY, PERSON = "", "@person"
Counts = Mapping[str, Mapping[str, Mapping[str, int]]]
Sums = Counter[tuple[str, str, str]]


class Placements(Table):
    """The content of placements.toml.

    Attributes:
        figures: Ground → preposition → what is there → captions that say so.
        doings: Ground → preposition → verb between the two → captions that say so.
    """

    figures: Counts
    doings: Counts

    def has(self, figure: str, preposition: str, ground: str) -> bool:
        """Whether captions have such a thing at such a place."""
        kind, grounds, sums = kind_of(figure), _group_of(ground), self._figures
        if not kind or not grounds:
            return False
        if sums[figure, preposition, ground] > 1:
            return True
        here, there = sums[kind, preposition, ground], sums[kind, preposition, grounds]
        if here > 1 and here >= SHARE * sums[kind, ANY, ground]:
            return True
        share = there / max(1, sums[kind, ANY, grounds])
        return (here > 0 and there > 3 and share >= SHARE) or (there > 5 and share >= 3 * SHARE)

    def does(self, verb: str, preposition: str, ground: str) -> bool:
        """Whether captions have somebody do that at such a place."""
        sums = self._doings
        here, there = sums[verb, preposition, ground], sums[verb, preposition, _group_of(ground)]
        return here > 0 or there > 1

    @cached_property
    def _figures(self) -> Sums:
        sums: Sums = Counter()
        for ground, prepositions in self.figures.items():
            grounds = (ground, _group_of(ground))
            for preposition, figures in prepositions.items():
                for figure, count in figures.items():
                    for where in grounds:
                        sums[figure, preposition, where] += count
                        sums[kind_of(figure), preposition, where] += count
                        sums[kind_of(figure), ANY, where] += count
        return sums

    @cached_property
    def _doings(self) -> Sums:
        sums: Sums = Counter()
        for ground, prepositions in self.doings.items():
            for preposition, verbs in prepositions.items():
                for verb, count in verbs.items():
                    sums[verb, preposition, ground] += count
                    sums[verb, preposition, _group_of(ground)] += count
        return sums


def kind_of(noun: str) -> str:
    """The class or the group of a noun, with a mark that no noun has; "" for an unknown one."""
    entry = load_lexicon().nouns.by_lemma.get(noun)
    if entry is None:
        return PERSON if noun in load_relations().nouns["people"] else ""
    return f"@{entry.cls if entry.cls in ALIKE else entry.group.name}"


def _group_of(noun: str) -> str:
    """The group of a noun, marked; "" for an unknown one."""
    entry = load_lexicon().nouns.by_lemma.get(noun)
    return "" if entry is None else f"@{entry.group.name}"


@cache
def load_placements() -> Placements:
    """Read placements.toml once."""
    return load_lexicon_file("placements", Placements)
