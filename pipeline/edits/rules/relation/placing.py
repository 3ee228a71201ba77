"""What a caption says is where: figure, verb, preposition and ground."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.parse.phrases import PRONOUNS, chunks_by_start, content_noun, subject_of
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree

RELATIVE = frozenset({"that", "which", "who"})


@dataclass(frozen=True, slots=True)
class Placing:
    """Something at a place.

    Attributes:
        figure: What is there: men for "a group of men", the antecedent for "which".
        verb: The verb between the two, None where there is none.
        preposition: The words of the relation.
        start: First token of the preposition.
        ground: To what the figure is in that relation.
    """

    figure: Word
    verb: Word | None
    preposition: tuple[str, ...]
    start: int
    ground: Phrase

    @property
    def end(self) -> int:
        """Token behind the preposition."""
        return self.start + len(self.preposition)

    @property
    def figure_name(self) -> str:
        """Lemma of the figure as the lexicon has it; a pronoun is a person."""
        return "person" if self.figure.lower in PRONOUNS else name_of(self.figure)

    @property
    def ground_name(self) -> str:
        """Lemma of the ground as the lexicon has it."""
        return name_of(self.ground.root)


def placings(words: WordTree) -> Iterator[Placing]:
    """Everything that a caption places, in the order of the text; of "on top of" not the "on"."""
    by_first, chunks = load_relations().by_first, chunks_by_start(words)
    for token in words:
        for phrase in by_first.get(token.lower, ()):
            end = token.i + len(phrase)
            if words.lower[token.i : end] != phrase:
                continue
            figure, verb = _figure_and_verb(token, end)
            if figure is not None and end in chunks:
                yield Placing(content_noun(figure), verb, phrase, token.i, chunks[end])
            break


def name_of(noun: Word) -> str:
    """Lemma of a noun as the lexicon has it, of several words where it knows them."""
    mention = noun.words.parsed.mentions.get(noun.i)
    return noun.lemma if mention is None else mention.noun.lemma


def _figure_and_verb(token: Word, end: int) -> tuple[Word | None, Word | None]:
    """The figure of a relation, and the verb between the two (None where there is none)."""
    head = token.head
    steps = 0
    while token.i <= head.i < end and head.head != head and steps < 4:
        head, steps = head.head, steps + 1
    if token.i <= head.i < end:
        before = token.words[token.i - 1]
        return (before, None) if before.pos in {"NOUN", "PROPN"} else (None, None)
    if head.i > token.i:
        return None, None
    if head.pos in {"NOUN", "PROPN", "PRON"}:
        return head, None
    if head.pos not in {"VERB", "AUX"}:
        return None, None
    if head.tag == "VBG" and head.dep == "acl" and head.head.dep == "dobj":
        # "a girl reading a book sitting on a chair": it is the girl who sits.
        return subject_of(head.head.head), head
    figure = subject_of(head)
    if figure is not None and figure.lower in RELATIVE and head.dep == "relcl":
        figure = head.head
    return figure, head
