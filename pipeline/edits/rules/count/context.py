"""Whether the rest of a caption goes with another number of a thing, and the repairs for it."""

from __future__ import annotations

from itertools import pairwise

from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.rules.count.clause import complements
from pipeline.edits.rules.count.words import (
    ADDRESSING,
    ALONGSIDE,
    COUNTED_AS_SUBJECT,
    COUNTED_AS_SUBJECT_TOO,
    COUNTED_OF,
    FOR_ONE,
    HAND_HELD,
    ONE_HELD,
    PARTS,
    PICTURES,
    SEATS,
    SHARED,
    SHOWING,
    SUBJECT_ROLES,
    UNIQUE,
    WORDS_FOR_ONE_ALONE,
)
from pipeline.edits.rules.object.depicted import is_visible_action

SETTINGS_OF_IN = frozenset(
    {"front", "middle", "center", "centre", "background", "foreground", "line", "row", "motion",
     "action", "love", "silhouette", "black", "white", "red", "blue", "conversation", "profile",
     "distance", "shade", "sun", "sunlight", "air", "water", "prayer", "circle", "formation"}
)  # fmt: skip
"""What stands behind "in" without an article and is not worn."""


def is_followed_by_of_or_owner(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether the noun is a measure, a whole or an owner; "a glass of wine" can be counted."""
    after = mention.head + 1
    if after >= len(parsed):
        return False
    if parsed.lower[after] == "of" and (
        mention.noun.cls in {"container", "vehicle"} or mention.noun.lemma in COUNTED_OF
    ):
        particular = parsed.lower[after + 1 : after + 2] in {("the",), ("a",), ("an",)}
        return particular and mention.noun.cls == "container"
    return parsed.lower[after] in {"of", "'s", "'", "old", "per"}


def allows_other_number(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether another number of the thing makes sense here: not "sitting on two benches"."""
    role, governor = parsed.role(mention.head), parsed.governor(mention.head)
    if ("one", "another") in pairwise(parsed.lower):
        # Fewer than two do nothing to one another, and more do it in some other way.
        return False
    if parsed.lower[mention.head + 1 : mention.head + 2] == ("and",) and not mention.plural:
        # "a bride and groom": the article is that of both.
        return False
    if role == "attr":
        return parsed.child(governor, "expl") is not None
    if role in SUBJECT_ROLES:
        return True
    if role == "dobj":
        return parsed.verb_lemma(governor) in ONE_HELD
    if role != "pobj" or mention.noun.cls == "clothing":
        return False
    whole = parsed.lower[parsed.heads[governor]]
    if parsed.lower[governor] == "of":
        return whole in PICTURES or whole in SHOWING
    if parsed.lower[governor] in {"to", "at", "toward", "towards", "for"}:
        verb = parsed.heads[governor]
        lemma = verb_lemma(whole, parsed.tags[verb])
        return mention.noun.cls == "person" and mention.plural and lemma in ADDRESSING
    if mention.noun.cls in HAND_HELD and parsed.tags[parsed.heads[governor]].startswith("VB"):
        # "talking with a mobile phone"
        return False
    if parsed.lower[governor] in {"by", "behind", "under", "over", "past", "above", "around"}:
        # "pulled by horses", "under a tree"
        return mention.noun.cls in ALONGSIDE
    if parsed.lower[governor] not in {"with", "near", "beside"} or whole in PARTS:
        return False
    holder = parsed.heads[governor]
    return holder in parsed.mentions or whole in PICTURES or parsed.tags[holder][0] == "V"


def could_be_one_of_several(parsed: ParsedCaption, mention: NounMention, article: int) -> bool:
    """Whether "the dog runs" shows one of which there might be two: not the sun, not the bride."""
    if article != 0 or mention.noun.lemma in UNIQUE:
        return False
    noun = mention.noun
    if noun.cls not in COUNTED_AS_SUBJECT and noun.lemma not in COUNTED_AS_SUBJECT_TOO:
        return False
    if any(parsed.tags[child] in {"JJS", "RBS"} for child in parsed.children[mention.head]):
        return False
    if parsed.lower[mention.head + 1 : mention.head + 2] in {(",",), ()}:
        return False
    if parsed.deps[mention.head] == "ROOT":
        # "the lorry stuck under a bridge"
        verb = mention.head + 1
        participle = parsed.deps[verb] == "acl" and parsed.tags[verb] in {"VBG", "VBN"}
        return participle and is_visible_action(parsed, verb)
    verb = parsed.heads[mention.head]
    if parsed.deps[mention.head] not in {"nsubj", "nsubjpass"}:
        return False
    return verb > mention.head and is_visible_action(parsed, verb)


def rest_requires_one(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether something else in the caption holds for one alone, so that two make no sense.

    "a woman climbing into the saddle", "a man riding a horse", "a dentist with a mirror"
    """
    if not WORDS_FOR_ONE_ALONE.isdisjoint(parsed.lower) or _has_demonstrative(parsed):
        return True
    if mention.noun.cls not in {"person", "animal"}:
        return _has_single_part(parsed, mention.head)
    if not FOR_ONE.isdisjoint(parsed.lower) or _mentions_single_garment_or_seat(parsed, mention):
        return True
    if any(_is_bare_garment(parsed, token) for token in range(mention.head + 1, len(parsed))):
        return True
    return any(
        _is_used_by_one_alone(parsed, token, mention) for token in complements(parsed, mention.head)
    )


def _has_single_part(parsed: ParsedCaption, noun: int) -> bool:
    """Whether a single part describes the thing: "a chair with a broken seat"."""
    for child in parsed.children[noun]:
        if parsed.lower[child] == "with":
            part = parsed.child(child, "pobj")
            if part is not None and parsed.child(part, "det") is not None:
                return parsed.tags[part] == "NN"
    return False


def _mentions_single_garment_or_seat(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether a single garment or seat stands anywhere, whoever the parse gives it to."""
    return any(
        not other.plural
        and other.noun.countable
        and (other.noun.cls == "clothing" or other.noun.lemma in SEATS)
        for head, other in parsed.mentions.items()
        if head != mention.head
    )


def _is_bare_garment(parsed: ParsedCaption, token: int) -> bool:
    """Whether it is what one person wears, without an article: "women in poncho"."""
    if parsed.tags[token] != "NN" or parsed.child(token, "det", "poss", "conj") is not None:
        return False
    governor = parsed.heads[token]
    if parsed.deps[token] == "dobj":
        return parsed.verb_lemma(governor) in {"wear", "don", "sport"}
    worn = parsed.deps[token] == "pobj" and parsed.lower[governor] == "in"
    return worn and token not in parsed.mentions and parsed.lower[token] not in SETTINGS_OF_IN


def _has_demonstrative(parsed: ParsedCaption) -> bool:
    """Whether "this" or "that" with a noun may mean the thing again."""
    return any(
        word in {"this", "that"} and tag == "DT"
        for word, tag in zip(parsed.lower, parsed.tags, strict=True)
    )


def _is_used_by_one_alone(parsed: ParsedCaption, token: int, mention: NounMention) -> bool:
    """Whether a complement is a single thing that one holds, rides or sits on alone."""
    if token == mention.head or parsed.tags[token] not in {"NN", "NNP"}:
        return False
    other = parsed.mentions.get(token)
    governor = parsed.heads[token]
    if parsed.deps[token] == "dobj":
        # "eating food", "playing football" go with any number, "holding a cup" does not.
        verb = parsed.verb_lemma(governor)
        particular = parsed.child(token, "det", "poss") is not None
        countable = other is not None and other.noun.countable
        if verb not in SHARED:
            return particular or countable
        if "instrument" in parsed.lower[token]:
            return True
        return particular and other is not None and other.noun.cls in HAND_HELD
    if other is None:
        return False
    if other.noun.lemma in SEATS:
        return True
    return parsed.lower[governor] in {"with", "in"} and other.noun.cls in HAND_HELD
