"""Words by which the rule on negation knows what may be denied."""

from __future__ import annotations

from functools import cache

from pipeline.edits.lexicon.files import Table, Words, load_lexicon_file


class NegationWords(Table):
    """The content of negation.toml; its comments say what each set does."""

    unseen_verbs: Words
    stative_verbs: Words
    general: Words
    of_its_kind: Words
    generic_words: Words
    never_contrasted: Words
    behind_doing: Words
    bodily: Words
    by_people: Words
    done_to_things: Words
    undenied: Words
    not_behind_verb: Words
    undeniable: Words
    spoken_of: Words
    removable_body: Words
    loose_with: Words
    comes_with: Words
    not_without: Words
    needing: Words
    picture_nouns: Words
    doubts: Words


@cache
def load_negation() -> NegationWords:
    """Read negation.toml once."""
    return load_lexicon_file("negation", NegationWords)
