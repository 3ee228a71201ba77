"""What a caption says is where: figure, verb, preposition and ground."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.edits.lexicon.placements import Counts, kind_of
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
        preposition: The relation by its first name in relations.toml.
        start: First token of the preposition.
        end: Token behind it.
        ground: To what the figure is in that relation.
    """

    figure: Word
    verb: Word | None
    preposition: str
    start: int
    end: int
    ground: Phrase

    @property
    def figure_name(self) -> str:
        """Lemma of the figure as the lexicon has it; a pronoun is a person."""
        return "person" if self.figure.lower in PRONOUNS else _name(self.figure)

    @property
    def ground_name(self) -> str:
        """Lemma of the ground as the lexicon has it."""
        return _name(self.ground.root)


def placings(words: WordTree) -> Iterator[Placing]:
    """Everything that a caption places, in the order of the text; of "on top of" not the "on"."""
    by_first, chunks = load_relations().by_first, chunks_by_start(words)
    for token in words:
        for phrase, name in by_first.get(token.lower, ()):
            end = token.i + len(phrase)
            if words.lower[token.i : end] != phrase:
                continue
            figure, verb = _figure_and_verb(token, end)
            if figure is not None and end in chunks:
                inner = content_noun(figure)
                yield Placing(inner, verb, name, token.i, end, chunks[end])
            break


def count_placements(captions: Iterable[WordTree]) -> tuple[Counts, Counts]:
    """The tables of placements.toml: figures and verbs, by ground and preposition."""
    figures: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    doings: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for words in captions:
        for one in placings(words):
            if not kind_of(one.ground_name):
                continue
            if kind_of(one.figure_name):
                figures[one.ground_name][one.preposition][one.figure_name] += 1
            if one.verb is not None:
                doings[one.ground_name][one.preposition][one.verb.lemma] += 1
    return _sorted(figures), _sorted(doings)


def _sorted(counts: Mapping[str, Mapping[str, Mapping[str, int]]]) -> Counts:
    return {
        ground: {name: dict(sorted(found.items())) for name, found in sorted(by_name.items())}
        for ground, by_name in sorted(counts.items())
    }


def _name(noun: Word) -> str:
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
