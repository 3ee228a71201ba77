"""What an edit changes, word by word: the parts of speech that go, and those that come.

Longer than 300 lines because what a word counts as depends on the kind that it is judged by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cache

from pipeline.core.records import CaptionEdit, EditKind, Role
from pipeline.core.stage import Fault
from pipeline.edits.apply.stated_twice import VALUES
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.gate_words import load_gate_words
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.parse.parsed_caption import ParsedCaption

MODIFYING = frozenset({"amod", "compound", "nmod", "npadvmod", "acomp", "advmod", "quantmod"})
ARTICLES = frozenset({"a", "an"})


class Part(StrEnum):
    """What a word is in an edit."""

    THING = "noun"
    QUALITY = "adjective"
    DOING = "verb"
    NUMBER = "number"
    PLACE = "relation"
    DENIAL = "negator"
    LINK = "conjunction"
    OTHER = "function word"


@dataclass(frozen=True, slots=True)
class ChangedWord:
    """A word that goes or comes.

    Attributes:
        at: Its token.
        text: In lower case.
        lemma: Its base form.
        part: What it is.
        tag: Penn tag.
    """

    at: int
    text: str
    lemma: str
    part: Part
    tag: str


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit changes.

    Attributes:
        removed: Words that go, without those that only change their form.
        added: Words that come.
        regions: Places with a changed word of meaning between words that stay.
    """

    removed: tuple[ChangedWord, ...]
    added: tuple[ChangedWord, ...]
    regions: int

    def parts(self, words: Sequence[ChangedWord]) -> frozenset[Part]:
        """Their parts of speech that carry meaning."""
        return frozenset(word.part for word in words if word.part is not Part.OTHER)


def read_change(edit: CaptionEdit, before: ParsedCaption, after: ParsedCaption) -> Change:
    """What the decisive words of an edit are, by both parses."""
    removed: list[ChangedWord] = []
    added: list[ChangedWord] = []
    regions = 0
    for piece, (start, end) in zip(edit.replacements, edit.caption_spans, strict=True):
        if piece.role is not Role.EDIT:
            continue
        old = list(_words(before, piece.start, piece.end))
        new = list(_words(after, start, end))
        matcher = SequenceMatcher(
            None, [word.lemma for word in old], [word.lemma for word in new], autojunk=False
        )
        for action, i1, i2, j1, j2 in matcher.get_opcodes():
            if action == "equal":
                continue
            gone, come = old[i1:i2], new[j1:j2]
            regions += any(word.part is not Part.OTHER for word in (*gone, *come))
            removed += gone
            added += come
    return Change(tuple(removed), tuple(added), regions)


def _words(reading: ParsedCaption, start: int, end: int) -> Iterator[ChangedWord]:
    for token, (first, last) in enumerate(reading.char_spans):
        if first < end and start < last and not reading.punctuation[token]:
            yield word_at(reading, token)


def word_at(reading: ParsedCaption, token: int) -> ChangedWord:
    """One word with its part of speech, by the parse and by what the lexicon knows."""
    text, tag = reading.lower[token], reading.tags[token]
    part = _part(reading, token)
    lemma = reading.lemmas[token]
    entry = load_lexicon().nouns.forms.get(text)
    if part is Part.THING and entry is not None:
        lemma = "person" if text == "people" else entry[0].lemma
    elif part is Part.DOING:
        lemma = verb_lemma(text, tag)
    return ChangedWord(token, text, lemma, part, tag)


@cache
def is_quality(word: str) -> bool:
    """Whether the lexicon knows a word as a colour, a size, a material, a state or the like."""
    qualities = load_lexicon().qualities
    return word in qualities.colours.words or word in qualities.by_word


def _part(reading: ParsedCaption, token: int) -> Part:
    text, tag, dep = reading.lower[token], reading.tags[token], reading.deps[token]
    words = load_gate_words()
    if text in words.negators:
        return Part.DENIAL
    if text in VALUES or tag == "CD" or text in words.vague_numbers:
        return Part.NUMBER
    if text in {"and", "or", "but"}:
        return Part.LINK
    if text in words.places_in_relations and tag in {"NN", "NNS", "JJ", "RB"}:
        return Part.PLACE
    if text in words.relation_words and tag in {"IN", "RP", "TO", "RB", "JJ", "RBR", "VBD", "CC"}:
        return Part.PLACE
    if tag in {"DT", "PRP", "PRP$", "EX", "WDT", "WP", "WRB", "PDT", "POS", "MD", "UH"}:
        return Part.OTHER
    if text in {"be", "is", "are", "was", "were", "being", "been", "do", "does", "'s"}:
        return Part.OTHER
    if tag.startswith("JJ") or tag.startswith("RB"):
        return Part.QUALITY
    if tag.startswith("VB"):
        return Part.QUALITY if dep in {"amod", "acomp"} else Part.DOING
    if tag.startswith("NN"):
        return Part.QUALITY if is_quality(text) and dep in MODIFYING else Part.THING
    return Part.PLACE if tag in {"IN", "RP", "TO"} else Part.OTHER


MAIN = {
    EditKind.OBJECT: Part.THING,
    EditKind.ATTRIBUTE: Part.QUALITY,
    EditKind.COUNT: Part.NUMBER,
    EditKind.RELATION: Part.PLACE,
    EditKind.ACTION: Part.DOING,
}
"""What an edit of each kind changes."""

COMES_ALONG = {
    EditKind.OBJECT: frozenset({Part.THING}),
    EditKind.ATTRIBUTE: frozenset({Part.QUALITY}),
    EditKind.COUNT: frozenset({Part.NUMBER}),
    EditKind.RELATION: frozenset({Part.PLACE}),
    EditKind.ACTION: frozenset({Part.DOING, Part.PLACE}),
}
"""What may change with it and is no second change."""


def kind_fault(
    edit: CaptionEdit, change: Change, before: ParsedCaption, after: ParsedCaption
) -> Fault | None:
    """Whether an edit is of its kind, and one change alone; swaps and causes are not judged."""
    if edit.kind is EditKind.NEGATION:
        return _negation_fault(change)
    main = MAIN.get(edit.kind)
    if main is None:
        return None
    removed = [_as_meant(word, edit.kind, before) for word in change.removed]
    added = [_as_meant(word, edit.kind, after) for word in change.added]
    removed, added = _alike(removed, added, main), _alike(added, removed, main)
    gone = {word.part for word in removed} - {Part.OTHER}
    come = {word.part for word in added} - {Part.OTHER}
    if Part.DENIAL in gone ^ come:
        return Fault("text.wrong_kind", "it denies something, which is a negation")
    said = "a change from {} to {}".format(
        " and ".join(sorted(gone)) or "nothing", " and ".join(sorted(come)) or "nothing"
    )
    if not gone | come:
        return Fault("text.nothing_changed", f"{edit.old!r} → {edit.new!r} are forms of one word")
    is_one_sided = edit.kind in {EditKind.ATTRIBUTE, EditKind.COUNT, EditKind.RELATION}
    has_main = main in gone | come if is_one_sided else main in gone & come
    if not has_main:
        return Fault("text.wrong_kind", f"{said}, which is no edit of kind {edit.kind}")
    more = (gone | come) - COMES_ALONG[edit.kind]
    # "hot dog" for "sandwich": an adjective that no scale knows is part of a name.
    if edit.kind is EditKind.OBJECT and more == {Part.QUALITY}:
        known = [
            word
            for side in (removed, added)
            if not _is_named(side)
            for word in side
            if word.part is Part.QUALITY and is_quality(word.text)
        ]
        both = Part.QUALITY in gone and Part.QUALITY in come
        more = more if known or both else set()
    if edit.kind is EditKind.COUNT and more == {Part.THING}:
        more = more if _lemmas(removed) - _lemmas(added) else set()
    # "in the middle" → "at the edge"
    if more or (change.regions > 1 and edit.kind is not EditKind.RELATION):
        parts = ", ".join(sorted(more)) or "words in two places"
        return Fault("text.several_changes", f"{parts} change too")
    return _too_many(edit.kind, removed, added)


def _is_named(words: Sequence[ChangedWord]) -> bool:
    """Whether several words are the name of one thing: "red wine", "brown bear"."""
    return " ".join(word.text for word in words) in load_lexicon().nouns.forms and len(words) > 1


def _alike(words: list[ChangedWord], others: list[ChangedWord], main: Part) -> list[ChangedWord]:
    """Words as what they can be, where the other side is that for sure.

    The tagger takes "stays" for a noun and "scratches" for a verb. What they stand for tells.
    """
    role = {Part.DOING: "VERB", Part.THING: "NOUN"}.get(main)
    if role is None or not any(word.part is main for word in others):
        return words
    return [
        replace(word, part=main)
        if word.part in {Part.THING, Part.DOING, Part.QUALITY}
        and _can_be(word.text, role)
        and not (main is Part.THING and word.text.endswith("ing"))
        and not (word.part is Part.QUALITY and is_quality(word.text))
        and not any(one.part is main for one in words)
        else word
        for word in words
    ]


@cache
def _can_be(text: str, role: str) -> bool:
    from lemminflect import getAllLemmas

    return role in getAllLemmas(text)


def _too_many(
    kind: EditKind, removed: Sequence[ChangedWord], added: Sequence[ChangedWord]
) -> Fault | None:
    """Two qualities at once, or things that are joined."""
    if kind is EditKind.ATTRIBUTE:
        most = max(_count(removed, Part.QUALITY), _count(added, Part.QUALITY))
        if most > MOST_QUALITIES:
            return Fault("text.several_changes", f"{most} qualities change")
    return None


MOST_QUALITIES = 2
"""Words of one quality: "hand drawn", "bright yellow"."""


def _count(words: Sequence[ChangedWord], part: Part) -> int:
    return sum(word.part is part for word in words)


def _lemmas(words: Sequence[ChangedWord]) -> frozenset[str]:
    return frozenset(word.lemma for word in words if word.part is Part.THING)


def _as_meant(word: ChangedWord, kind: EditKind, reading: ParsedCaption) -> ChangedWord:
    """A word as the kind of the edit takes it, where its own part of speech is not decisive.

    "a" is a number beside "two"; a noun before a noun is a quality of it ("iron" in "iron
    lamp"); a participle may be a state; and the tagger takes verbs for nouns and the reverse.
    """
    part, text, dep = word.part, word.text, reading.deps[word.at]
    if kind is EditKind.COUNT and (text in ARTICLES or reading.lower[word.at + 1 :][:1] == ("of",)):
        # "a group of people": how many there are.
        part = Part.NUMBER
    elif kind is EditKind.COUNT and text == "of":
        part = Part.OTHER
    elif kind is EditKind.ATTRIBUTE and part is not Part.QUALITY:
        is_modifier = dep in MODIFYING and text not in load_lexicon().nouns.forms
        before_noun = word.tag in {"NN", "VBN", "VBG"} and _stands_before_noun(reading, word.at)
        if is_quality(text) and (before_noun or dep in MODIFYING or word.tag != "NN"):
            part = Part.QUALITY
        elif part in {Part.THING, Part.DOING} and (is_modifier or before_noun):
            entry = load_lexicon().nouns.forms.get(text)
            part = Part.QUALITY if entry is None or dep in MODIFYING else part
        elif word.tag == "VBN" or (
            part is Part.THING and reading.tags[word.at + 1 :][:1] == ("VBN",)
        ):
            # "hand drawn", "wind blown"
            part = Part.QUALITY
        elif part is Part.PLACE and word.tag in {"JJ", "RB"}:
            part = Part.QUALITY
    elif (
        kind is EditKind.ACTION
        and part is Part.THING
        and _may_be_verb(text)
        or kind is EditKind.ACTION
        and part is Part.QUALITY
        and text.endswith(("ing", "ed"))
    ):
        part = Part.DOING
    elif kind is EditKind.OBJECT and part is not Part.THING:
        known = text in load_lexicon().nouns.forms
        if part is Part.DOING:
            part = Part.THING if known or _is_noun_here(reading, word.at) else part
        elif word.tag in {"NN", "NNS"} or (known and not is_quality(text)):
            part = Part.THING
    elif kind is EditKind.RELATION and part is Part.QUALITY and text in _relations():
        part = Part.PLACE
    elif kind is EditKind.RELATION and part is Part.THING and _is_body(text):
        # "in his hand", "at his feet"
        part = Part.PLACE
    return ChangedWord(word.at, text, word.lemma, part, word.tag)


def _is_body(text: str) -> bool:
    entry = load_lexicon().nouns.forms.get(text)
    return entry is not None and entry[0].cls == "body"


def _relations() -> frozenset[str]:
    words = load_gate_words()
    return words.relation_words | words.places_in_relations


def _stands_before_noun(reading: ParsedCaption, token: int) -> bool:
    return reading.tags[token + 1 : token + 2] in {("NN",), ("NNS",), ("JJ",)}


def _is_noun_here(reading: ParsedCaption, token: int) -> bool:
    """Whether a "verb" is a thing: the lexicon knows it, and a determiner or adjective leads."""
    before = reading.tags[token - 1] if token else "DT"
    known = reading.lower[token] in load_lexicon().nouns.forms
    return known and before in {"DT", "JJ", "PRP$", "CD", "NN", "IN"}


@cache
def _may_be_verb(text: str) -> bool:
    """Whether a word can be a form of a verb; things that the lexicon knows cannot."""
    from lemminflect import getAllLemmas

    if text in load_lexicon().nouns.forms and not text.endswith("ing"):
        return False
    return "VERB" in getAllLemmas(text)


def _negation_fault(change: Change) -> Fault | None:
    """A negation adds or takes away one negator, and leaves the rest as it is."""
    denied = _count(change.added, Part.DENIAL) - _count(change.removed, Part.DENIAL)
    if denied == 0:
        return Fault("text.no_negator", "it neither adds nor takes away a word that denies")
    meaning = {Part.THING, Part.QUALITY, Part.DOING, Part.NUMBER}
    gone = {word.lemma for word in change.removed if word.part in meaning}
    come = {word.lemma for word in change.added if word.part in meaning}
    if gone and come:
        return Fault("text.several_changes", "a denial that changes other words too")
    return None
