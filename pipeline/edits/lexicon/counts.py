"""Words by which the rule on counts knows what is counted, and what fixes how many there are."""

from __future__ import annotations

from functools import cache

from pipeline.edits.lexicon.files import Table, Words, load_lexicon_file


class CountWords(Table):
    """The content of counts.toml; its comments say what each set does."""

    many: Words
    halves: Words
    groups: Words
    before_groups: Words
    parts: Words
    never_counted: Words
    never_alone: Words
    uncounted: Words
    counted_anyway: Words
    without_article: Words
    counted_of: Words
    ordinals: Words
    for_one_alone: Words
    for_one_person: Words
    seats: Words
    several: Words
    several_phrases: Words
    together: Words
    one_held: Words
    shared: Words
    statements: Words
    fixed_number: Words
    quantified: Words
    roles: Words
    role_modifiers: Words
    about_one_role: Words


@cache
def load_counts() -> CountWords:
    """Read counts.toml once."""
    return load_lexicon_file("counts", CountWords)
