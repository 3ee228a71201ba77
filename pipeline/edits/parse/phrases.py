"""Noun phrases, subjects and word classes that the rules on relations, roles and negation share."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.parse.caption_type import is_instruction, is_list_of_contents
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree


def wordset(text: str) -> frozenset[str]:
    """The words of a text, for tables of words in the code."""
    return frozenset(text.split())


DETERMINERS = wordset(
    "a an the this that these those another each every some his her its their my our your"
)
QUANTITY_TAGS = frozenset({"CD"})
PRONOUNS = wordset("he she they we someone somebody everyone everybody")
"""Pronouns of people in the picture; "i" and "you" mostly address the reader."""
WRAPPERS = wordset(
    "group pair herd flock bunch lot couple row crowd number hundred thousand dozen stack pile "
    "variety collection silhouette portrait photo photograph image picture illustration shot "
    "closeup painting drawing view footage set line team member family million part piece slice "
    "glass cup bottle bowl up video cartoon drawing sketch clip closeup"
)
WORDS_OF_CONVERSATION = wordset(
    "i you my your our we us me ? how why what if let lets can could will would should must may "
    "might need needs want wants ideas tips never"
)
"""Words of captions that talk about a picture, or to the reader, instead of describing it."""


@dataclass(frozen=True, slots=True)
class Move:
    """One entry of `lexicon/relations.toml`: a relation and what may replace it."""

    subkind: str
    sources: tuple[tuple[str, ...], ...]
    targets: tuple[str, ...]
    grounds: frozenset[str]
    figures: frozenset[str]
    verbs: frozenset[str]
    article: bool
    needs_verb: bool
    weight: float


@dataclass(frozen=True, slots=True)
class BodyMove:
    """Where something is about a body: "in his hand", and where else it may be.

    Attributes:
        source: Words; "{of}" stands for a possessive.
        targets: Words that may replace them.
        held: "held" behind a verb of holding, "free" behind anything else, or "any".
    """

    source: tuple[str, ...]
    targets: tuple[str, ...]
    held: str


@dataclass(frozen=True, slots=True)
class Relations:
    """The content of `lexicon/relations.toml`.

    Attributes:
        nouns: Class name → lemmas.
        verbs: Class name → lemmas.
        frozen: Lower-case phrases that are not about places.
        exclusive: Verb → verbs that cannot be seen at the same time.
        moves: The changes, in the order of the file.
        about_body: Changes of where something is about a body.
        unlikely: Noun → nouns that nobody would contrast with it.
        ties: Noun, class or group → words of captions with which it can be no other.
    """

    nouns: Mapping[str, frozenset[str]]
    verbs: Mapping[str, frozenset[str]]
    frozen: tuple[str, ...]
    exclusive: Mapping[str, tuple[str, ...]]
    moves: tuple[Move, ...]
    about_body: tuple[BodyMove, ...]
    unlikely: Mapping[str, frozenset[str]]
    ties: Mapping[str, frozenset[str]]


def _lemmas(text: str) -> frozenset[str]:
    """The words of a text; "@pets" stands for the nouns of that class or group."""
    entries = load_lexicon().nouns.by_lemma.values()
    found: set[str] = set()
    for word in text.split():
        if not word.startswith("@"):
            found.add(word)
            continue
        members = {n.lemma for n in entries if word[1:] in {n.cls, n.group.name}}
        if not members:
            raise KeyError(f"relations.toml: {word} is no class or group of objects.toml")
        found |= members
    return frozenset(found)


@cache
def load_relations() -> Relations:
    """Read `lexicon/relations.toml` once.

    Raises:
        KeyError: An entry names a class that the file does not define.
    """
    text = files("pipeline.edits.lexicon").joinpath("relations.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    nouns = {name: _lemmas(words) for name, words in raw["nouns"].items()}
    verbs = {name: frozenset(words.split()) for name, words in raw["verbs"].items()}
    moves = tuple(
        Move(
            subkind=entry["subkind"],
            sources=tuple(tuple(phrase.split()) for phrase in entry["from"]),
            targets=tuple(entry["to"]),
            grounds=frozenset().union(*(nouns[name] for name in entry["grounds"])),
            figures=frozenset().union(*(nouns[name] for name in entry["figures"]))
            - frozenset().union(*(nouns[name] for name in entry.get("except", ()))),
            verbs=frozenset().union(*(verbs.get(name, {name}) for name in entry["verbs"])),
            article=entry.get("article", False),
            needs_verb=entry.get("needs_verb", False),
            weight=float(entry.get("weight", 1.0)),
        )
        for entry in raw["move"]
    )
    exclusive = {verb: tuple(others) for verb, others in raw["exclusive"].items()}
    about_body = tuple(
        BodyMove(tuple(phrase.split()), tuple(entry["to"]), entry["held"])
        for entry in raw["body"]
        for phrase in entry["from"]
    )
    unlikely = {
        noun.replace("_", " "): frozenset(word.replace("_", " ") for word in others.split())
        for noun, others in raw["unlikely"].items()
    }
    ties = {
        key: frozenset(words.split())
        for name, words in raw["ties"].items()
        for key in (name, name.replace("_", " "))
    }
    return Relations(
        nouns,
        verbs,
        tuple(raw["frozen"]["phrases"]),
        exclusive,
        moves,
        about_body,
        unlikely,
        ties,
    )


def is_a(word: str, *names: str) -> bool:
    """Whether a lemma of the lexicon belongs to one of these classes or groups."""
    noun = load_lexicon().nouns.by_lemma.get(word)
    return noun is not None and (noun.cls in names or noun.group.name in names)


def is_thing(word: str) -> bool:
    """Whether a lemma is a visible thing of the lexicon."""
    return word in load_lexicon().nouns.by_lemma


def is_description(words: WordTree) -> bool:
    """Whether a caption states what is seen, and does not ask, advise or talk to the reader."""
    if not len(words) or is_instruction(words.parsed.tags, words.lower):
        return False
    return WORDS_OF_CONVERSATION.isdisjoint(words.lower) or is_list_of_contents(words.lower)


def chunks_by_start(words: WordTree) -> dict[int, Phrase]:
    """Base noun phrases by the index of their first word."""
    return {chunk.start: chunk for chunk in words.chunks}


def has_determiner(chunk: Phrase) -> bool:
    """Whether a base noun phrase starts with an article, demonstrative, possessive or number."""
    first = chunk[0]
    return (
        first.lower in DETERMINERS
        or first.tag in QUANTITY_TAGS
        or any(token.tag == "POS" for token in chunk)
    )


def is_plural(token: Word) -> bool:
    """Whether a noun is in the plural."""
    return token.tag in {"NNS", "NNPS"}


def subject_of(verb: Word) -> Word | None:
    """The subject of a verb, also of a participle; None where the parse has none."""
    steps = 0
    while steps < 6:
        for child in verb.children:
            if child.dep in {"nsubj", "nsubjpass"}:
                return child
        if verb.dep in {"acl", "relcl"}:
            return verb.head
        if verb.dep not in {"conj", "xcomp", "advcl", "aux"}:
            return None
        verb, steps = verb.head, steps + 1
    return None


def content_noun(noun: Word) -> Word:
    """The noun of what is seen: boys for "a group of boys", a man for "a portrait of a man"."""
    for _ in range(2):
        if noun.lemma not in WRAPPERS:
            return noun
        of = next((child for child in noun.children if child.lower == "of"), None)
        inner = next((c for c in of.children if c.dep == "pobj"), None) if of else None
        if inner is None:
            return noun
        noun = inner
    return noun
