"""Whether a verb may be exchanged where it stands: its subject, partners and other words."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.inflection import verb_form, verb_lemma
from pipeline.edits.parse.reading import CONTENTS, Reading, lists_contents
from pipeline.edits.rules.action.words import (
    AIRBORNE,
    AWAKE,
    COMPLEMENT_DEPENDENCIES,
    DAYS,
    FIGURE,
    GROUPS,
    HAND_BALL,
    HAPPY,
    HAPPY_VERBS,
    HELD_WITH,
    LIVELY,
    MOST_HOLDERS,
    OTHER_VERBS,
    PARTICIPLES_OF_SEEING,
    PICTURED,
    PREPOSITIONS_OF_HOLDER,
    PREPOSITIONS_OF_SECOND_PLACE,
    PUT_ON,
    REST_VERBS,
    RESTING,
    SAD,
    SOBER,
    TIRED,
    TRANSPARENT_PERSONS,
    UNHAPPY_VERBS,
)
from pipeline.edits.rules.object.depicted import load_visibility

PRACTISED = frozenset({"practice", "practise", "practicing", "practising", "learn", "learning"})


def inflected_like(new: str, tag: str, old: str) -> str:
    """Form of the new verb that stands where the old one stood.

    "a car parked there" is one driving there, and a driving one may be parked.
    """
    if old in RESTING and tag in {"VBN", "VBD"}:
        return verb_form(new, "VBN" if new in RESTING else "VBG")
    if new in RESTING and tag == "VBG":
        return verb_form(new, "VBN")
    return verb_form(new, tag)


def fits_other_words(reading: Reading, verb: int, new: str) -> bool:
    """Whether the other words of the caption go with the new verb."""
    words = reading.words - {reading.lower[verb]}
    old = verb_lemma(reading.lower[verb], reading.tags[verb])
    if new in UNHAPPY_VERBS and not HAPPY.isdisjoint(words):
        return False
    if new in HAPPY_VERBS and not SAD.isdisjoint(words):
        return False
    if old in REST_VERBS and not TIRED.isdisjoint(words):
        return False
    if old in PUT_ON and not FIGURE.isdisjoint(words):
        return False
    if new in LIVELY and not SOBER.isdisjoint(words):
        return False
    if new == "kick" and not HAND_BALL.isdisjoint(words):
        return False
    if new == "sleep" and not AWAKE.isdisjoint(words):
        return False
    # Nobody sits or sleeps in mid-air.
    return old not in {"jump", "leap"} or AIRBORNE.isdisjoint(words)


def is_action_mentioned_again(reading: Reading, verb: int, lemma: str) -> bool:
    """Whether the caption tells the same doing once more: "chatting on a phone, using it"."""
    same = load_lexicon().actions.same.get(lemma)
    return same is not None and any(
        reading.tags[token] in OTHER_VERBS
        and verb_lemma(reading.lower[token], reading.tags[token]) in same
        for token in range(len(reading))
        if token != verb and reading.deps[token] != "amod"
    )


def is_free_of_complements(reading: Reading, verb: int) -> bool:
    """Whether no other verb, purpose or particle hangs on this one."""
    for child in reading.children[verb]:
        dep, word = reading.deps[child], reading.lower[child]
        if dep in COMPLEMENT_DEPENDENCIES and word not in {"up", "down"}:
            return False
        if dep == "advcl" and any(reading.lower[t] == "to" for t in reading.children[child]):
            # "feeding horses to calm them"
            return False
        if word == "by" and reading.child(child, "pobj") is None:
            # "a horse walks by": the word belongs to the verb.
            return False
        if dep == "prep":
            held = reading.child(child, "pobj")
            if held is not None and reading.lower[held] in HELD_WITH:
                return False
    if verb and reading.lower[verb - 1] in PRACTISED:
        # "to practice standing": what is meant, and may not succeed.
        return False
    if reading.deps[verb] == "xcomp":
        return reading.lower[reading.heads[verb]] in PARTICIPLES_OF_SEEING
    if reading.deps[verb] in {"ccomp", "pcomp"}:
        main = reading.heads[verb]
        lemma = verb_lemma(reading.lower[main], reading.tags[main])
        unseen = lemma in load_visibility().unseen_verbs
        return reading.child(verb, "nsubj") is not None and not unseen
    return True


def has_simultaneous_action(reading: Reading, verb: int) -> bool:
    """Whether the same subject does something else at the same time."""
    if lists_contents(reading.lower):
        return reading.tags.count("VBG") > 1
    for child in reading.children[verb]:
        dep = reading.deps[child]
        if dep == "conj" and reading.tags[child] in OTHER_VERBS:
            return True
        if dep == "advcl" and reading.child(child, "nsubj", "nsubjpass") is None:
            return True
    if reading.deps[verb] in {"conj", "advcl"}:
        return reading.tags[reading.heads[verb]] in OTHER_VERBS
    # "sat on crops riding in a truck": whose riding it is the parse does not tell.
    return any(reading.tags[token] == "VBG" for token in reading.subtree(verb) if token > verb)


def is_attached_to_object(reading: Reading, verb: int, doer: int | None) -> bool:
    """Whether the parse gives the verb to the doer's object: "reading a book sitting there"."""
    first = visible_subject_of(reading, verb)
    return first is not None and first != doer and reading.role(first) == "dobj"


def visible_subject_of(reading: Reading, verb: int) -> int | None:
    """What does it; of "a group of hikers" the hikers, of "is seen running" who is seen."""
    if lists_contents(reading.lower):
        return len(CONTENTS)
    if reading.deps[verb] == "xcomp":
        subject = reading.child(reading.heads[verb], "nsubjpass")
    else:
        subject = reading.subject_of(verb)
    if subject is not None and reading.lower[subject] in GROUPS | PICTURED:
        return noun_behind_of(reading, subject)
    return subject


def possible_subjects(reading: Reading, verb: int) -> Iterator[int]:
    """What may do it, the likeliest first: of "a boy in a cap eating cookies" the cap, the boy."""
    doer = visible_subject_of(reading, verb)
    for _ in range(MOST_HOLDERS):
        if doer is None:
            return
        yield doer
        if reading.deps[verb] != "acl":
            return
        doer = _holder_of(reading, doer)


def noun_behind_of(reading: Reading, token: int) -> int:
    """What stands behind the "of" of a word; the word itself where nothing does."""
    of = next((c for c in reading.children[token] if reading.lower[c] == "of"), None)
    members = reading.child(of, "pobj") if of is not None else None
    return token if members is None else members


def _holder_of(reading: Reading, token: int) -> int | None:
    """Who has, wears or stands by a thing: "a boy in a cap", "a girl reading a book"."""
    role, governor = reading.role(token), reading.governor(token)
    if role == "pobj" and reading.lower[governor] in PREPOSITIONS_OF_HOLDER:
        governor = reading.heads[governor]
    elif role != "dobj" or reading.tags[governor] != "VBG":
        return None
    if reading.pos[governor] == "VERB":
        return visible_subject_of(reading, governor)
    return governor if reading.pos[governor] == "NOUN" else None


def is_followed_only_by(reading: Reading, verb: int, preps: frozenset[str]) -> bool:
    """Whether every preposition and adverb of the verb is one of `preps`, or says no more."""
    for child in reading.children[verb]:
        dep, word = reading.deps[child], reading.lower[child]
        follows = dep == "prep" and child > verb and word not in preps
        if follows and not _holds_for_any_action(reading, verb, child, preps):
            return False
        near = child == verb + 1 or word.endswith("ly")
        if dep in {"advmod", "prt"} and near and word not in preps:
            return False
    return True


def begins_time_phrase(reading: Reading, prep: int) -> bool:
    """Whether a preposition begins a time: "during the parade", "at sunset", "on monday"."""
    word, ground = reading.lower[prep], reading.child(prep, "pobj")
    if word not in {"at", "on", "during"} or ground is None:
        return False
    mention = reading.mentions.get(ground)
    dated = word == "during" or reading.lower[ground] in DAYS
    return dated or (mention is not None and mention.noun.cls in {"time", "event"})


def _holds_for_any_action(reading: Reading, verb: int, prep: int, preps: frozenset[str]) -> bool:
    """Whether a phrase holds whatever is done: a time, or the place behind another place."""
    ground = reading.child(prep, "pobj")
    if ground is None or begins_time_phrase(reading, prep):
        return ground is not None
    mention = reading.mentions.get(ground)
    if mention is None:
        return reading.lower[ground] in TRANSPARENT_PERSONS
    first = reading.lower[verb + 1]
    return (
        first in preps
        and reading.lower[prep] in PREPOSITIONS_OF_SECOND_PLACE
        and mention.noun.cls != "body"
    )


def next_word_fits(reading: Reading, after: int, preps: frozenset[str]) -> bool:
    """Whether the word right behind goes with the frame, whatever the parse says."""
    if after >= len(reading):
        return True
    tag, word = reading.tags[after], reading.lower[after]
    if tag in {"IN", "RP", "TO", "RB"}:
        return word in preps or word == "while" or begins_time_phrase(reading, after)
    allowed = {",", ".", "CC", ":", "WRB", "VBG", "WDT", "WP", "HYPH", "''", "``"}
    return tag in allowed or word == "isolated"
