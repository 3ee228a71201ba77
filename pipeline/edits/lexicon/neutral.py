"""What can be said in another way without another meaning."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Annotated

from pydantic import Field

from pipeline.edits.lexicon.files import Table, Words, load_lexicon_file
from pipeline.edits.lexicon.inflection import plural_of


class NeutralWords(Table):
    """The content of neutral.toml; the comments there say what each table means."""

    has_both: Words
    stative: Words
    results: Words
    shared: Words
    fixed: frozenset[str]
    nouns: Mapping[str, str]
    words: Mapping[str, str]
    one_way: Mapping[str, str]
    shares: Mapping[str, Annotated[float, Field(gt=0, le=1)]]

    @cached_property
    def noun_forms(self) -> Mapping[str, str]:
        """Form of a noun, in lower case → the same form of the other noun, both ways."""
        pairs = [*self.nouns.items(), *((new, old) for old, new in self.nouns.items())]
        singular = {old.lower(): new for old, new in pairs}
        return singular | {_plural(old).lower(): _plural(new) for old, new in pairs}

    @cached_property
    def other_forms(self) -> Mapping[tuple[str, ...], str]:
        """Words of a phrase that is no noun → what may stand for it."""
        pairs = [*self.words.items(), *((new, old) for old, new in self.words.items())]
        return {tuple(old.split()): new for old, new in (*pairs, *self.one_way.items())}


def _plural(noun: str) -> str:
    return "TVs" if noun == "TV" else plural_of(noun)


@cache
def load_neutral() -> NeutralWords:
    """Read neutral.toml once."""
    return load_lexicon_file("neutral", NeutralWords)
