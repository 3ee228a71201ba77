"""What a caption says of its scene, in the respects in which another caption may contradict it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from pipeline.core.ids import JsonValue
from pipeline.edits.complete.subject import main_thing
from pipeline.edits.complete.surroundings import Surroundings
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.complete import load_complete, sort_of
from pipeline.edits.parse.caption_type import is_list
from pipeline.edits.parse.parsed_caption import ParsedCaption
from pipeline.edits.rules.count.words import NUMBERS
from pipeline.edits.rules.object.depicted import is_depicted, is_visible_action

FEWEST_WORDS, MOST_WORDS = 5, 30
MOST_UNKNOWN_NOUNS = 1
"""Nouns that the lexicon lacks: with more of them nobody knows what the picture shows."""

STAND_INS = "stand-ins"
PEOPLE = "people"
SEVERAL = "several"
_MARKS = re.compile(r"[\"#@:;|]|\d{2}|\d[a-z]|--|\.\.|\bn't\b")


@dataclass(frozen=True, slots=True)
class SceneFacts:
    """What one caption says of its scene.

    Attributes:
        sort: Sort of its main thing; see `scene_sorts.toml`.
        group: Group of the lexicon that the main thing is of.
        lemma: The main thing.
        style: "photo" or "drawn".
        number: How many of it: "1", "several", a number; "" where that is not told.
        doing: Verbs that say what is done.
        settings: Sorts of the settings.
        places: Nouns that name the settings.
        times: Times of day, seasons and weather, each with its group.
        things: What else is there.
        qualities: Noun ("" for the main thing), scale and the pole that it is said to be at.
        content: Lemmas of its nouns, verbs and adjectives.
        length: Number of its words.
        is_sentence: Whether its main verb is finite.
    """

    sort: str
    group: str
    lemma: str
    style: str
    number: str
    doing: frozenset[str]
    settings: frozenset[str]
    places: frozenset[str]
    times: frozenset[tuple[str, str]]
    things: frozenset[str]
    qualities: frozenset[tuple[str, str, str]]
    content: frozenset[str]
    length: int
    is_sentence: bool

    def to_json(self) -> dict[str, JsonValue]:
        """Plain values, sorted: equal facts give equal ones."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in values.items()
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> SceneFacts:
        """Read back what :meth:`to_json` gave.

        Raises:
            TypeError: A field is missing or unknown.
        """
        read: dict[str, Any] = {
            name: frozenset(map(_hashable, found)) if isinstance(found, list) else found
            for name, found in value.items()
        }
        return cls(**read)


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def scene_facts(parsed: ParsedCaption) -> SceneFacts | str:
    """The facts of a caption, or why it shows no scene that another could contradict."""
    fault = _fault(parsed)
    if fault is not None:
        return fault
    main = main_thing(parsed)
    if main is None:
        return "no known thing is what it is about"
    mention = parsed.mentions.get(main)
    words = load_complete()
    lemma, group = parsed.lower[main], STAND_INS
    sort: str | None = "wild" if lemma == "species" else PEOPLE
    if mention is not None:
        lemma, group = mention.noun.lemma, mention.noun.group.name
        sort = sort_of(mention.noun)
    if sort is None:
        return f"{lemma!r} is no main thing of a scene"
    if mention is not None and not is_depicted(parsed, mention):
        return f"{lemma!r} is told of, and not shown"
    if sort == PEOPLE and lemma not in words.collective and _is_of_something(parsed, main):
        return f"{lemma!r} is said to be of something"
    if any(parsed.deps[child] == "appos" for child in parsed.children[main]):
        return "it says of what it shows what else it is"
    rest = Surroundings(parsed, main)
    if rest.unseen:
        return f"nobody sees what {rest.unseen!r} stands for"
    if rest.unknown > MOST_UNKNOWN_NOUNS:
        return "too many of its nouns are not known"
    root = next((t for t, dep in enumerate(parsed.deps) if dep == "ROOT"), 0)
    return SceneFacts(
        sort=sort,
        group=group,
        lemma=lemma,
        style="photo" if words.drawn.isdisjoint(parsed.lower) else "drawn",
        number=_number(parsed, main, lemma),
        doing=_doing(parsed),
        settings=frozenset(rest.settings),
        places=frozenset(rest.places),
        times=frozenset(rest.times),
        things=frozenset(rest.things),
        qualities=_qualities(parsed, main),
        content=frozenset(
            lemma
            for lemma, tag in zip(parsed.lemmas, parsed.tags, strict=True)
            if tag[:1] in "NVJ" and lemma.isalpha() and lemma not in {"be", "have"}
        ),
        length=sum(1 for mark in parsed.punctuation if not mark),
        is_sentence=parsed.tags[root] in {"VBZ", "VBP", "VBD"},
    )


def _fault(parsed: ParsedCaption) -> str | None:
    """What keeps the whole caption from being a scene."""
    if is_list(parsed.lower):
        return "it is a list"
    if not parsed.is_description or parsed.is_conversational or "MD" in parsed.tags:
        return "it is no description"
    if not load_complete().unsuitable.isdisjoint(parsed.lower):
        return "a word of it is said of no scene, or of one that nobody wants drawn"
    if _MARKS.search(parsed.text):
        return "it holds marks or numbers that no picture shows"
    length = sum(1 for mark in parsed.punctuation if not mark)
    if not FEWEST_WORDS <= length <= MOST_WORDS:
        return f"it has {length} words; {FEWEST_WORDS} to {MOST_WORDS} are used"
    if any(
        part == "PROPN" and parsed.text[start].isupper()
        for part, (start, _) in zip(parsed.pos, parsed.char_spans, strict=True)
    ):
        return "it names somebody or some place"
    unseen = _unseen_verb(parsed)
    return None if unseen is None else f"{unseen!r} is not seen"


def _is_of_something(parsed: ParsedCaption, main: int) -> bool:
    """Whether somebody is named by what they are of: "the king of the party"."""
    return any(
        parsed.deps[child] == "prep" and parsed.lower[child] in {"of", "for"}
        for child in parsed.children[main]
    )


def _unseen_verb(parsed: ParsedCaption) -> str | None:
    """A verb of the caption that no picture shows."""
    static = load_complete().static
    for token, tag in enumerate(parsed.tags):
        if tag[:2] != "VB" or parsed.deps[token] in {"aux", "auxpass", "amod", "compound"}:
            continue
        if parsed.verb_lemma(token) not in static and not is_visible_action(parsed, token):
            return parsed.lower[token]
    return None


def _doing(parsed: ParsedCaption) -> frozenset[str]:
    """What is visibly done, of verbs that tell the same doing always the same one."""
    static, same = load_complete().static, load_lexicon().actions.same
    found = set()
    for token, tag in enumerate(parsed.tags):
        if tag[:2] != "VB" or parsed.deps[token] in {"aux", "auxpass", "amod", "compound"}:
            continue
        lemma = parsed.verb_lemma(token)
        if lemma not in static:
            found.add(min(same.get(lemma, {lemma})))
    return frozenset(found)


def _number(parsed: ParsedCaption, main: int, lemma: str) -> str:
    """How many of the main thing there are."""
    if lemma in load_complete().collective:
        return SEVERAL
    for child in parsed.children[main]:
        if parsed.deps[child] == "nummod":
            return str(NUMBERS.get(parsed.lower[child], SEVERAL))
    mention = parsed.mentions.get(main)
    if mention is not None and not mention.noun.countable:
        return ""
    is_living = mention is None or mention.noun.cls in {"person", "animal"}
    joined = is_living and any(parsed.deps[child] == "conj" for child in parsed.children[main])
    return SEVERAL if joined or (mention is not None and mention.plural) else "1"


def _qualities(parsed: ParsedCaption, main: int) -> frozenset[tuple[str, str, str]]:
    """What adjectives say of the things, each on its scale."""
    table = load_lexicon().qualities
    found = set()
    for head in {main, *parsed.mentions}:
        mention = parsed.mentions.get(head)
        noun = mention.noun if mention is not None else parsed.lower[head]
        name = "" if head == main else parsed.lower[head] if mention is None else mention.noun.lemma
        for child in parsed.children[head]:
            if parsed.deps[child] not in {"amod", "compound"}:
                continue
            word = parsed.lower[child]
            if word in table.colours.words:
                found.add((name, "colour", word))
            elif (scale := table.scale_of(word, noun)) is not None:
                pole = next(n for n, words in enumerate(scale.poles) if word in words)
                found.add((name, scale.name, str(pole)))
    return frozenset(found)
