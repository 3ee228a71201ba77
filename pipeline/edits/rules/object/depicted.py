"""Whether a picture of the caption would show a noun's thing, and another in its place."""

from __future__ import annotations

from functools import cache

from pipeline.edits.lexicon import Lexicon, load_lexicon
from pipeline.edits.lexicon.files import load_lexicon_file
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.lexicon.visibility import Visibility
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.rules.count.words import PICTURES

MOST_TOKENS = 26
"""Longer captions are stories more often than descriptions."""

ROLES = frozenset({"workers_in_uniform", "people_about_town"})
WORKS_OF_ART = frozenset({"ornaments", "vases", "statues", "pictures_on_walls", "symbols"})


WORDS_OF_ADVICE_AND_SALE = frozenset(
    {"you", "your", "you're", "i'm", "i'd", "i'll", "want", "wants", "wish", "love", "need",
     "wedding", "$", "£", "€", "%", "favorite", "favourite", "if", "could", "would", "someday",
     "will", "idea", "ideas", "project", "next", "future", "party", "birthday", "best", "like"}
)  # fmt: skip
"""Words of captions that advise, wish or sell."""

SEEING_VERBS = frozenset(
    {"see", "find", "spot", "pass", "visit", "photograph", "capture", "encounter"}
)
"""Verbs of people who report what they saw, and the picture shows."""

MAKING_VERBS = frozenset(
    {"paint", "make", "film", "record", "design", "create", "shoot", "bake", "produce"}
)
"""Verbs whose participle says where a thing comes from, not where it is."""

LIST_OPENING = ("image", "may", "contain")
"""How captions by machines begin that list what is in the picture."""

CLAUSE_DEPENDENCIES = frozenset({"ccomp", "pcomp", "csubj"})
DEPICTING_VERBS = frozenset({"show", "depict", "picture", "capture", "see", "watch", "photograph"})


@cache
def load_visibility() -> Visibility:
    """Read visibility.toml once; pictures are wholes too."""
    table = load_lexicon_file("visibility", Visibility)
    return table.model_copy(update={"wholes": table.wholes | PICTURES})


def is_depicted(
    parsed: ParsedCaption, mention: NounMention, *, under_any_verb: bool = False
) -> bool:
    """Whether the noun stands where a picture would show it.

    Args:
        parsed: The caption.
        mention: The noun.
        under_any_verb: Whether a verb that the lexicon does not know shows its subject and object
            too: who does something is seen, whatever it is, unless it is said only in words.
    """
    head = mention.head
    if not load_visibility().spoken.isdisjoint(parsed.lower) and not _reports_own_sight(parsed):
        return False
    role = parsed.role(head)
    if len(parsed) > MOST_TOKENS or not _governor_shows_noun(parsed, head, role, under_any_verb):
        return False
    made = mention.noun.cls in {"clothing", "food", "tool"}
    if made and any(parsed.lower[child] == "for" for child in parsed.children[head]):
        # "a helmet for boxing": what it is for holds for it alone.
        return False
    if mention.noun.group.name in ROLES and not _role_is_visible(parsed, head, role):
        return False
    if (
        mention.noun.cls == "animal"
        and role == "pobj"
        and parsed.lower[parsed.governor(head)] == "on"
    ):
        # Who is on an animal rides it; few others can be ridden.
        return False
    if mention.noun.cls == "place" and _is_part_of_another_place(parsed, head):
        return False
    if mention.noun.group.name in WORKS_OF_ART and _is_followed_by_author(parsed, head):
        return False
    if _has_unseen_relative_clause(parsed, head):
        return False
    token, steps = parsed.governor(head), 0
    while steps < len(parsed):
        if parsed.pos[token] in {"VERB", "AUX"} and _is_invisible_event(parsed, token):
            return False
        if parsed.heads[token] == token:
            return True
        token, steps = parsed.heads[token], steps + 1
    return True


def _reports_own_sight(parsed: ParsedCaption) -> bool:
    """Whether the caption reports what the picture shows in the first person: "near my flat".

    Only of oneself, and either without a verb or as something that was seen.
    """
    if not WORDS_OF_ADVICE_AND_SALE.isdisjoint(parsed.lower):
        return False
    roots = [token for token, head in enumerate(parsed.heads) if token == head]
    if len([root for root in roots if parsed.punctuation[root] == 0]) != 1:
        return False
    root = roots[0]
    if parsed.pos[root] == "NOUN":
        return not any(
            parsed.pos[child] in {"VERB", "AUX"} and parsed.deps[child] not in {"acl", "amod"}
            for child in parsed.children[root]
        )
    lemma = parsed.verb_lemma(root)
    return lemma in SEEING_VERBS and not _is_invisible_event(parsed, root)


def fits_height(parsed: ParsedCaption, mention: NounMention, other: Noun, lexicon: Lexicon) -> bool:
    """Whether `other` can be up in the air or in a tree where the noun is."""
    if mention.noun.cls not in {"animal", "vehicle"}:
        return True
    fits = lexicon.nouns.fits_any
    table = load_visibility()
    if table.airborne & parsed.words and not fits(other, lexicon.actions.does["fly"]):
        return False
    return not table.aloft & parsed.words or other.cls != "animal" or fits(other, table.climbers)


def _governor_shows_noun(parsed: ParsedCaption, head: int, role: str, under_any_verb: bool) -> bool:
    """Whether the verb or preposition that governs the noun shows it."""
    governor = parsed.governor(head)
    if role == "pobj":
        return _preposition_shows_object(parsed, governor)
    if role not in {"nsubj", "nsubjpass", "dobj"}:
        return True
    lemma = parsed.verb_lemma(governor)
    if lemma == "be" and role == "nsubj":
        # "the boat is at the pier", "there is a boat", not "jellyfish are bioluminescent"
        return parsed.child(governor, "acomp", "attr") is None
    if under_any_verb and parsed.pos[governor] == "VERB":
        return lemma not in load_visibility().unseen_verbs
    return _is_visible_verb(lemma)


def is_under_unknown_verb(parsed: ParsedCaption, head: int) -> bool:
    """Whether the noun is subject or object of a verb that the lexicon does not know."""
    if parsed.role(head) not in {"nsubj", "nsubjpass", "dobj"}:
        return False
    lemma = parsed.verb_lemma(parsed.governor(head))
    return lemma != "be" and not _is_visible_verb(lemma)


def is_visible_action(parsed: ParsedCaption, verb: int) -> bool:
    """Whether a verb says what is seen, now and for certain."""
    lemma = parsed.verb_lemma(verb)
    return _is_visible_verb(lemma) and not _is_invisible_event(parsed, verb)


def _is_visible_verb(lemma: str) -> bool:
    actions = load_lexicon().actions
    known = lemma in load_visibility().visible_verbs or lemma in actions.by_verb
    return known or lemma in actions.does or lemma in actions.fits


def _preposition_shows_object(parsed: ParsedCaption, preposition: int) -> bool:
    """Whether what the preposition governs is seen."""
    table = load_visibility()
    word = parsed.lower[preposition]
    head = parsed.heads[preposition]
    governor = parsed.lower[head]
    if word == "of":
        return governor in table.wholes
    lemma = verb_lemma(governor, parsed.tags[head])
    if word in {"in", "at"} and _depends_on_making(parsed, head):
        # "painted with ink in the studio": where it was made is not seen.
        return False
    if word == "from":
        return lemma in table.seen_from and governor not in PICTURES
    if word == "against":
        return lemma in table.seen_against
    if word == "to":
        return lemma in table.leading or governor in table.leading
    return word not in table.hiding


def _depends_on_making(parsed: ParsedCaption, token: int) -> bool:
    """Whether the token is such a participle, or a noun with which something is made."""
    if parsed.deps[token] == "pobj" and parsed.lower[parsed.heads[token]] == "with":
        token = parsed.heads[parsed.heads[token]]
    tag = parsed.tags[token]
    return tag == "VBN" and verb_lemma(parsed.lower[token], tag) in MAKING_VERBS


def _role_is_visible(parsed: ParsedCaption, head: int, role: str) -> bool:
    """Whether somebody is named where one sees who it is: not "taken by a tourist"."""
    if role == "pobj":
        return parsed.lower[parsed.governor(head)] in {"of", "with", "near", "beside", "behind"}
    return role in {"nsubj", "nsubjpass", "ROOT"}


def _is_part_of_another_place(parsed: ParsedCaption, head: int) -> bool:
    """Whether the place is part of another one: "a lawn in a park"."""
    for child in parsed.children[head]:
        thing = parsed.child(child, "pobj") if parsed.deps[child] == "prep" else None
        other = parsed.mentions.get(thing) if thing is not None else None
        if other is None or other.noun.cls not in {"place", "building", "scenery"}:
            continue
        room = parsed.mentions[head].noun.group.name == "rooms"
        if not room or other.noun.cls == "place":
            # "a bedroom in a cabin" may as well be another of its rooms.
            return True
    return False


def _is_followed_by_author(parsed: ParsedCaption, head: int) -> bool:
    """Whether a work's author follows: "statues by person"."""
    return parsed.lower[head + 1 : head + 2] == ("by",)


def _has_unseen_relative_clause(parsed: ParsedCaption, head: int) -> bool:
    """Whether a relative clause is unseen, or has another subject: "a game that all can play"."""
    for child in parsed.children[head]:
        if parsed.deps[child] != "relcl":
            continue
        subject = parsed.child(child, "nsubj", "nsubjpass")
        if _is_invisible_event(parsed, child):
            return True
        if subject is None or parsed.lower[subject] not in {"who", "that", "which"}:
            return True
    return False


def _is_invisible_event(parsed: ParsedCaption, verb: int) -> bool:
    if parsed.lower[max(verb - 2, 0) : verb + 1] == LIST_OPENING:
        return False
    if parsed.verb_lemma(verb) in load_visibility().unseen_verbs:
        return True
    in_clause = parsed.deps[verb] in CLAUSE_DEPENDENCIES and parsed.heads[verb] != verb
    if in_clause and not _is_content_of_picture(parsed, verb):
        # "a map showing where the school is", "a way of being a father"
        return True
    return any(
        parsed.deps[child] == "neg"
        or (parsed.tags[child] == "MD" and not _is_reported_visible(parsed, verb, child))
        or (parsed.tags[child] == "TO" and not _is_being_prepared(parsed, verb))
        for child in parsed.children[verb]
    )


def _is_content_of_picture(parsed: ParsedCaption, verb: int) -> bool:
    """Whether a picture shows it: "image of a man riding", "it shows people walking"."""
    if parsed.tags[verb] != "VBG":
        return False
    over = parsed.heads[verb]
    if parsed.deps[verb] == "pcomp":
        return parsed.lower[over] == "of" and parsed.lower[parsed.heads[over]] in PICTURES
    if parsed.deps[verb] != "ccomp" or parsed.verb_lemma(over) not in (DEPICTING_VERBS):
        return False
    return not any(parsed.tags[child] in {"WRB", "WDT", "IN"} for child in parsed.children[verb])


def _is_reported_visible(parsed: ParsedCaption, verb: int, modal: int) -> bool:
    """Whether a modal reports that it is visible: "hawks can be seen at the refuge"."""
    return parsed.lower[verb] == "seen" and parsed.lower[modal] in {"can", "could"}


def _is_being_prepared(parsed: ParsedCaption, verb: int) -> bool:
    """Whether the action has begun or is being prepared: "prepares to don her helmet"."""
    over = parsed.heads[verb]
    if parsed.deps[verb] != "xcomp":
        return False
    return parsed.verb_lemma(over) in load_visibility().leading_up
