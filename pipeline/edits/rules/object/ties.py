"""Words that a noun is tied to, so that another in its place makes no sense or no sight."""

from __future__ import annotations

from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.parse.reading import NounMention, Reading
from pipeline.edits.rules.object.depicted import load_visibility

DEMONSTRATIVES = frozenset({"this", "that", "every", "each"})
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
        if determiner is not None and reading.lower[determiner] in DEMONSTRATIVES:
            # "orange is in this spring": a date, not a sight.
            return True
        if determiner is not None and not _article_fits_any_time(reading, head, determiner):
            return True
    if mention.plural and noun.group.name in WORN_SINGLY:
        owner = reading.child(head, "poss")
        if owner is not None and reading.lower[owner] in {"his", "her"}:
            # "wearing her robes" is one robe.
            return True
    return _acts_as_institution(reading, mention) or _is_part_of_governor(reading, mention)


def _article_fits_any_time(reading: Reading, head: int, determiner: int) -> bool:
    """Whether an article suits every time: not "at the sunset", nor "a fall on the steps"."""
    governor = reading.governor(head)
    if reading.lower[determiner] in {"a", "an"}:
        return False
    return reading.role(head) != "pobj" or reading.lower[governor] != "at"


def is_verb_form(reading: Reading, mention: NounMention) -> bool:
    """Whether the noun may be a verb: "a helicopter flies over", "dress it up", "shop the look"."""
    head, table = mention.head, load_visibility()
    if reading.child(head, "det", "poss", "nummod", "amod") is not None:
        return False
    after = head + 1
    if mention.plural:
        if reading.lower[head] not in table.verb_forms:
            return False
        before = mention.start - 1
        named = before >= 0 and reading.pos[before] in {"NOUN", "PROPN"}
        led = not head or mention.phrase_start < mention.start or named or reading.punctuation[head]
        return bool(led) and reading.lower[after : after + 1] != ("of",)
    return mention.noun.countable and after < len(reading) and (
        reading.tags[after] in {"PRP", "PRP$"} or reading.lower[after] in table.after_verbs
    )  # fmt: skip


def _acts_as_institution(reading: Reading, mention: NounMention) -> bool:
    """Whether the people of a building are meant: "the school holds up its trophy"."""
    if mention.noun.cls != "building" or reading.role(mention.head) != "nsubj":
        return False
    verb = reading.governor(mention.head)
    lemma = verb_lemma(reading.lower[verb], reading.tags[verb])
    return reading.child(verb, "dobj") is not None and lemma not in BUILDINGS_DO


def _is_part_of_governor(reading: Reading, mention: NounMention) -> bool:
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
