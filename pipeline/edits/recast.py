"""Edits that only complete counterfactuals make: people and main things become quite others.

A minimal edit keeps as much as it can, so it never makes an astronaut of a woman or a violin of
a lantern; a different scene may.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pipeline.edits.count_words import PICTURES
from pipeline.edits.grammar import article_for, article_repair
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.objects import adjectives_suit, verbs_of
from pipeline.edits.proposal import Proposal, TokenPiece
from pipeline.edits.reading import NounMention, Reading
from pipeline.records import EditKind

RULE = "full.recast"
ROLES = ("chef", "firefighter", "soldier", "police officer", "astronaut", "clown", "farmer")
CHILD_ROLES = ("robot", "clown")
CHILDREN = frozenset({"girl", "boy", "child", "kid", "toddler", "baby"})
RELATIVES = frozenset(
    {"bride", "groom", "mother", "father", "mom", "dad", "mum", "daughter", "son", "sister",
     "brother", "wife", "husband", "grandmother", "grandfather", "king", "queen", "prince",
     "princess", "crowd", "couple", "family", "friend", "member", "parent", "twin", "newborn",
     "infant", "audience", "partner", "owner", "lover", "newlywed", "person", "team", "group"}
)  # fmt: skip
"""People who are said of somebody, or are several."""

STANDING_IN = frozenset(
    {"person", "actor", "actress", "politician", "artist", "player", "athlete", "celebrity",
     "competitor", "footballer", "cricketer", "boxer", "wrestler", "monarch", "author"}
)  # fmt: skip
"""Last words of stand-ins for somebody's name."""

STAYING = frozenset(
    {"young", "old", "happy", "smiling", "little", "small", "tired", "funny", "cute", "serious",
     "cheerful", "adorable", "unidentified", "unknown", "many", "other", "sad", "angry",
     "excited", "surprised"}
)  # fmt: skip
"""Adjectives that can be said of anybody."""

CUES = frozenset(
    {
        "as",
        "vs",
        "naked",
        "character",
        "starring",
        "father",
        "mother",
        "wife",
        "husband",
        "son",
        "daughter",
        "pregnant",
        "bride",
        "groom",
        "boyfriend",
        "girlfriend",
        "bikini",
    }
)
PARTS = frozenset(
    {"sail", "wheel", "wing", "tail", "feather", "beak", "engine", "leaf", "leaves", "petals",
     "wings", "wheels", "sails", "feathers", "lid", "sleeve", "sleeves", "horn", "horns", "roof",
     "windows", "branches", "driver", "passengers", "keys", "strings", "screen", "eyes", "paws"}
)  # fmt: skip
"""Parts that only some things have."""


@dataclass(frozen=True, slots=True)
class Lead:
    """What the main thing of one class may become.

    Attributes:
        put: Nouns that may take its place.
        never: Nouns of the class that stay.
    """

    put: tuple[str, ...]
    never: frozenset[str]


@cache
def load_leads() -> Mapping[str, Lead]:
    """Read leads.toml once."""
    text = (files("pipeline.edits.lexicon") / "leads.toml").read_text(encoding="utf-8")
    return {
        cls: Lead(tuple(entry["put"]), frozenset(entry["never"]))
        for cls, entry in tomllib.loads(text).items()
    }


def recast(reading: Reading) -> Iterator[Proposal]:
    """Other people in the place of those that a caption shows, and another main thing."""
    if not CUES & reading.words:
        for mention in reading.mentions.values():
            if mention.noun.cls == "person":
                yield from _person(reading, mention)
        for start, end in _standing_in(reading):
            yield from _stand_in(reading, start, end)
    for mention in reading.mentions.values():
        if _leads(reading, mention):
            yield from _thing(reading, mention)
            return


def _person(reading: Reading, mention: NounMention) -> Iterator[Proposal]:
    noun, head = mention.noun, mention.head
    if noun.lemma in RELATIVES or mention.phrase_start != mention.start:
        return
    if _is_possessor(reading, head):
        return
    described = [c for c in reading.children[head] if reading.deps[c] in {"amod", "compound"}]
    if any(reading.lower[child] not in STAYING for child in described):
        return
    yield from _exchanges(
        reading, mention, "role", CHILD_ROLES if noun.lemma in CHILDREN else ROLES
    )


def _stand_in(reading: Reading, start: int, end: int) -> Iterator[Proposal]:
    head = end - 1
    if reading.role(head) not in {"ROOT", "nsubj", "nsubjpass"} or _is_possessor(reading, head):
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
    for role in ROLES:
        new = role if has_article else f"{article_for(role)} {role}"
        pieces = [TokenPiece(start, end, new)]
        repair = article_repair(reading, start, role) if has_article else None
        if repair is not None:
            pieces.append(repair)
        yield Proposal(EditKind.OBJECT, "role", tuple(pieces), old, new, RULE)


def _thing(reading: Reading, mention: NounMention) -> Iterator[Proposal]:
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
        if lemma in akin or lemma in reading.words or other.group is mention.noun.group:
            continue
        if any(not nouns.fits_any(other, actions.does[v]) for v in verbs if v in actions.does):
            continue
        if adjectives_suit(reading, mention.head, other, load_lexicon()):
            fitting.append(lemma)
    yield from _exchanges(reading, mention, "thing", fitting)


def _leads(reading: Reading, mention: NounMention) -> bool:
    """Whether the caption is about this thing, and would be as well about another."""
    lead = load_leads().get(mention.noun.cls)
    if lead is None or mention.noun.lemma in lead.never or not mention.noun.countable:
        return False
    head = mention.head
    if _is_possessor(reading, head) or PARTS & reading.words:
        return False
    if any(reading.deps[c] in {"relcl", "appos", "conj"} for c in reading.children[head]):
        return False
    role, governor = reading.deps[head], reading.heads[head]
    if role == "pobj" and reading.lower[governor] == "of":
        return reading.lower[reading.heads[governor]] in PICTURES
    return role == "ROOT" or (role in {"nsubj", "nsubjpass"} and reading.deps[governor] == "ROOT")


def _exchanges(
    reading: Reading, mention: NounMention, subkind: str, lemmas: Iterable[str]
) -> Iterator[Proposal]:
    nouns = load_lexicon().nouns
    old = " ".join(reading.lower[mention.phrase_start : mention.head + 1])
    for lemma in lemmas:
        new = nouns.by_lemma[lemma].plural if mention.plural else lemma
        pieces = [TokenPiece(mention.phrase_start, mention.head + 1, new)]
        repair = article_repair(reading, mention.phrase_start, new)
        if repair is not None:
            pieces.append(repair)
        yield Proposal(EditKind.OBJECT, subkind, tuple(pieces), old, new, RULE)


def _standing_in(reading: Reading) -> list[tuple[int, int]]:
    """Spans of the stand-ins that name somebody."""
    phrases = load_lexicon().protected
    return [
        (start, end)
        for start, end in phrases.find(phrases.placeholders, reading.lower)
        if reading.lower[end - 1] in STANDING_IN
    ]


def _is_possessor(reading: Reading, head: int) -> bool:
    """Whether the next word ties the noun to another: "'s", "of"."""
    return reading.lower[head + 1 : head + 2] in {("'s",), ("'",), ("of",), ("&",)}
