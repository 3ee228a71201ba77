"""Words that a noun is tied to, so that another in its place makes no sense or no sight."""

from __future__ import annotations

from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.reading import NounMention, Reading

POINTED = frozenset({"this", "that", "every", "each"})
WORN_SINGLY = frozenset({"dresses_and_suits", "tops"})
"""Groups of garments of which somebody wears one at a time."""

BUILDINGS_DO = frozenset(
    {"overlook", "face", "line", "surround", "dominate", "top", "have", "block"}
)
"""Verbs with an object that a building itself is seen to do."""

SLICES = frozenset({"slice", "slices", "wedge", "wedges"})


def is_tied(reading: Reading, mention: NounMention) -> bool:
    """Whether a pointer, an owner or a part before the noun holds for it alone."""
    head, noun = mention.head, mention.noun
    if noun.cls == "time":
        determiner = reading.determiner(head)
        if determiner is not None and reading.lower[determiner] in POINTED:
            # "orange is in this spring": a date, not a sight.
            return True
    if mention.plural and noun.group.name in WORN_SINGLY:
        owner = reading.child(head, "poss")
        if owner is not None and reading.lower[owner] in {"his", "her"}:
            # "wearing her robes" is one robe.
            return True
    return _acts(reading, mention) or _is_dish_or_place_of(reading, mention)


def _acts(reading: Reading, mention: NounMention) -> bool:
    """Whether the people of a building are meant: "the school holds up its trophy"."""
    if mention.noun.cls != "building" or reading.role(mention.head) != "nsubj":
        return False
    verb = reading.governor(mention.head)
    lemma = verb_lemma(reading.lower[verb], reading.tags[verb])
    return reading.child(verb, "dobj") is not None and lemma not in BUILDINGS_DO


def _is_dish_or_place_of(reading: Reading, mention: NounMention) -> bool:
    """Whether what governs the noun belongs to it: "a slice of pizza", "shops inside the mall"."""
    if reading.role(mention.head) != "pobj":
        return False
    preposition = reading.governor(mention.head)
    whole = reading.heads[preposition]
    if reading.lower[preposition] == "of":
        return reading.lower[whole] in SLICES
    part = reading.mentions.get(whole)
    return (
        reading.lower[preposition] in {"in", "inside"}
        and part is not None
        and part.noun.group.name in {"shops_and_eateries", "rooms"}
    )
