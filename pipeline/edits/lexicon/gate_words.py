"""Words by which the gate knows what an edit says, and what it says of people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, cached_property

from pipeline.edits.lexicon.files import Table, Words, load_lexicon_file
from pipeline.edits.lexicon.protected import Phrases


class Talk(Table):
    """What assistants say of their task.

    Attributes:
        words: Phrases of theirs.
    """

    words: Phrases


class Impossible(Table):
    """What cannot be, outside of drawings and toys; every attribute is described in gate.toml."""

    made_up: Words
    living_doings: Words
    unseen_things: Words
    unseen_endings: Words
    airy: frozenset[str]
    never_of_living: Words


class GateWords(Table):
    """The content of gate.toml.

    Attributes:
        negators: Words that deny.
        function_words: Words that say little by themselves.
        vague_numbers: Numbers of which none contradicts another.
        places_in_relations: Nouns of relations.
        relation_words: Words of relations, whatever the tagger takes them for.
        same_doings: Verbs of doings that look the same, those of one set in a text.
        same_relations: Sets of relations that look the same.
        impossible: What cannot be.
        talk: What assistants say of their task.
    """

    negators: Words
    function_words: Words
    vague_numbers: Phrases
    places_in_relations: Words
    relation_words: Words
    same_doings: Phrases
    same_relations: Mapping[str, Phrases]
    impossible: Impossible
    talk: Talk

    @cached_property
    def doings(self) -> tuple[frozenset[str], ...]:
        """Sets of verbs of doings that look the same."""
        return tuple(frozenset(line.split()) for line in sorted(self.same_doings))

    @cached_property
    def talking(self) -> re.Pattern[str]:
        """Finds what an assistant says."""
        phrases = sorted(map(re.escape, self.talk.words), key=lambda text: (-len(text), text))
        return re.compile(r"(?<![\w'-])(?:" + "|".join(phrases) + r")(?![\w'-])")


class Area(Table):
    """One protected characteristic.

    Attributes:
        of_people: Words that count where they are said of a person.
        always: Words that count wherever they stand.
        kinds: Things of one group each; from one to another is an edit of the characteristic.
    """

    of_people: Words
    always: Words
    kinds: Mapping[str, Words] = {}

    @cached_property
    def anywhere(self) -> re.Pattern[str]:
        """Finds a word of `always`."""
        return _any_of(self.always)

    @cached_property
    def by_kind(self) -> Mapping[str, re.Pattern[str]]:
        """Kind → what finds its things."""
        return {kind: _any_of(words) for kind, words in self.kinds.items()}


class Gender(Table):
    """Words of men and of women."""

    male: Words
    female: Words


class Age(Table):
    """Words of age groups; `of_things` are said of things too."""

    young: Words
    grown: Words
    old: Words
    of_things: Words


class Characteristics(Table):
    """The content of characteristics.toml."""

    race: Area
    religion: Area
    disability: Area
    gender: Gender
    age: Age

    @property
    def areas(self) -> Mapping[str, Area]:
        """What is never edited, by name."""
        return {"race": self.race, "religion": self.religion, "disability": self.disability}


def _any_of(words: frozenset[str]) -> re.Pattern[str]:
    parts = (re.escape(word).replace(r"\*", r"\w*") for word in sorted(words))
    return re.compile(r"(?<![\w-])(?:" + "|".join(parts) + r")(?![\w-])")


@cache
def load_gate_words() -> GateWords:
    """Read gate.toml once."""
    return load_lexicon_file("gate", GateWords)


@cache
def load_characteristics() -> Characteristics:
    """Read characteristics.toml once."""
    return load_lexicon_file("characteristics", Characteristics)
