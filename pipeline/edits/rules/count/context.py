"""Whether the rest of a caption goes with another number of a thing."""

from __future__ import annotations

from itertools import pairwise

from pipeline.edits.lexicon.counts import load_counts
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.rules.count.agreement import HAND_HELD
from pipeline.edits.rules.count.clause import complements
from pipeline.edits.rules.count.companions import SUBJECT_ROLES
from pipeline.edits.rules.count.words import PICTURES
from pipeline.edits.rules.object.depicted import is_depicted

BESIDE = frozenset({"with", "near", "beside"})
AROUND = frozenset({"by", "behind", "under", "over", "past", "above", "around"})
"""Prepositions of which only what stands by itself comes in any number: "under a tree"."""

ALONGSIDE = frozenset({"animal", "plant", "vehicle"})
PLAYED = frozenset({"catch", "hit", "kick", "throw", "head", "return", "strike", "serve", "pass"})
"""What is done to the one ball of a game."""

GOES_ON = frozenset({"JJ", "JJR", "NN", "NNS", "NNP", "CD", "VB", "DT", "PDT"})


def is_counted(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether a picture shows how many there are of a noun's thing, and the phrase ends here."""
    table, noun = load_counts(), mention.noun
    if noun.lemma in table.never_counted or parsed.deps[mention.head] == "appos":
        return False
    if not is_depicted(parsed, mention, under_any_verb=True):
        return False
    if noun.group.name == "sports_balls" or noun.lemma == "ball":
        verb = parsed.governor(mention.head)
        if parsed.role(mention.head) == "dobj" and parsed.lemmas[verb] in PLAYED:
            return False
    behind = mention.head + 1
    words, tags = parsed.lower[behind : behind + 2], parsed.tags[behind : behind + 2]
    if words[:1] == ("of",):
        # "a glass of wine" can be counted, "a bowl of the soup" cannot.
        particular = words[1:] in {("the",), ("a",), ("an",)}
        if noun.cls == "container":
            return not particular
        return noun.cls == "vehicle" or noun.lemma in table.counted_of
    if words[:1] in {("'s",), ("'",), ("old",), ("per",)}:
        return False
    if tags[:1] and tags[0] in GOES_ON:
        # "vintage coral beaded necklace"
        return words[0] in {"isolated", "full", "alone", "close"}
    return not (len(tags) == 2 and tags[0] in {"VBN", "VBD"} and tags[1] in {"NN", "NNS"})


def allows_other_number(parsed: ParsedCaption, mention: NounMention, slot: int) -> bool:
    """Whether another number of the thing makes sense here: not "sitting on two benches".

    Args:
        parsed: The caption.
        mention: The thing.
        slot: Head of the phrase that names it: the thing, or the group of it.
    """
    role, governor = parsed.role(slot), parsed.governor(slot)
    if role == "attr":
        return parsed.child(governor, "expl") is not None
    if role in SUBJECT_ROLES:
        return True
    table, noun = load_counts(), mention.noun
    if role == "dobj":
        return parsed.verb_lemma(governor) in table.one_held
    if role != "pobj" or noun.cls == "clothing":
        return False
    preposition, holder = parsed.lower[governor], parsed.heads[governor]
    whole, verbal = parsed.lower[holder], parsed.tags[holder].startswith("VB")
    if preposition == "of":
        return whole in PICTURES
    if noun.cls in HAND_HELD and verbal:
        # "talking with a mobile phone"
        return False
    if preposition in AROUND:
        return noun.cls in ALONGSIDE
    if preposition not in BESIDE or whole in table.parts:
        return False
    if preposition == "with" and holder in parsed.mentions:
        wearing = parsed.mentions[holder]
        if wearing.noun.cls == "clothing" and not wearing.plural:
            # "a dress with a train": its parts are as many as it has.
            return False
    return holder in parsed.mentions or whole in PICTURES or verbal


def rest_requires_one(parsed: ParsedCaption, mention: NounMention) -> bool:
    """Whether something else in the caption holds for one alone, so that two make no sense.

    "a woman climbing into the saddle", "a man riding a horse", "a dentist with a mirror"
    """
    table = load_counts()
    if not table.for_one_alone.isdisjoint(parsed.lower) or _has_demonstrative(parsed):
        return True
    if mention.noun.cls not in {"person", "animal"}:
        return _has_single_part(parsed, mention.head)
    if not table.for_one_person.isdisjoint(parsed.lower) or ("as", "a") in pairwise(parsed.lower):
        # "dressed as a worker"
        return True
    if any(
        not other.plural
        and other.noun.countable
        and (other.noun.cls == "clothing" or other.noun.lemma in table.seats)
        for head, other in parsed.mentions.items()
        if head != mention.head
    ):
        # A single garment or seat anywhere, whoever the parse gives it to.
        return True
    return any(
        token != mention.head and _is_used_by_one_alone(parsed, token)
        for token in complements(parsed, mention.head)
    )


def _has_demonstrative(parsed: ParsedCaption) -> bool:
    """Whether "this" or "that" with a noun may mean the thing again."""
    words = zip(parsed.lower, parsed.tags, strict=True)
    return any(word in {"this", "that"} and tag == "DT" for word, tag in words)


def _has_single_part(parsed: ParsedCaption, noun: int) -> bool:
    """Whether a single part describes the thing: "a chair with a broken seat"."""
    for child in parsed.children[noun]:
        part = parsed.child(child, "pobj") if parsed.lower[child] == "with" else None
        if part is not None and parsed.child(part, "det") is not None:
            return parsed.tags[part] == "NN"
    return False


def _is_used_by_one_alone(parsed: ParsedCaption, token: int) -> bool:
    """Whether a complement is a single thing that one holds, rides or sits on alone."""
    if parsed.tags[token] not in {"NN", "NNP"}:
        return False
    other, governor, table = parsed.mentions.get(token), parsed.heads[token], load_counts()
    if parsed.deps[token] == "dobj":
        # "eating food", "playing football" go with any number, "holding a cup" does not.
        particular = parsed.child(token, "det", "poss") is not None
        if parsed.verb_lemma(governor) not in table.shared:
            return particular or (other is not None and other.noun.countable)
        return particular and other is not None and other.noun.cls in HAND_HELD
    held = parsed.lower[governor] in {"with", "in"}
    return held and other is not None and other.noun.cls in HAND_HELD
