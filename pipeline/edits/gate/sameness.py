"""Whether what an edit or a scene says differs from the anchor at all."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import cache
from typing import Literal

from pipeline.core.protocols import WordRelations
from pipeline.core.records import CaptionEdit, EditKind
from pipeline.core.stage import Fault
from pipeline.edits.apply.stated_twice import VALUES
from pipeline.edits.gate.changes import Change, ChangedWord, Part, is_quality, word_at
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.gate_words import load_gate_words
from pipeline.edits.lexicon.inflection import singular_of, verb_lemma
from pipeline.edits.lexicon.meanings import KnownMeanings
from pipeline.edits.parse.parsed_caption import ParsedCaption

PartOfSpeech = Literal["noun", "verb", "adj"]

SAME_START = 0.75
"""Share of the shorter word with which two words begin alike and are of one stem."""

FEWEST_LETTERS = 4
ARTICLES = {"a": 1, "an": 1}


def relation_synonym(old: str, new: str) -> Fault | None:
    """Whether two relations are the same place to whoever looks."""
    first, second = _bare(old), _bare(new)
    for phrases in load_gate_words().same_relations.values():
        if first in phrases and second in phrases:
            return Fault("text.synonym", f"{second!r} is the same place as {first!r}")
    return None


def number_synonym(old: str, new: str) -> Fault | None:
    """Whether two numbers do not contradict each other."""
    first, second = _value(old), _value(new)
    if first is not None and first == second:
        return Fault("text.synonym", f"{new!r} is as many as {old!r}")
    vague = load_gate_words().vague_numbers
    vague_old, vague_new = (any(_holds(text, p) for p in vague) for text in (old, new))
    exact = first if vague_new else second
    if vague_old + vague_new and (vague_old == vague_new or (exact or 0) > PAIR):
        return Fault("text.synonym", f"{new!r} does not contradict {old!r}")
    return None


PAIR = 2
"""The greatest number that "several" and the like exclude."""


def _holds(text: str, phrase: str) -> bool:
    return f" {phrase} " in f" {text.lower()} "


def _value(text: str) -> float | None:
    """The number that words say: "a couple of", "3", "an"; None where they say none."""
    words = [word if word in VALUES else singular_of(word) for word in text.lower().split()]
    found = [VALUES[word] for word in words if word in VALUES and VALUES[word] > 1]
    if found:
        return found[0]
    for word in words:
        if word.isdecimal():
            return float(word)
    if any(word in VALUES or word in ARTICLES for word in words):
        return 1.0
    return None


def _bare(phrase: str) -> str:
    words = [word for word in phrase.lower().split() if word not in {"right", "just", "directly"}]
    while words and words[-1] in {"a", "an", "the", "his", "her", "its", "their"}:
        words.pop()
    return " ".join(words)


class Meanings:
    """Whether two words mean the same: by WordNet, or by the extract of it in the lexicon."""

    def __init__(self, dictionary: WordRelations | None) -> None:
        self._dictionary: WordRelations = dictionary or KnownMeanings()

    def edit_fault(self, edit: CaptionEdit, change: Change) -> Fault | None:
        """Whether what an edit puts in means the same as what it takes away."""
        if edit.kind is EditKind.RELATION:
            return relation_synonym(edit.old, edit.new)
        if edit.kind is EditKind.COUNT:
            return number_synonym(edit.old, edit.new)
        part = PARTS.get(edit.kind)
        if part is None:
            return None
        old = [w for w in change.removed if w.part in MEANING]
        new = [w for w in change.added if w.part in MEANING]
        if not old or not new:
            return None
        relation = self.relation(_text(old), _text(new), part)
        if relation is None:
            return None
        return Fault("text.synonym", f"{_text(new)!r} is a {relation} of {_text(old)!r}")

    def relation(self, old: str, new: str, part: PartOfSpeech) -> str | None:
        """How two words are related: "synonym", "hypernym", "hyponym" or "form"."""
        if part == "noun":
            return self._of_nouns(old, new)
        if are_of_one_stem(old, new):
            return "form"
        if part == "adj" and _share_pole(old, new):
            return "synonym"
        if part == "verb" and _same_doing(old, new):
            return "synonym"
        found = self._dictionary.relation(old, new, part)
        if found is None and part == "adj" and not is_quality(old):
            # A participle is in WordNet as a verb: "grinning" beside "smiling".
            found = self._dictionary.relation(old, new, "verb")
        return found

    def _of_nouns(self, old: str, new: str) -> str | None:
        nouns = load_lexicon().nouns
        first, second = nouns.forms.get(old), nouns.forms.get(new)
        if first and second and first[0].lemma == second[0].lemma:
            return "form"
        # What the lexicon holds for too alike to be exchanged may be sisters, a tie and a scarf:
        # then no sense of the one is above the other.
        akin = bool(first and second and second[0].lemma in nouns.akin(first[0].lemma))
        found = self._dictionary.relation(old, new, "noun", any_sense=akin)
        if found is not None:
            return found
        if old.endswith(f" {new}") or new.endswith(f" {old}"):
            return "hypernym" if len(new) < len(old) else "hyponym"
        if first and second and first[0].group is second[0].group:
            return None
        if _is_last_part(new, old):
            return "hypernym"
        return "hyponym" if _is_last_part(old, new) else None


PARTS: dict[EditKind, PartOfSpeech] = {
    EditKind.OBJECT: "noun",
    EditKind.ATTRIBUTE: "adj",
    EditKind.ACTION: "verb",
}
MEANING = frozenset({Part.THING, Part.QUALITY, Part.DOING, Part.NUMBER, Part.PLACE})


def _text(words: Iterable[ChangedWord]) -> str:
    return " ".join(word.text for word in words)


def _is_last_part(short: str, long: str) -> bool:
    """Whether a word names what a longer one names more exactly: "ball" in "basketball"."""
    if long.endswith(f"-{short}"):
        return True
    nouns = load_lexicon().nouns.forms
    rest = long.removesuffix(short)
    return rest != long and len(short) >= FEWEST_LETTERS and rest in nouns


def are_of_one_stem(one: str, other: str) -> bool:
    """Whether two words begin alike and are forms of one: "luxury", "luxurious"."""
    one, other = (word.replace("our", "or") for word in (one.lower(), other.lower()))
    if one == other:
        return True
    match = SequenceMatcher(None, one, other).find_longest_match()
    if match.a or match.b or match.size < FEWEST_LETTERS:
        return False
    return match.size >= SAME_START * min(len(one), len(other)) and not _are_opposed(one, other)


def _are_opposed(one: str, other: str) -> bool:
    """Whether one has an ending that turns it: "leafy", "leafless"."""
    return one.endswith("less") != other.endswith("less")


def _share_pole(old: str, new: str) -> bool:
    """Whether two qualities are of one pole on every scale that has both, or look alike."""
    qualities = load_lexicon().qualities
    if qualities.colours.look_alike(old, new):
        return True
    shared = [
        any(old in pole and new in pole for pole in scale.poles)
        for scale in qualities.by_word.get(old, ())
        if any(new in pole for pole in scale.poles)
    ]
    return bool(shared) and all(shared)


def _same_doing(old: str, new: str) -> bool:
    first, second = (verb_lemma(text.split()[0], "VBG") for text in (old, new))
    if old.split()[1:] != new.split()[1:]:
        return False
    return first == second or any({first, second} <= one for one in load_gate_words().doings)


def swap_fault(edit: CaptionEdit, before: ParsedCaption, after: ParsedCaption) -> Fault | None:
    """Whether two phrases that change places leave all as it was, or no sentence at all."""
    pieces = [piece for piece in edit.replacements if piece.role.value == "edit"]
    if len(pieces) != 2:
        return None
    first, second = (_heads(before, piece.start, piece.end) for piece in pieces)
    if first is None or second is None:
        return None
    if before.deps[second] == "conj" and _joined_to(before, second, first):
        return Fault("text.symmetric", f"{edit.old!r} and {edit.new!r} are only joined")
    parts = word_at(before, first).part, word_at(before, second).part
    if parts[0] is not parts[1]:
        return Fault("text.broken_swap", f"a {parts[0]} and a {parts[1]} change places")
    joined = before.heads[first] == second or before.heads[second] == first
    if joined and {before.deps[first], before.deps[second]} & {"amod", "compound"}:
        return Fault("text.broken_swap", "one belongs to the other")
    between = before.lower[min(first, second) + 1 : max(first, second)]
    relation = " ".join(word for word in between if word not in {"a", "an", "the"})
    if parts[0] is Part.THING and _is_symmetric(relation):
        return Fault("text.symmetric", f"{relation!r} holds both ways")
    if parts[0] is Part.THING and _pole(before, first, second):
        return Fault("text.broken_swap", "one of the two is a quality of a thing")
    return None


def _pole(reading: ParsedCaption, first: int, second: int) -> bool:
    return (reading.deps[first] == "compound") != (reading.deps[second] == "compound")


def _heads(reading: ParsedCaption, start: int, end: int) -> int | None:
    inside = [token for token, (a, b) in enumerate(reading.char_spans) if a < end and start < b]
    for token in inside:
        if reading.heads[token] not in inside or reading.heads[token] == token:
            return token
    return None


def _joined_to(reading: ParsedCaption, token: int, other: int) -> bool:
    while reading.deps[token] == "conj" and reading.heads[token] != token:
        token = reading.heads[token]
        if token == other:
            return True
    return False


@cache
def _is_symmetric(relation: str) -> bool:
    """Whether a relation says the same of its two sides the other way round."""
    return relation in load_gate_words().same_relations["beside"] | {
        "and",
        "or",
        "with",
        "opposite",
    }
