"""Whether the words that its phrase has before and behind it let a noun be exchanged."""

from __future__ import annotations

from pipeline.edits.lexicon import Lexicon
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.rules.object.depicted import is_under_unknown_verb, load_visibility

KEPT_COMPOUNDS = frozenset(
    {"brick", "stone", "wood", "metal", "glass", "leather", "plastic", "denim", "winter", "summer",
     "autumn", "spring", "hotel", "luxury", "vintage", "steel", "iron", "concrete", "baby", "toy"}
)  # fmt: skip
"""Words before a noun that say what it is made of or when it is, and suit what replaces it."""

FREE_COMPOUNDS = frozenset(
    {"animal", "vehicle", "clothing", "furniture", "plant", "instrument", "food", "building",
     "container"}
)  # fmt: skip
"""Classes whose noun keeps its sense with a noun before it; not so "town square"."""

FREE_PLACES = frozenset({"rooms", "land_outdoors", "seaside_and_ground"})
"""Groups of places that keep their sense with a noun before them: "a sunflower field"."""

NAMING = frozenset(
    {"water", "air", "space", "cable", "war", "sea", "fire", "sports", "access", "love", "life",
     "shoulder", "pickup", "range"}
)  # fmt: skip
"""Words that make another kind of thing of what stands behind them: a "water taxi"."""


PARTS = frozenset(
    {"slice", "slices", "wedge", "wedges", "piece", "pieces", "bite", "chunk", "chunks", "half",
     "spoonful", "loaf", "loaves", "carton", "stick"}
)  # fmt: skip
"""What there is of some things only."""


def is_one_unprotected_phrase(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether what stands before the noun modifies it and nothing in between is protected."""
    span = range(mention.phrase_start, mention.head + 1)
    return not parsed.protected.intersection(span) and all(
        token == mention.head or mention.phrase_start <= parsed.heads[token] <= mention.head
        for token in span
    )


def keeps_meaning_without_compound(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether the noun keeps its meaning without the nouns before it: not "candy bar"."""
    compounds = parsed.lower[mention.phrase_start : mention.start]
    if mention.phrase_start and parsed.lower[mention.phrase_start - 1] in {"and", "&", "or"}:
        # "a coffee and walnut cake"
        return False
    if any(word.endswith("ing") or word in NAMING for word in compounds):
        return False
    free = mention.noun.cls in FREE_COMPOUNDS or (
        mention.noun.group.name in FREE_PLACES and len(compounds) == 1
    )
    return free or compounds[0] in KEPT_COMPOUNDS


def has_gerund_of_purpose(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether a gerund before the noun says what it is for: "walking bridge"."""
    before = mention.phrase_start - 1
    if before < 0 or parsed.tags[before] != "VBG" or mention.noun.cls in {"person", "animal"}:
        return False
    return parsed.heads[before] == mention.head and not parsed.children[before]


def is_followed_by_of(parsed: ParsedCaption, head: int) -> bool:
    """Whether "of", "to" or a possessive follows the noun."""
    after = head + 1
    return after < len(parsed) and parsed.lower[after] in {"of", "'s", "'", "s", "to"}


def is_mentioned_again(parsed: ParsedCaption, mention: NounMention, lexicon: Lexicon) -> bool:
    """Whether the thing is named twice: changing one mention would not change the scene."""
    if parsed.lower.count(parsed.lower[mention.head]) > 1:
        return True
    akin = lexicon.nouns.akin(mention.noun.lemma)
    return any(
        other.noun.lemma in akin for head, other in parsed.mentions.items() if head != mention.head
    )


def needs_attestation(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether only captions can say what else may stand there: "a dog sniffs", "a slice of cake".

    The lexicon knows neither who sniffs nor what there are slices of.
    """
    head = mention.head
    if is_under_unknown_verb(parsed, head):
        return True
    of = parsed.governor(head)
    if mention.noun.cls == "building" and parsed.role(head) == "nsubj":
        # "the school holds up its trophy": its people.
        return parsed.child(of, "dobj") is not None
    is_of = parsed.role(head) == "pobj" and parsed.lower[of] == "of"
    return is_of and parsed.lower[parsed.heads[of]] in PARTS


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
