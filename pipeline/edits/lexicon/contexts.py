"""In which contexts captions hold a noun, as counted by `pipeline.edits.parse.noun_contexts`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pydantic import Field

from pipeline.edits.lexicon.files import Table, Words, load_lexicon_file


class Company(Table):
    """Which words captions hold with a noun, wherever they stand.

    Attributes:
        captions: Captions that hold the noun.
        typical: Word that comes far oftener with it than by chance → in how many of these.
        goes: Words typical of other nouns that come with it as often as by chance, or oftener.
    """

    captions: int
    typical: Mapping[str, int] = {}
    goes: Words = frozenset()


class Contexts(Table):
    """The content of contexts.toml.

    Attributes:
        by_noun: Noun → its contexts, such as "sit on".
        company: Noun → the words that come with it.
    """

    by_noun: Mapping[str, frozenset[str]] = Field(alias="nouns")
    company: Mapping[str, Company] = {}


@cache
def load_contexts() -> Contexts:
    """Read contexts.toml once."""
    return load_lexicon_file("contexts", Contexts)
