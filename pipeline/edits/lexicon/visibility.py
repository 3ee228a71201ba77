"""Where in a sentence a noun names what a picture shows."""

from __future__ import annotations

from pipeline.edits.lexicon.files import Table, Words


class Visibility(Table):
    """The content of visibility.toml; every attribute is a set of words described there."""

    hiding: Words
    seen_from: Words
    seen_against: Words
    leading: Words
    leading_up: Words
    wholes: Words
    unseen_verbs: Words
    visible_verbs: Words
    spoken: Words
    airborne: Words
    aloft: Words
    climbers: Words
    verb_forms: Words
    after_verbs: Words
