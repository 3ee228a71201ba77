"""Whether a picture of the caption would show a noun's thing, and another in its place."""

from __future__ import annotations

from functools import cache

from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.lexicon.files import load_lexicon_file
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.lexicon.visibility import Visibility
from pipeline.edits.parse.reading import NounMention, Reading
from pipeline.edits.rules.count.words import PICTURES

MOST_TOKENS = 26
"""Longer captions tell stories."""

ROLES = frozenset({"workers_in_uniform", "people_about_town"})
WORKS = frozenset({"ornaments", "vases", "statues", "pictures_on_walls", "symbols"})


TO_OTHERS = frozenset(
    {"you", "your", "you're", "i'm", "i'd", "i'll", "want", "wants", "wish", "love", "need",
     "wedding", "$", "£", "€", "%", "favorite", "favourite", "if", "could", "would", "someday",
     "will", "idea", "ideas", "project", "next", "future", "party", "birthday", "best", "like"}
)  # fmt: skip
"""Words of captions that advise, wish or sell."""

SEEING = frozenset({"see", "find", "spot", "pass", "visit", "photograph", "capture", "encounter"})
"""What one tells of having done with what the picture shows."""

MADE = frozenset(
    {"paint", "make", "film", "record", "design", "create", "shoot", "bake", "produce"}
)
"""Verbs whose participle tells where a thing comes from, not where it is."""

LISTING = ("image", "may", "contain")
"""What a machine puts before a list of what it has seen."""

CLAUSES = frozenset({"ccomp", "pcomp", "csubj"})
PICTURING = frozenset({"show", "depict", "picture", "capture", "see", "watch", "photograph"})


@cache
def load_visibility() -> Visibility:
    """Read visibility.toml once; pictures are wholes too."""
    table = load_lexicon_file("visibility", Visibility)
    return table.model_copy(update={"wholes": table.wholes | PICTURES})


def is_shown(reading: Reading, mention: NounMention) -> bool:
    """Whether the noun stands where a picture would show it."""
    head = mention.head
    if not load_visibility().spoken.isdisjoint(reading.lower) and not _is_told_of_seeing(reading):
        return False
    role = reading.role(head)
    if len(reading) > MOST_TOKENS or not _is_seen_with(reading, head, role):
        return False
    made = mention.noun.cls in {"clothing", "food", "tool"}
    if made and any(reading.lower[child] == "for" for child in reading.children[head]):
        # "a helmet for boxing": what it is for holds for it alone.
        return False
    if mention.noun.group.name in ROLES and not _is_a_look(reading, head, role):
        return False
    if (
        mention.noun.cls == "animal"
        and role == "pobj"
        and reading.lower[reading.governor(head)] == "on"
    ):
        # Who is on an animal rides it; few others can be ridden.
        return False
    if mention.noun.cls == "place" and _lies_in_a_place(reading, head):
        return False
    if mention.noun.group.name in WORKS and _is_by_somebody(reading, head):
        return False
    if _has_foreign_clause(reading, head):
        return False
    token, steps = reading.governor(head), 0
    while steps < len(reading):
        if reading.pos[token] in {"VERB", "AUX"} and _is_unseen(reading, token):
            return False
        if reading.heads[token] == token:
            return True
        token, steps = reading.heads[token], steps + 1
    return True


def _is_told_of_seeing(reading: Reading) -> bool:
    """Whether who speaks tells of what the picture shows: "market down the street from my flat".

    Only of oneself, and either without a verb or as something that was seen.
    """
    if not TO_OTHERS.isdisjoint(reading.lower):
        return False
    roots = [token for token, head in enumerate(reading.heads) if token == head]
    if len([root for root in roots if reading.punctuation[root] == 0]) != 1:
        return False
    root = roots[0]
    if reading.pos[root] == "NOUN":
        return not any(
            reading.pos[child] in {"VERB", "AUX"} and reading.deps[child] not in {"acl", "amod"}
            for child in reading.children[root]
        )
    lemma = verb_lemma(reading.lower[root], reading.tags[root])
    return lemma in SEEING and not _is_unseen(reading, root)


def suits_place(reading: Reading, mention: NounMention, other: Noun, lexicon: Lexicon) -> bool:
    """Whether `other` can be up in the air or in a tree where the noun is."""
    if mention.noun.cls not in {"animal", "vehicle"}:
        return True
    fits = lexicon.nouns.fits_any
    table = load_visibility()
    if table.airborne & reading.words and not fits(other, lexicon.actions.does["fly"]):
        return False
    return not table.aloft & reading.words or other.cls != "animal" or fits(other, table.climbers)


def _is_seen_with(reading: Reading, head: int, role: str) -> bool:
    """Whether the verb or preposition that governs the noun shows it."""
    governor = reading.governor(head)
    if role == "pobj":
        return _is_seen_behind(reading, governor)
    if role not in {"nsubj", "nsubjpass", "dobj"}:
        return True
    lemma = verb_lemma(reading.lower[governor], reading.tags[governor])
    if lemma == "be" and role == "nsubj":
        # "the boat is at the pier", "there is a boat", not "jellyfish are bioluminescent"
        return reading.child(governor, "acomp", "attr") is None
    return _is_visible(lemma)


def is_seen_action(reading: Reading, verb: int) -> bool:
    """Whether a verb says what is seen, now and for certain."""
    lemma = verb_lemma(reading.lower[verb], reading.tags[verb])
    return _is_visible(lemma) and not _is_unseen(reading, verb)


def _is_visible(lemma: str) -> bool:
    actions = load_lexicon().actions
    known = lemma in load_visibility().visible_verbs or lemma in actions.by_verb
    return known or lemma in actions.does or lemma in actions.fits


def _is_seen_behind(reading: Reading, preposition: int) -> bool:
    """Whether what the preposition governs is seen."""
    table = load_visibility()
    word = reading.lower[preposition]
    head = reading.heads[preposition]
    governor = reading.lower[head]
    if word == "of":
        return governor in table.wholes
    lemma = verb_lemma(governor, reading.tags[head])
    if word in {"in", "at"} and _hangs_on_making(reading, head):
        # "painted with ink in the studio": where it was made is not seen.
        return False
    if word == "from":
        return lemma in table.seen_from and governor not in PICTURES
    if word == "against":
        return lemma in table.seen_against
    if word == "to":
        return lemma in table.leading or governor in table.leading
    return word not in table.hiding


def _hangs_on_making(reading: Reading, token: int) -> bool:
    """Whether the token is such a participle, or a noun with which something is made."""
    if reading.deps[token] == "pobj" and reading.lower[reading.heads[token]] == "with":
        token = reading.heads[reading.heads[token]]
    tag = reading.tags[token]
    return tag == "VBN" and verb_lemma(reading.lower[token], tag) in MADE


def _is_a_look(reading: Reading, head: int, role: str) -> bool:
    """Whether somebody is named where one sees who it is: not "taken by a tourist"."""
    if role == "pobj":
        return reading.lower[reading.governor(head)] in {"of", "with", "near", "beside", "behind"}
    return role in {"nsubj", "nsubjpass", "ROOT"}


def _lies_in_a_place(reading: Reading, head: int) -> bool:
    """Whether the place is part of another one: "a lawn in a park"."""
    for child in reading.children[head]:
        thing = reading.child(child, "pobj") if reading.deps[child] == "prep" else None
        other = reading.mentions.get(thing) if thing is not None else None
        if other is None or other.noun.cls not in {"place", "building", "scenery"}:
            continue
        room = reading.mentions[head].noun.group.name == "rooms"
        if not room or other.noun.cls == "place":
            # "a bedroom in a cabin" may as well be another of its rooms.
            return True
    return False


def _is_by_somebody(reading: Reading, head: int) -> bool:
    """Whether a work's author follows: "statues by person"."""
    return reading.lower[head + 1 : head + 2] == ("by",)


def _has_foreign_clause(reading: Reading, head: int) -> bool:
    """Whether a clause tells of the noun, or what others do to it: "a game that all can play"."""
    for child in reading.children[head]:
        if reading.deps[child] != "relcl":
            continue
        subject = reading.child(child, "nsubj", "nsubjpass")
        if _is_unseen(reading, child):
            return True
        if subject is None or reading.lower[subject] not in {"who", "that", "which"}:
            return True
    return False


def _is_unseen(reading: Reading, verb: int) -> bool:
    if reading.lower[max(verb - 2, 0) : verb + 1] == LISTING:
        return False
    if verb_lemma(reading.lower[verb], reading.tags[verb]) in load_visibility().unseen_verbs:
        return True
    told = reading.deps[verb] in CLAUSES and reading.heads[verb] != verb
    if told and not _is_pictured_doing(reading, verb):
        # "a map showing where the school is", "a way of being a father"
        return True
    return any(
        reading.deps[child] == "neg"
        or (reading.tags[child] == "MD" and not _can_be_seen(reading, verb, child))
        or (reading.tags[child] == "TO" and not _is_about_to(reading, verb))
        for child in reading.children[verb]
    )


def _is_pictured_doing(reading: Reading, verb: int) -> bool:
    """Whether a picture is said to show it: "image of a man riding", "it shows people walking"."""
    if reading.tags[verb] != "VBG":
        return False
    over = reading.heads[verb]
    if reading.deps[verb] == "pcomp":
        return reading.lower[over] == "of" and reading.lower[reading.heads[over]] in PICTURES
    if reading.deps[verb] != "ccomp" or verb_lemma(reading.lower[over], reading.tags[over]) not in (
        PICTURING
    ):
        return False
    return not any(reading.tags[child] in {"WRB", "WDT", "IN"} for child in reading.children[verb])


def _can_be_seen(reading: Reading, verb: int, modal: int) -> bool:
    """Whether a modal says that it is seen: "hawks can be seen at the refuge"."""
    return reading.lower[verb] == "seen" and reading.lower[modal] in {"can", "could"}


def _is_about_to(reading: Reading, verb: int) -> bool:
    """Whether what is to be done has begun, or is got ready for: "prepares to don her helmet"."""
    over = reading.heads[verb]
    if reading.deps[verb] != "xcomp":
        return False
    return verb_lemma(reading.lower[over], reading.tags[over]) in load_visibility().leading_up
