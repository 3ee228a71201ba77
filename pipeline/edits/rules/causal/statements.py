"""Finds cause and effect in a caption, with the direction of the connective.

Precision comes before recall: "for a good cause", "image result", "lead singer", "so
beautiful" and "stairs leading to the door" are no causes, and what the parse leaves unclear
is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.edits.lexicon.connectives import Connective, load_causal_lexicon
from pipeline.edits.parse.phrases import wordset
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree, word_tree

if TYPE_CHECKING:
    from spacy.tokens import Doc

FINITE = frozenset({"VBZ", "VBP", "VBD"})
LOOSE_AT_END = wordset(
    "perhaps maybe just only mostly partly mainly probably and but which that is are was were has "
    "have had"
)
"""Words before a connective that belong to neither side."""
LOOSE_AT_START = wordset("after when while as that although and but")
DENYING = wordset("not n't is are was were be been 's")
"""Words before "because" with which it states no cause of what stands before."""
EMPTY = wordset("it this that these those which who what they he she one i you we")
PURPOSE = wordset("can could would will may might should that as to")
"""Words that make a purpose of what follows "so"."""


@dataclass(frozen=True, slots=True)
class CausalMention:
    """A stated cause and effect.

    Attributes:
        connective: What joins them.
        cause: Half-open token span of the cause.
        effect: Half-open token span of the effect.
    """

    connective: Connective
    cause: tuple[int, int]
    effect: tuple[int, int]


def find_mentions(doc: Doc) -> Iterator[CausalMention]:
    """Yield every stated cause and effect, in the order of the text."""
    words = word_tree(doc)
    stated = load_causal_lexicon().stated
    for start, word in enumerate(words.lower):
        for phrase, connective in stated.get(word, ()):
            end = start + len(phrase)
            if words.lower[start:end] == phrase:
                mention = _mention(words, connective, start, end)
                if mention is not None:
                    yield mention
                break


def is_clause(phrase: Phrase) -> bool:
    """Whether a span has a finite verb with its own subject."""
    return any(
        word.dep in {"nsubj", "nsubjpass", "expl"}
        and phrase.start <= word.head.i < phrase.end
        and _is_finite(word.head)
        for word in phrase
    )


def head_of(phrase: Phrase) -> Word:
    """The word of a span on which the others depend."""
    inside = range(phrase.start, phrase.end)
    outer = (w for w in phrase if w.head is w or w.head.i not in inside)
    return next((word for word in outer if not word.is_punct), phrase.root)


def _is_finite(verb: Word) -> bool:
    return verb.tag in FINITE or any(child.tag in FINITE | {"MD"} for child in verb.children)


def _mention(words: WordTree, connective: Connective, start: int, end: int) -> CausalMention | None:
    """What stands on both sides of a connective; None where it joins no cause to its effect."""
    first_word = words[start]
    if connective.verb and first_word.pos not in {"VERB", "AUX"}:
        return None
    if any(child.dep == "neg" for child in first_word.children):
        return None
    before = _trimmed(words, _start_of_clause(words, start), start)
    after = _trimmed(words, end, _end_of_clause(words, end))
    if before is None and connective.effect_first and after is not None and not connective.verb:
        # "because the road is icy, the cars are moving slowly"
        before, after = _trimmed(words, after[1], _end_of_clause(words, after[1] + 1)), after
    elif start and not connective.verb and words.lower[start - 1] in DENYING:
        return None
    if before is None or after is None:
        return None
    sides = (before, after) if connective.effect_first else (after, before)
    mention = CausalMention(connective, cause=sides[1], effect=sides[0])
    return mention if _is_plain(words, mention) else None


def _start_of_clause(words: WordTree, end: int) -> int:
    start = words.sentence(end)[0]
    stops = (i + 1 for i in range(start, end) if words[i].text in {".", ":", ";", "!", "?", "-"})
    return max([start, *stops])


def _end_of_clause(words: WordTree, start: int) -> int:
    stops = (i for i in range(start, len(words)) if words[i].is_punct and words[i].text != "-")
    return next(stops, len(words))


def _trimmed(words: WordTree, start: int, end: int) -> tuple[int, int] | None:
    """A span without punctuation and loose words at its ends; None where nothing is left."""
    while start < end and (words[end - 1].is_punct or words.lower[end - 1] in LOOSE_AT_END):
        end -= 1
    while start < end and (words[start].is_punct or words.lower[start] in LOOSE_AT_START):
        start += 1
    return (start, end) if start < end else None


def _is_plain(words: WordTree, mention: CausalMention) -> bool:
    """Whether both sides name something, in the form that the connective asks for."""
    connective = mention.connective
    effect, cause = words.phrase(*mention.effect), words.phrase(*mention.cause)
    for side in (effect, cause):
        if len(side) == 1 and side[0].lower in EMPTY or side[0].tag in {"WDT", "WP", "WRB"}:
            return False
        if not any(word.pos in {"NOUN", "PROPN", "VERB", "ADJ"} for word in side):
            return False
    if "?" in words.lower or (connective.cause == "clause" and not is_clause(cause)):
        return False
    if connective.name == "so" and not PURPOSE.isdisjoint(word.lower for word in effect):
        return False
    if connective.happening:
        return _happens(effect)
    verbal = any(word.pos in {"VERB", "AUX"} for word in effect)
    return verbal or connective.effect == "nominal"


def _happens(effect: Phrase) -> bool:
    """Whether a phrase names something that happens, and no place that stairs lead to."""
    table = load_causal_lexicon().mining
    root = head_of(effect)
    if root.lemma in table.not_happenings:
        return False
    return root.lemma in table.happenings or (
        root.pos == "NOUN" and root.lemma.endswith(table.happening_endings)
    )
