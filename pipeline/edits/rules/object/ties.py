"""Words that a noun is tied to, so that another in its place makes no sense or is not seen."""

from __future__ import annotations

from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.rules.object.depicted import is_under_unknown_verb, load_visibility

DEMONSTRATIVES = frozenset({"this", "that", "every", "each"})
WORN_SINGLY = frozenset({"dresses_and_suits", "tops"})
"""Groups of garments of which somebody wears one at a time."""

LOOKING_VERBS = frozenset({"look", "gaze", "stare", "point", "smile", "peer", "glance"})
"""Verbs whose "at" names what is looked at."""

BUILDINGS_DO = frozenset(
    {"overlook", "face", "line", "surround", "dominate", "top", "have", "block"}
)
"""Verbs with an object that a building itself is seen to do."""

PARTS = frozenset(
    {"slice", "slices", "wedge", "wedges", "piece", "pieces", "bite", "chunk", "chunks", "half",
     "spoonful", "loaf", "loaves", "carton", "stick"}
)  # fmt: skip
"""What there is of some things only."""


def is_tied(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether a pointer, an owner or a part before the noun holds for it alone."""
    head, noun = mention.head, mention.noun
    if noun.cls == "time":
        determiner = parsed.determiner(head)
        if determiner is not None and parsed.lower[determiner] in DEMONSTRATIVES:
            # "orange is in this spring": a date, not something seen.
            return True
        if determiner is not None and not _article_fits_any_time(parsed, head, determiner):
            return True
        at = parsed.governor(head)
        if parsed.lower[at] == "at" and parsed.verb_lemma(parsed.heads[at]) in LOOKING_VERBS:
            # "looking at the sunrise": what is seen, and no time.
            return True
    if mention.plural and noun.group.name in WORN_SINGLY:
        owner = parsed.child(head, "poss")
        if owner is not None and parsed.lower[owner] in {"his", "her"}:
            # "wearing her robes" is one robe.
            return True
    return _acts_as_institution(parsed, mention) or _is_part_of_governor(parsed, mention)


def _article_fits_any_time(parsed: ParsedCaption, head: int, determiner: int) -> bool:
    """Whether an article suits every time: not "at the sunset", nor "a fall on the steps"."""
    governor = parsed.governor(head)
    if parsed.lower[determiner] in {"a", "an"}:
        return False
    return parsed.role(head) != "pobj" or parsed.lower[governor] != "at"


def needs_attestation(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether only captions can say what else may stand there: "a dog sniffs", "a slice of cake".

    The lexicon knows neither who sniffs nor what there are slices of.
    """
    head = mention.head
    if is_under_unknown_verb(parsed, head):
        return True
    of = parsed.governor(head)
    is_of = parsed.role(head) == "pobj" and parsed.lower[of] == "of"
    return is_of and parsed.lower[parsed.heads[of]] in PARTS


def is_bare_food(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether a countable food is named as a mass: one eats cake, and no doughnut."""
    if mention.noun.cls != "food" or mention.plural or not mention.noun.countable:
        return False
    if parsed.role(mention.head) not in {"dobj", "pobj"}:
        return False
    owned = parsed.child(mention.head, "det", "poss", "nummod") is not None
    return not owned and not {"a", "an", "the"}.isdisjoint(parsed.lower)


def is_verb_form(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether the noun may be a verb: "a helicopter flies over", "dress it up", "shop the look"."""
    head, table = mention.head, load_visibility()
    determiner = parsed.determiner(head)
    if mention.plural and determiner is not None and parsed.lower[determiner] in {"a", "an"}:
        # "a batter swings as the catcher squats"
        return not mention.noun.plural_only
    if parsed.child(head, "det", "poss", "nummod", "amod") is not None:
        return False
    after = head + 1
    if mention.plural:
        if parsed.lower[head] not in table.verb_forms:
            return False
        before = mention.start - 1
        named = before >= 0 and parsed.pos[before] in {"NOUN", "PROPN"}
        led = not head or mention.phrase_start < mention.start or named or parsed.punctuation[head]
        return bool(led) and parsed.lower[after : after + 1] != ("of",)
    return mention.noun.countable and after < len(parsed) and (
        parsed.tags[after] in {"PRP", "PRP$"} or parsed.lower[after] in table.after_verbs
    )  # fmt: skip


def _acts_as_institution(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether the people of a building are meant: "the school holds up its trophy"."""
    if mention.noun.cls != "building" or parsed.role(mention.head) != "nsubj":
        return False
    verb = parsed.governor(mention.head)
    lemma = parsed.verb_lemma(verb)
    return parsed.child(verb, "dobj") is not None and lemma not in BUILDINGS_DO


def _is_part_of_governor(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether what governs the noun belongs to it: "shops inside the mall"."""
    if parsed.role(mention.head) != "pobj":
        return False
    preposition = parsed.governor(mention.head)
    whole = parsed.heads[preposition]
    part = parsed.mentions.get(whole)
    return (
        parsed.lower[preposition] in {"in", "inside"}
        and part is not None
        and part.noun.group.name in {"shops_and_eateries", "rooms"}
    )
