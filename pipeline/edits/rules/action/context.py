"""Whether a verb may be exchanged where it stands: its subject, partners and other words."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.inflection import verb_form
from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.parse.phrases import WRAPPERS
from pipeline.edits.rules.object.depicted import load_visibility

VERB_TAGS = frozenset({"VBG", "VBZ", "VBP", "VBD", "VBN"})
OTHER_VERBS = VERB_TAGS | {"VB"}
COMPLEMENT_DEPENDENCIES = frozenset(
    {"prt", "xcomp", "ccomp", "acomp", "oprd", "dative", "attr", "neg"}
)
"""Children that tie a verb to its meaning: "sit down", "look like", "make someone laugh"."""

RESTING = frozenset({"park", "moor", "dock", "anchor", "perch", "seat", "mount"})
"""Verbs whose participle describes a present state: "a parked car", "a bird perched"."""

MOVING = frozenset({"run", "jump", "dance", "cycle", "walk", "fight"})
UPRIGHT = frozenset({"stand", "run", "jump", "dance", "kneel", "walk", "fight"})
SUPPORTS = frozenset({"furniture", "vehicle", "container", "thing", "clothing", "toy", "device"})
INTERIORS = frozenset({"vehicle", "furniture", "container"})
INSIDES = frozenset({"in", "inside"})

OFTEN = frozenset({"sleep", "drop", "look away from"})
OFTEN_WEIGHT = 0.4
"""Verbs that fit nearly everywhere are drawn less often, so that others have their turn."""

HELD_WITH = frozenset({"hand", "hands", "arms", "mouth", "lap", "fingers", "teeth", "palm"})

QUIET = frozenset({"stand", "sit", "kneel"})
"""Postures in which one can do nearly anything else."""
DOING = frozenset({"VBG", "VBZ", "VBP", "VBD"})
"""Tags of verbs of somebody who is awake."""

PARTICIPLES_OF_SEEING = frozenset({"seen", "spotted", "shown", "photographed", "pictured"})
PREPOSITIONS_OF_HOLDER = frozenset({"in", "with", "on", "near", "behind", "at", "beside", "of"})
"""Prepositions of what somebody has, or of where somebody is."""

MOST_HOLDERS = 3
PREPOSITIONS_OF_SECOND_PLACE = frozenset(
    {"at", "in", "on", "during", "with", "near", "by", "under", "before", "after"}
)
"""Prepositions of a second place, which holds for any action."""

NOTHING = "_"
"""Behind a verb that replaces verb and preposition: "clean _"."""

ITS_OWN = frozenset({"of", "with", "full", "from", "on", "in"})
"""Prepositions of what belongs to a thing: "a cup of tea"."""

SIDES = frozenset({"left", "right", "side", "sides"})

TOPIC_CLASSES = frozenset(
    {"thing", "device", "instrument", "vehicle", "toy", "tool", "container", "building"}
)
"""Classes of nouns that are such a topic or tool, and no place of the action."""


def inflected_like(new: str, tag: str, old: str) -> str:
    """Form of the new verb that stands where the old one stood.

    "a car parked there" is one driving there, and a driving one may be parked.
    """
    if old in RESTING and tag in {"VBN", "VBD"}:
        return verb_form(new, "VBN" if new in RESTING else "VBG")
    if new in RESTING and tag == "VBG":
        return verb_form(new, "VBN")
    return verb_form(new, tag)


def fits_other_words(parsed: ParsedCaption, verb: int, new: str) -> bool:
    """Whether the other words of the caption go with the new verb."""
    words, old = parsed.words - {parsed.lower[verb]}, parsed.verb_lemma(verb)
    return not any(
        (new in clash.put or old in clash.gone) and not clash.words.isdisjoint(words)
        for clash in load_lexicon().actions.clashes
    )


def is_action_mentioned_again(parsed: ParsedCaption, verb: int, lemma: str) -> bool:
    """Whether another verb means the same: "chatting on a phone, using it"."""
    same = load_lexicon().actions.same.get(lemma)
    return same is not None and any(
        parsed.tags[token] in OTHER_VERBS and parsed.verb_lemma(token) in same
        for token in range(len(parsed))
        if token != verb and parsed.deps[token] != "amod"
    )


def is_free_of_complements(parsed: ParsedCaption, verb: int) -> bool:
    """Whether no other verb, purpose or particle depends on this one."""
    for child in parsed.children[verb]:
        dep, word = parsed.deps[child], parsed.lower[child]
        if dep in COMPLEMENT_DEPENDENCIES and word not in {"up", "down"}:
            return False
        if dep == "advcl" and any(parsed.lower[t] == "to" for t in parsed.children[child]):
            # "feeding horses to calm them"
            return False
        if dep == "conj" and any(parsed.tags[t] == "TO" for t in parsed.subtree(child)):
            # "jumps and stretches to return the ball"
            return False
        if word == "by" and parsed.child(child, "pobj") is None:
            # "a horse walks by": the word belongs to the verb.
            return False
        if dep == "prep":
            held = parsed.child(child, "pobj")
            if held is not None and parsed.lower[held] in HELD_WITH:
                return False
    if parsed.deps[verb] == "xcomp":
        return parsed.lower[parsed.heads[verb]] in PARTICIPLES_OF_SEEING
    if parsed.deps[verb] in {"ccomp", "pcomp"}:
        main = parsed.heads[verb]
        lemma = parsed.verb_lemma(main)
        unseen = lemma in load_visibility().unseen_verbs
        return parsed.child(verb, "nsubj") is not None and not unseen
    return True


def has_simultaneous_action(parsed: ParsedCaption, verb: int) -> bool:
    """Whether the same subject does something else at the same time."""
    for child in parsed.children[verb]:
        dep = parsed.deps[child]
        if dep == "conj" and parsed.tags[child] in OTHER_VERBS:
            return True
        if dep == "advcl" and parsed.child(child, "nsubj", "nsubjpass") is None:
            return True
    if parsed.deps[verb] in {"conj", "advcl"}:
        return parsed.tags[parsed.heads[verb]] in OTHER_VERBS
    # "sat on crops riding in a truck": the parse leaves the subject of "riding" open.
    return any(parsed.tags[token] == "VBG" for token in parsed.subtree(verb) if token > verb)


def visible_subject_of(parsed: ParsedCaption, verb: int) -> int | None:
    """The visible subject: of "a group of hikers" the hikers, of "is seen running" who is seen."""
    if parsed.deps[verb] == "xcomp":
        subject = parsed.child(parsed.heads[verb], "nsubjpass")
    else:
        subject = parsed.subject_of(verb)
    if subject is not None and parsed.lemmas[subject] in WRAPPERS:
        return noun_behind_of(parsed, subject)
    return subject


def possible_subjects(parsed: ParsedCaption, verb: int) -> Iterator[int]:
    """Possible subjects, the likeliest first: cap, boy of "a boy in a cap eating cookies"."""
    doer = visible_subject_of(parsed, verb)
    for _ in range(MOST_HOLDERS):
        if doer is None:
            return
        yield doer
        if parsed.deps[verb] != "acl":
            return
        doer = _holder_of(parsed, doer)


def noun_behind_of(parsed: ParsedCaption, token: int) -> int:
    """The object of a word's "of"; the word itself where it has none."""
    of = next((c for c in parsed.children[token] if parsed.lower[c] == "of"), None)
    members = parsed.child(of, "pobj") if of is not None else None
    return token if members is None else members


def _holder_of(parsed: ParsedCaption, token: int) -> int | None:
    """Who has, wears or stands by a thing: "a boy in a cap", "a girl reading a book"."""
    role, governor = parsed.role(token), parsed.governor(token)
    if role == "pobj" and parsed.lower[governor] in PREPOSITIONS_OF_HOLDER:
        governor = parsed.heads[governor]
        if parsed.lemmas[governor] in WRAPPERS:
            return None
    elif role != "dobj" or parsed.tags[governor] != "VBG":
        return None
    if parsed.pos[governor] == "VERB":
        return visible_subject_of(parsed, governor)
    return governor if parsed.pos[governor] == "NOUN" else None


def is_followed_only_by(parsed: ParsedCaption, verb: int, preps: frozenset[str]) -> bool:
    """Whether every preposition and adverb of the verb is one of `preps`, or says no more."""
    for child in parsed.children[verb]:
        dep, word = parsed.deps[child], parsed.lower[child]
        follows = dep == "prep" and child > verb and word not in preps
        if follows and not _holds_for_any_action(parsed, verb, child, preps):
            return False
        near = child == verb + 1 or word.endswith("ly")
        if dep in {"advmod", "prt"} and near and word not in preps:
            return False
    return True


def begins_time_phrase(parsed: ParsedCaption, prep: int) -> bool:
    """Whether a preposition begins a time: "during the parade", "at sunset", "on monday"."""
    word, ground = parsed.lower[prep], parsed.child(prep, "pobj")
    if word not in {"at", "on", "during"} or ground is None:
        return False
    mention = parsed.mentions.get(ground)
    dated = word == "during" or parsed.lower[ground] in load_lexicon().actions.days
    return dated or (mention is not None and mention.noun.cls in {"time", "event"})


def _holds_for_any_action(
    parsed: ParsedCaption, verb: int, prep: int, preps: frozenset[str]
) -> bool:
    """Whether a phrase holds for any action: a time, or the place behind another place."""
    ground = parsed.child(prep, "pobj")
    if ground is None or begins_time_phrase(parsed, prep):
        return ground is not None
    mention = parsed.mentions.get(ground)
    if mention is None:
        return parsed.lower[ground] in load_lexicon().actions.people
    first = parsed.lower[verb + 1]
    return (
        first in preps
        and parsed.lower[prep] in PREPOSITIONS_OF_SECOND_PLACE
        and mention.noun.cls != "body"
    )


def next_word_fits(parsed: ParsedCaption, after: int, preps: frozenset[str]) -> bool:
    """Whether the word right behind goes with the frame, whatever the parse says."""
    if after >= len(parsed):
        return True
    tag, word = parsed.tags[after], parsed.lower[after]
    if tag in {"IN", "RP", "TO", "RB"}:
        return word in preps or word == "while" or begins_time_phrase(parsed, after)
    allowed = {",", ".", "CC", ":", "WRB", "VBG", "WDT", "WP", "HYPH", "''", "``"}
    return tag in allowed or word == "isolated"


def is_too_small_for(parsed: ParsedCaption, verb: int, new: str) -> bool:
    """Whether a new action would take place on or in something too small: running on a chair."""
    if new not in MOVING and new not in UPRIGHT and new != "sleep":
        return False
    for child in parsed.children[verb]:
        prep = parsed.lower[child]
        if prep not in {"on", "in", "inside", "at"}:
            continue
        support = parsed.child(child, "pobj")
        mention = parsed.mentions.get(support) if support is not None else None
        if mention is None:
            if support is not None and parsed.lower[support] in load_lexicon().actions.narrow:
                return True
            continue
        if new in MOVING and mention.noun.cls in SUPPORTS:
            return True
        if new == "sleep" and mention.noun.cls == "vehicle" and prep == "on":
            return True
        if new != "sleep" and prep in INSIDES and mention.noun.cls in INTERIORS:
            return True
    return False
