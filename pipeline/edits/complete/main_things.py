"""Edits that only complete counterfactuals make: people and main things become quite others.

A minimal edit keeps as much as it can, so it never makes an astronaut of a woman or a violin of
a lantern; a different scene may.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.core.records import EditKind
from pipeline.edits.apply.grammar import agree, article_for, article_repair
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.lexicon.leads import load_leads
from pipeline.edits.lexicon.objects import Noun
from pipeline.edits.parse.noun_mentions import NounMention
from pipeline.edits.parse.parsed_caption import PRONOUNS, ParsedCaption
from pipeline.edits.rules.count.words import PICTURES, TOGETHER
from pipeline.edits.rules.object.depicted import is_depicted, is_visible_action
from pipeline.edits.rules.object.replacement import adjectives_fit, verbs_of

RULE = "full.main_thing"
SEVERAL = "several"
"""Edits that change what is shown and how many of it: two respects at once."""

NUMBERS = ("two", "three", "four")
ROLES = ("chef", "firefighter", "soldier", "police officer", "astronaut", "clown", "farmer")
CHILD_ROLES = ("robot", "clown")
CHILDREN = frozenset({"girl", "boy", "child", "kid", "toddler", "baby"})
RELATIVES = frozenset(
    {"daughter", "son", "sister", "brother", "wife", "husband", "crowd", "couple", "family",
     "member", "twin", "audience", "partner", "owner", "lover", "person", "team", "group"}
)  # fmt: skip
"""People who are said of somebody, or are several."""

PLACEHOLDER_NOUNS = frozenset(
    {"person", "actor", "actress", "politician", "artist", "player", "athlete", "celebrity",
     "competitor", "footballer", "cricketer", "boxer", "wrestler", "monarch", "author",
     "species", "founder", "leader"}
)  # fmt: skip
"""Last words of stand-ins for somebody's name."""

KEPT_ADJECTIVES = frozenset(
    {"young", "old", "happy", "smiling", "little", "small", "tired", "funny", "cute", "serious",
     "cheerful", "adorable", "unidentified", "unknown", "many", "other", "sad", "angry",
     "excited", "surprised"}
)  # fmt: skip
"""Adjectives that can be said of anybody."""

FORBIDDING = frozenset(
    {"as", "vs", "naked", "character", "starring", "wife", "husband", "pregnant", "boyfriend",
     "girlfriend", "bikini"}
)  # fmt: skip
AFLOAT = frozenset(
    {"float", "floats", "floating", "sail", "sails", "sailing", "swim", "swims", "swimming",
     "flown", "flying", "flies", "moored", "anchored", "docked", "diving", "sea", "sky"}
)  # fmt: skip
"""Words of captions whose animal or vehicle is in water or in the air."""

SMALL_ANIMALS = frozenset({"insects", "rodents", "reptiles", "sea_animals"})
GROUPS = frozenset({"group", "herd", "flock", "pair", "row", "bunch", "pile", "couple", "set"})
PARTS = frozenset(
    {"sail", "wheel", "wing", "tail", "feather", "beak", "engine", "leaf", "leaves", "petals",
     "wings", "wheels", "sails", "feathers", "lid", "sleeve", "sleeves", "horn", "horns", "roof",
     "windows", "branches", "train", "belt", "neckline", "driver", "passengers", "keys",
     "strings", "screen", "eyes", "paws"}
)  # fmt: skip
"""Parts that only some things have."""


def replace_main_things(reading: ParsedCaption) -> Iterator[Proposal]:
    """Other people in the place of those that a caption shows, and another main thing."""
    if not FORBIDDING & reading.words:
        for mention in reading.mentions.values():
            if mention.noun.cls == "person":
                yield from _replace_person(reading, mention)
        for start, end in _placeholders(reading):
            yield from _replace_placeholder(reading, start, end)
    for mention in reading.mentions.values():
        if _is_main_thing(reading, mention):
            yield from _replace_thing(reading, mention)


def _replace_person(reading: ParsedCaption, mention: NounMention) -> Iterator[Proposal]:
    noun, head = mention.noun, mention.head
    if noun.lemma in RELATIVES or mention.phrase_start != mention.start:
        return
    if _is_possessor(reading, head) or _is_characterised(reading, head):
        return
    if not is_depicted(reading, mention):
        return
    if any(
        reading.lower[child] not in KEPT_ADJECTIVES
        for child in reading.children[head]
        if child < mention.start and reading.deps[child] in {"amod", "compound"}
    ):
        return
    akin = load_lexicon().nouns.akin(noun.lemma)
    roles = CHILD_ROLES if noun.lemma in CHILDREN else ROLES
    yield from _exchanges(reading, mention, "role", [role for role in roles if role not in akin])


def _replace_placeholder(reading: ParsedCaption, start: int, end: int) -> Iterator[Proposal]:
    head = end - 1
    if reading.role(head) not in {"ROOT", "nsubj", "nsubjpass"} or _is_possessor(reading, head):
        return
    if _is_characterised(reading, head):
        return
    if any(
        reading.deps[child] in {"appos", "conj", "amod"}
        for child in reading.children[head]
        if not start <= child < end
    ):
        return
    has_article = bool(start) and reading.lower[start - 1] in {"a", "an", "the"}
    if start and not has_article:
        return
    old = " ".join(reading.lower[start:end])
    is_animal = reading.lower[head] == "species"
    if is_animal and PARTS & reading.words:
        return
    for role in load_leads()["animal"].put if is_animal else ROLES:
        if not has_article and _number_can_change(reading, head):
            new = f"{_number_for(role)} {load_lexicon().nouns.by_lemma[role].plural}"
            pieces = [TokenPiece(start, end, new), *agree(reading, head, plural=True)]
            yield Proposal(EditKind.OBJECT, SEVERAL, tuple(pieces), old, new, RULE)
        new = role if has_article else f"{article_for(role)} {role}"
        pieces = [TokenPiece(start, end, new)]
        repair = article_repair(reading, start, new) if has_article else None
        if repair is not None:
            pieces.append(repair)
        yield Proposal(EditKind.OBJECT, "role", tuple(pieces), old, new, RULE)


def _replace_thing(reading: ParsedCaption, mention: NounMention) -> Iterator[Proposal]:
    lead = load_leads()[mention.noun.cls]
    nouns, actions = load_lexicon().nouns, load_lexicon().actions
    akin = nouns.akin(mention.noun.lemma)
    verbs = [
        verb_lemma(reading.lower[verb], reading.tags[verb])
        for verb in verbs_of(reading, mention.head)
    ]
    fitting = []
    for lemma in lead.put:
        other = nouns.by_lemma[lemma]
        if lemma in akin or lemma in reading.words:
            continue
        if any(not nouns.fits_any(other, actions.does[v]) for v in verbs if v in actions.does):
            continue
        if adjectives_fit(reading, mention.head, other, load_lexicon()):
            fitting.append(lemma)
    yield from _exchanges(reading, mention, "thing", fitting)


def _is_main_thing(reading: ParsedCaption, mention: NounMention) -> bool:
    """Whether the caption is about this thing, and would be as well about another."""
    lead = load_leads().get(mention.noun.cls)
    if lead is None or mention.noun.lemma in lead.never or not mention.noun.countable:
        return False
    head = mention.head
    own = reading.lower[mention.start : head + 1]
    if _is_possessor(reading, head) or PARTS & reading.words.difference(own):
        return False
    if any(reading.deps[c] in {"relcl", "appos", "conj"} for c in reading.children[head]):
        return False
    if _is_depicted_thing(reading, head):
        return True
    role, governor = reading.deps[head], reading.heads[head]
    if not is_depicted(reading, mention):
        return False
    if AFLOAT & reading.words and mention.noun.cls in {"vehicle", "animal"}:
        return False
    if mention.noun.group.name in SMALL_ANIMALS or _is_characterised(reading, head):
        return False
    return role == "ROOT" or (role in {"nsubj", "nsubjpass"} and reading.deps[governor] == "ROOT")


def _is_depicted_thing(reading: ParsedCaption, head: int) -> bool:
    """Whether the caption is a picture, or a group, of the noun: "a portrait of a fox"."""
    governor = reading.heads[head]
    if reading.deps[head] != "pobj" or reading.lower[governor] != "of":
        return False
    whole = reading.heads[governor]
    return reading.lower[whole] in PICTURES or (reading.lower[whole] in GROUPS and whole < 3)


def _exchanges(
    reading: ParsedCaption, mention: NounMention, subkind: str, lemmas: Iterable[str]
) -> Iterator[Proposal]:
    nouns = load_lexicon().nouns
    old = " ".join(reading.lower[mention.phrase_start : mention.head + 1])
    for lemma in lemmas:
        new = nouns.by_lemma[lemma].plural if mention.plural else lemma
        yield from _change_number(reading, mention, old, nouns.by_lemma[lemma])
        pieces = [TokenPiece(mention.phrase_start, mention.head + 1, new)]
        repair = article_repair(reading, mention.phrase_start, new)
        if repair is not None:
            pieces.append(repair)
        yield Proposal(EditKind.OBJECT, subkind, tuple(pieces), old, new, RULE)


def _is_characterised(reading: ParsedCaption, head: int) -> bool:
    """Whether the sentence says what it is or looks like, or only tells of it."""
    if reading.role(head) not in {"nsubj", "nsubjpass"}:
        return False
    verb = reading.governor(head)
    if not is_visible_action(reading, verb):
        return True
    if "like" in reading.lower[verb + 1 : verb + 5]:
        return True
    return reading.child(verb, "attr", "ccomp") is not None


def _change_number(
    reading: ParsedCaption, mention: NounMention, old: str, other: Noun
) -> Iterator[Proposal]:
    """Several others in the place of one, or a single one in the place of several."""
    head, start = mention.head, mention.phrase_start
    if not other.countable or not _number_can_change(reading, head):
        return
    repairs = agree(reading, head, plural=not mention.plural)
    article = reading.determiner(head)
    if mention.plural:
        if article is not None or any(child < start for child in reading.children[head]):
            return
        if reading.lower[reading.heads[reading.heads[head]]] in GROUPS:
            return
        new = f"a single {other.lemma}"
        pieces = (TokenPiece(start, head + 1, new), *repairs)
    else:
        number = _number_for(other.lemma)
        first = min((*reading.children[head], start))
        if article is not None and reading.lower[article] in {"a", "an", "the"}:
            opening = TokenPiece(article, article + 1, number)
        elif article is None and first == 0:
            opening = TokenPiece(0, 0, number)
        else:
            return
        new = f"{number} {other.plural}"
        pieces = (TokenPiece(start, head + 1, other.plural), opening, *repairs)
    yield Proposal(EditKind.OBJECT, SEVERAL, pieces, old, new, RULE)


def _number_for(lemma: str) -> str:
    """One of a few numbers, always the same for a noun."""
    return NUMBERS[len(lemma) % len(NUMBERS)]


def _number_can_change(reading: ParsedCaption, head: int) -> bool:
    """Whether number may change here: what is said of it holds for one and for many."""
    if PRONOUNS.intersection(reading.lower) or TOGETHER.intersection(reading.lower):
        return False
    is_subject = reading.role(head) in {"ROOT", "nsubj", "nsubjpass"}
    if not is_subject and not _is_depicted_thing(reading, head):
        return False
    if reading.lower[head + 1 : head + 2] == ("and",) or reading.child(head, "nummod") is not None:
        return False
    return all(
        reading.deps[child] not in {"appos", "conj", "attr", "poss"}
        for child in reading.children[head]
    ) and all(mention.noun.cls not in {"clothing", "body"} for mention in reading.mentions.values())


def _placeholders(reading: ParsedCaption) -> list[tuple[int, int]]:
    """Spans of the stand-ins that name somebody."""
    phrases = load_lexicon().protected
    return [
        (start, end)
        for start, end in phrases.find(phrases.placeholders, reading.lower)
        if reading.lower[end - 1] in PLACEHOLDER_NOUNS
    ]


def _is_possessor(reading: ParsedCaption, head: int) -> bool:
    """Whether the next word ties the noun to another: "'s", "of"."""
    return reading.lower[head + 1 : head + 2] in {("'s",), ("'",), ("of",), ("&",)}
