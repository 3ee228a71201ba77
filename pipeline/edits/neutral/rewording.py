"""One way to say a caption differently, and what the rules that find them ask of a phrase."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.edits.apply.proposal import TokenPiece
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.inflection import verb_lemma
from pipeline.edits.lexicon.neutral import load_neutral
from pipeline.edits.parse.parsed_caption import PRONOUNS
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree
from pipeline.edits.rules.count.words import PICTURES

FINITE = frozenset({"VBZ", "VBP", "VBD", "MD"})
ARTICLES = frozenset({"a", "an"})
SOME = frozenset({"several", "some", "many", "multiple", "numerous"})
"""Determiners of things that were not spoken of before, beside articles and numbers."""
REFERRING = PRONOUNS | {
    "other", "another", "one", "ones", "both", "former", "latter", "respectively", "each", "same",
    "left", "right", "first", "second", "who", "whose",
}  # fmt: skip
"""Words that point at a phrase, perhaps by where it stands."""


@dataclass(frozen=True, slots=True)
class Rewording:
    """Pieces that say a caption in another way.

    Attributes:
        rule: Name of the rule.
        pieces: What is put where.
        exchange: Whether the words only change their order, and so keep their letters.
        word: What it takes away, where that decides how often it is wanted.
    """

    rule: str
    pieces: tuple[TokenPiece, ...]
    exchange: bool = False
    word: str = ""

    @property
    def share(self) -> float:
        """Part of such rewordings that is wanted, in (0, 1]: see neutral.toml."""
        shares = load_neutral().shares
        return shares.get(self.word or self.rule, 1.0)


Reword = Callable[[WordTree], Iterator[Rewording]]
"""A rule: yields every rewording that it stands behind."""


def is_visible(chunk: Phrase) -> bool:
    """Whether a base noun phrase is a thing that a picture shows, and no picture itself."""
    return chunk.root.i in chunk.words.parsed.mentions and chunk.root.lemma not in PICTURES


def is_new(chunk: Phrase) -> bool:
    """Whether a phrase begins with "a", a number or the like, or is a plural without a word."""
    first = chunk[0]
    if any(word.tag in {"JJS", "RBS"} or word.lower == "top" for word in chunk):
        return False
    if first.lower in ARTICLES or first.lower in SOME or first.tag == "CD":
        return True
    return chunk.root.tag == "NNS" and first.tag in {"NNS", "JJ", "VBG", "VBN"}


def is_many(chunk: Phrase) -> bool:
    """Whether a phrase takes "are"."""
    return chunk.root.tag == "NNS"


def agrees(chunk: Phrase) -> bool:
    """Whether the word that leads a phrase goes with its number: not "an suits"."""
    lead = chunk[0].lower
    return lead not in (ARTICLES if is_many(chunk) else SOME)


def opening(words: WordTree) -> Phrase | None:
    """The base noun phrase with which a caption begins, where a rule may say more of it."""
    chunk = words.chunks[0] if words.chunks else None
    if chunk is None or chunk.start or chunk.root.tag not in {"NN", "NNS"}:
        return None
    return chunk if is_visible(chunk) and is_new(chunk) and agrees(chunk) else None


def finite_verbs(words: WordTree) -> list[Word]:
    """Verbs of statements, without those of a clause that describes a noun or says when."""
    return [word for word in words if _is_finite(word) and not _is_aside(word)]


def _is_finite(word: Word) -> bool:
    """Whether a word is a finite verb, also where it is taken for a noun: "a lady smiles"."""
    if word.tag in FINITE:
        return True
    before = word.words[word.i - 1].tag if word.i else ""
    taken = (
        word.tag == "NNS" and before in {"NN", "NNS"} and word.i not in word.words.parsed.mentions
    )
    return taken and verb_lemma(word.lower, "VBZ") in load_lexicon().actions.by_verb


def _is_aside(word: Word) -> bool:
    while word.head is not word:
        if word.dep in {"relcl", "advcl"}:
            return True
        word = word.head
    return False
