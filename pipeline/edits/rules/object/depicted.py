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


LIST_OPENING = ("image", "may", "contain")
"""How captions by machines begin that list what is in the picture."""

CLAUSE_DEPENDENCIES = frozenset({"ccomp", "pcomp", "csubj"})


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
    if not load_visibility().spoken.isdisjoint(parsed.lower):
        return False
    role = parsed.role(head)
    if len(parsed) > MOST_TOKENS or not _governor_shows_noun(parsed, head, role, under_any_verb):
        return False
    made = mention.noun.cls in {"clothing", "food", "tool"}
    if made and any(parsed.lower[child] == "for" for child in parsed.children[head]):
        # "a helmet for boxing": what it is for holds for it alone.
        return False
    if (
        mention.noun.cls == "animal"
        and role == "pobj"
        and parsed.lower[parsed.governor(head)] == "on"
    ):
        # Who is on an animal rides it; few others can be ridden.
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
    if word == "from":
        return lemma in table.seen_from and governor not in PICTURES
    if word == "against":
        return lemma in table.seen_against
    if word == "to":
        return lemma in table.leading or governor in table.leading
    return word not in table.hiding


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
    if in_clause:
        # "a map showing where the school is", "a way of being a father"
        return True
    return any(
        parsed.deps[child] == "neg"
        or parsed.tags[child] == "MD"
        or (parsed.tags[child] == "TO" and not _is_being_prepared(parsed, verb))
        for child in parsed.children[verb]
    )


def _is_being_prepared(parsed: ParsedCaption, verb: int) -> bool:
    """Whether the action has begun or is being prepared: "prepares to don her helmet"."""
    over = parsed.heads[verb]
    if parsed.deps[verb] != "xcomp":
        return False
    return parsed.verb_lemma(over) in load_visibility().leading_up
