"""Whether another scene contradicts the anchor in enough respects."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.core.stage import Fault
from pipeline.edits.gate.changes import ChangedWord, Part, word_at
from pipeline.edits.gate.sameness import (
    Meanings,
    PartOfSpeech,
    are_of_one_stem,
    number_synonym,
    relation_synonym,
)
from pipeline.edits.parse.parsed_caption import ParsedCaption

LEAST_DIFFERENCES = 2
"""Respects in which a complete counterfactual must differ."""


def scene_fault(before: ParsedCaption, after: ParsedCaption, meanings: Meanings) -> Fault | None:
    """Whether another scene contradicts the anchor in less than two respects."""
    gone = list(_unmatched(before, after, meanings))
    come = list(_unmatched(after, before, meanings))
    differences = min(len(gone), len(come))
    if differences < LEAST_DIFFERENCES:
        return Fault(
            "text.too_near",
            f"only {', '.join(w.text for w in gone) or 'nothing'} of the caption is contradicted",
        )
    return None


SCENE_PARTS = frozenset({Part.THING, Part.QUALITY, Part.DOING, Part.NUMBER, Part.PLACE})
EMPTY = frozenset({"of", "with", "to", "from", "by", "while", "as", "for", "the"})


def _unmatched(
    one: ParsedCaption, other: ParsedCaption, meanings: Meanings
) -> Iterator[ChangedWord]:
    """Words of a caption that another does not say, in these or in like words."""
    theirs = [word_at(other, t) for t in range(len(other)) if not other.punctuation[t]]
    lemmas = {word.lemma for word in theirs} | {word.text for word in theirs}
    for token in range(len(one)):
        word = word_at(one, token)
        if one.punctuation[token] or word.part not in SCENE_PARTS or word.text in EMPTY:
            continue
        if word.lemma in lemmas or word.text in lemmas:
            continue
        if not any(_says(word, their, meanings) for their in theirs):
            yield word


def _says(word: ChangedWord, other: ChangedWord, meanings: Meanings) -> bool:
    if word.part is Part.PLACE or other.part is Part.PLACE:
        return relation_synonym(word.text, other.text) is not None
    if word.part is Part.NUMBER and other.part is Part.NUMBER:
        return number_synonym(word.text, other.text) is not None
    kinds: dict[Part, PartOfSpeech] = {
        Part.THING: "noun", Part.QUALITY: "adj", Part.DOING: "verb"
    }  # fmt: skip
    part = kinds.get(word.part)
    if part is None or other.part not in kinds:
        return False
    if part != "noun" or other.part is not Part.THING:
        return are_of_one_stem(word.text, other.text) or (
            part == kinds[other.part] and meanings.relation(word.text, other.text, part) is not None
        )
    return meanings.relation(word.text, other.text, "noun") is not None
