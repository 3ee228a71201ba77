"""Words by which the rule on negation knows what may be denied."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pipeline.edits.lexicon.files import Table, Words, load_lexicon_file


class NegationWords(Table):
    """The content of negation.toml; its comments say what each set does."""

    unseen_verbs: Words
    verbs_of_having: Words
    general: Words
    of_its_kind: Words
    generic_words: Words
    stative_verbs: Words
    not_entered: Words
    on_stage: Words
    bodily: Words
    by_people: Words
    undenied: Words
    of_bodies: Words
    undeniable: Words
    removable_body: Words
    loose_with: Words
    not_without: Words
    demonstratives: Words
    comes_with: Words
    tooled: Words
    shared: Words
    patterned: Words
    hours: Words
    many: Words
    picture_nouns: Words
    doubts: Words
    uses: Mapping[str, Words]


@cache
def load_negation() -> NegationWords:
    """Read negation.toml once."""
    return load_lexicon_file("negation", NegationWords)
