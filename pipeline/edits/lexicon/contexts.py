"""In which contexts captions hold a noun, as counted by `pipeline.edits.parse.noun_contexts`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pydantic import Field

from pipeline.edits.lexicon.files import Table, load_lexicon_file


class Contexts(Table):
    """The content of contexts.toml.

    Attributes:
        by_noun: Noun → its contexts, such as "sit on".
    """

    by_noun: Mapping[str, frozenset[str]] = Field(alias="nouns")


@cache
def load_contexts() -> Contexts:
    """Read contexts.toml once."""
    return load_lexicon_file("contexts", Contexts)
