"""Exchanges of gender and age group, and the words of captions that forbid them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property

from pipeline.edits.lexicon.files import Table, load_lexicon_file


class AgeGroup(Table):
    """People who are exchanged.

    Attributes:
        pairs: One, other, how often one is seen for each time the other is.
        cues: Words of captions that forbid the exchange.
    """

    pairs: tuple[tuple[str, str, float], ...]
    cues: frozenset[str]


class Gender(AgeGroup):
    """The same for gender.

    Attributes:
        said: Cues that count only where they are said of the person.
        owned: What of somebody's shows who it is.
        paired: People who are seldom alone of their kind: not exchanged beside others.
        close: Words of people who are a couple, whose genders hold together.
    """

    said: frozenset[str]
    owned: frozenset[str]
    paired: frozenset[str]
    close: frozenset[str]


class People(Table):
    """The content of people.toml.

    Attributes:
        gender: Exchanges of gender.
        age_group: Exchanges of age group.
        pronouns: Pronoun → its counterpart.
    """

    gender: Gender
    age_group: AgeGroup
    pronouns: Mapping[str, str]

    @cached_property
    def cues(self) -> Mapping[str, frozenset[str]]:
        """Subkind → words of captions that forbid it."""
        return {"gender": self.gender.cues, "age_group": self.age_group.cues}

    @cached_property
    def exchanges(self) -> Mapping[str, tuple[tuple[str, str, float], ...]]:
        """Noun → (subkind, new noun, share kept under the policy `balanced`)."""
        found: dict[str, tuple[tuple[str, str, float], ...]] = {}
        for subkind, table in (("gender", self.gender), ("age_group", self.age_group)):
            for one, other, ratio in table.pairs:
                for old, new, share in ((one, other, 1.0 / ratio), (other, one, ratio)):
                    found[old] = (*found.get(old, ()), (subkind, new, min(1.0, share)))
        return found


@cache
def load_people() -> People:
    """Read people.toml once."""
    return load_lexicon_file("people", People)
