"""Whether a caption states a second time what an edit changes only once.

"a brown horse in a field. The horse is brown": a white horse there would contradict the rest
of its own caption. Words are compared by what they mean as far as the lexicon knows it, numbers
by their value, and symbols by their Unicode name. Nothing is parsed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.core.records import CaptionEdit, EditKind, Role
from pipeline.edits.apply.case import SMALL
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.lexicon.objects import Noun

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+(?=x?\b)|[^\w\s]")
VALUES = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12, "twenty": 20,
    "single": 1, "pair": 2, "couple": 2, "both": 2, "duo": 2, "twin": 2, "twins": 2, "trio": 3,
    "triplets": 3, "quartet": 4,
}  # fmt: skip
OTHER = frozenset({"another", "other", "others", "second", "different"})
"""Words before a noun by which it is not the one named before."""

REACH = 3
"""Words between a quality or a number and the noun that it belongs to."""

EMPTY = SMALL | {"no", "without", "there", "it", "they", "this", "that", "these", "those", "be"}


@dataclass(frozen=True, slots=True)
class _Word:
    """A word or symbol of a caption."""

    text: str
    start: int
    end: int
    noun: Noun | None
    value: float | None
    verb: str


def stated_twice(edit: CaptionEdit, *, kin: bool = True) -> str | None:
    """The word that repeats what the edit changes; None where nothing does.

    Args:
        edit: The edit.
        kin: Whether a thing of the same kind repeats another, as a puppy does a dog.
    """
    if edit.kind is EditKind.CAUSAL_ORDER:
        return None
    words = _words_once(edit.factual)
    changed = [
        i
        for i, word in enumerate(words)
        if any(piece.start < word.end and word.start < piece.end for piece in edit.replacements)
    ]
    targets = [
        i for i in _decisive(edit, words) if words[i].text.isalnum() and words[i].text not in EMPTY
    ]
    others = [i for i in range(len(words)) if i not in changed and i not in targets]
    for target in targets:
        for other in others:
            # What takes a dog's place excludes the puppy that stays; but to deny or to count one
            # thing says nothing of its kin: "tomatoes without cucumbers", "one boat by the ship".
            if _repeats(words, target, other, kin=kin and edit.kind is EditKind.OBJECT):
                return words[other].text
    before, behind = _nouns_around(edit, words)
    if edit.kind is EditKind.COUNT or any(words[i].value is not None for i in targets):
        # Another number would not fit the second mention.
        return _again(words, behind, others)
    if edit.kind is EditKind.RELATION and _again(words, before, others):
        return _again(words, behind, others)
    return None


def _nouns_around(edit: CaptionEdit, words: Sequence[_Word]) -> tuple[int | None, int | None]:
    """The last noun before an edit, and the first that it holds or that stands behind it."""
    start = next(piece.start for piece in edit.replacements if piece.role is Role.EDIT)
    nouns = [i for i, word in enumerate(words) if word.noun is not None]
    before = [i for i in nouns if words[i].end <= start]
    behind = [i for i in nouns if words[i].start >= start]
    return before[-1] if before else None, behind[0] if behind else None


def _again(words: Sequence[_Word], noun: int | None, others: Sequence[int]) -> str | None:
    """A second mention of the same thing."""
    for other in others:
        if noun is not None and other != noun and _repeats(words, noun, other):
            return words[other].text
    return None


def _decisive(edit: CaptionEdit, words: Sequence[_Word]) -> Iterator[int]:
    """The words that the edit changes; the next one where it only puts something in."""
    for piece in edit.replacements:
        if piece.role is not Role.EDIT:
            continue
        inside = [i for i, w in enumerate(words) if piece.start < w.end and w.start < piece.end]
        if all(words[i].text in EMPTY for i in inside):
            behind = [
                i for i, w in enumerate(words) if w.start >= piece.end and w.text not in EMPTY
            ]
            inside = behind[:1] if edit.kind is EditKind.NEGATION else []
        yield from inside


def _repeats(words: Sequence[_Word], one: int, other: int, *, kin: bool = False) -> bool:
    """Whether another word says again what a word says, of the same thing.

    Args:
        words: Of the caption.
        one: A word that an edit changes.
        other: Another one.
        kin: Whether a noun of the same kin says it again too, as "puppy" does "dog".
    """
    if not _mean_the_same(words[one], words[other]):
        return False
    if not kin and _are_other_nouns(words[one], words[other]):
        return False
    if words[one].noun is not None:
        return not _are_two(words, one, other)
    if words[one].verb:
        return True
    first, second = _noun_of(words, one), _noun_of(words, other)
    if first is None or second is None:
        return True
    return first == second or _mean_the_same(words[first], words[second])


def _mean_the_same(one: _Word, other: _Word) -> bool:
    if one.value is not None or other.value is not None:
        return one.value == other.value
    if _is_symbol(other.text):
        named = unicodedata.name(other.text, "").lower().split()
        return any(_mean_the_same(one, _word(name, 0, 0)) for name in named if name not in EMPTY)
    if one.noun is not None and other.noun is not None:
        return other.noun.lemma in load_lexicon().nouns.akin(one.noun.lemma)
    if one.text == other.text:
        return True
    qualities = load_lexicon().qualities
    if one.text in qualities.colours.words and other.text in qualities.colours.words:
        return qualities.colours.look_alike(one.text, other.text)
    if one.verb and other.verb:
        same = load_lexicon().actions.same.get(one.verb, frozenset())
        return other.verb == one.verb or other.verb in same
    return False


def _are_other_nouns(one: _Word, other: _Word) -> bool:
    return one.noun is not None and other.noun is not None and one.noun.lemma != other.noun.lemma


def _are_two(words: Sequence[_Word], one: int, other: int) -> bool:
    """Whether two mentions of a noun are of two things: "a red car and a blue car"."""
    first, second = _modifiers(words, one), _modifiers(words, other)
    if OTHER & (first | second):
        return True
    return bool(first and second) and not first & second


def _modifiers(words: Sequence[_Word], noun: int) -> frozenset[str]:
    """Words right before a noun that tell it from others of its kind."""
    found: set[str] = set()
    for i in range(noun - 1, max(noun - 1 - REACH, -1), -1):
        word = words[i]
        if not word.text.isalnum() or word.text in EMPTY or word.noun is not None or word.verb:
            break
        found.add(word.text if word.value is None else str(word.value))
    return frozenset(found)


def _noun_of(words: Sequence[_Word], at: int) -> int | None:
    """The noun that a quality or a number belongs to: behind it, known or not, or before a "is"."""
    if words[at].noun is not None:
        return at
    last = None
    for i in range(at + 1, min(at + 2 + REACH, len(words))):
        if words[i].noun is not None:
            return i
        if not words[i].text.isalnum() or words[i].text in EMPTY - {"and"}:
            break
        last = i if words[i].text != "and" else last
    if last is not None and (words[at].value is None or words[last].text.endswith("s")):
        return last
    for i in range(at - 1, max(at - 2 - REACH, -1), -1):
        if words[i].noun is not None:
            return i
        # "one umbrella, not two": what is denied belongs to what it is denied of.
        if not words[i].text.isalnum() and words[i + 1].text != "not":
            break
    return None


@lru_cache(maxsize=16)
def _words_once(text: str) -> Sequence[_Word]:
    """The words of a factual wording, which the edits of a caption share."""
    return tuple(_words(text))


def _words(text: str) -> Iterator[_Word]:
    """The words of a caption; of a noun of several words the last stands for it."""
    forms = load_lexicon().nouns.forms
    before: _Word | None = None
    for match in WORD.finditer(text.lower()):
        word = _word(match.group(), *match.span())
        if before is not None:
            entry = forms.get(f"{before.text} {word.text}")
            word = replace(word, noun=entry[0], value=None, verb="") if entry else word
            # "wine bottle": the first tells which.
            yield (
                replace(before, noun=None) if word.noun and word.start - before.end == 1 else before
            )
        before = word
    if before is not None:
        yield before


def _word(text: str, start: int, end: int) -> _Word:
    return _Word(text, start, end, *_meaning(text))


@lru_cache(maxsize=8192)
def _meaning(text: str) -> tuple[Noun | None, float | None, str]:
    """The noun, the number and the verb that a word may be."""
    lexicon = load_lexicon()
    entry = lexicon.nouns.forms.get(text)
    value: float | None = VALUES.get(text)
    if value is None and len(text) < REACH * 2:
        value = float(text) if text.isdecimal() else None
        if len(text) == 1 and not text.isalpha():
            value = unicodedata.numeric(text, None)
    tag = "VBG" if text.endswith("ing") else "VBZ"
    verb = verb_lemma(text, tag) if entry is None and text.isalpha() else ""
    verb = verb if verb in lexicon.actions.by_verb and verb != text else ""
    return entry[0] if entry else None, value, verb


def _is_symbol(text: str) -> bool:
    return len(text) == 1 and unicodedata.category(text) in {"So", "Sm", "Sk"}
