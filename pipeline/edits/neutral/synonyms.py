"""A word that means the same: "a sofa", "a couch"; a change of a word that is no lie."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.edits.apply.grammar import article_repair
from pipeline.edits.apply.proposal import TokenPiece
from pipeline.edits.lexicon.neutral import load_neutral
from pipeline.edits.neutral.rewording import ARTICLES, Rewording
from pipeline.edits.parse.word_tree import Word, WordTree

PLAIN_BEFORE = frozenset({"DT", "JJ", "CD", "IN", "PRP$", "CC", "VBG", "VBZ", "VBP"})

TITLES = frozenset({"first", "leading"})
"""Adjectives with which a noun is a title: "first lady"."""


def synonyms(words: WordTree) -> Iterator[Rewording]:
    """Every word or phrase of neutral.toml that stands on its own."""
    lexical = load_neutral()
    longest = max(map(len, lexical.other_forms))
    for word in words:
        if word.i in words.parsed.protected:
            continue
        if word.tag in {"NN", "NNS"}:
            new = lexical.noun_forms.get(word.lower)
            if new is not None and _is_whole_noun(word):
                yield _put(words, word.i, word.i + 1, new)
        for width in range(longest, 0, -1):
            end = word.i + width
            phrase = words.lower[word.i : end]
            other = lexical.other_forms.get(phrase)
            if other is not None and end < len(words) and _is_used_plainly(words, word.i, end):
                yield _put(words, word.i, end, other)
                break


def _put(words: WordTree, start: int, end: int, new: str) -> Rewording:
    pieces = [TokenPiece(start, end, new)]
    if repair := article_repair(words.parsed, start, new):
        pieces.append(repair)
    return Rewording("synonym", tuple(pieces), word=" ".join(words.lower[start:end]))


def _is_whole_noun(noun: Word) -> bool:
    """Whether a noun is no part of a compound: "a television", not "a television set"."""
    if noun.dep == "compound" or any(
        child.dep == "compound" or (noun.tag == "NNS" and child.lower in ARTICLES)
        for child in noun.children
    ):
        # "a women" is a slip of the pen, which "a ladies" would repeat.
        return False
    words = noun.words
    if noun.i + 1 < len(words):
        after = words[noun.i + 1]
        if after.tag in {"NN", "NNS", "POS", "HYPH", "NNP"} or after.lower in {"-", "set", "sets"}:
            return False
    if noun.i == 0:
        return True
    before = words[noun.i - 1]
    return before.tag in PLAIN_BEFORE and before.lower not in TITLES


def _is_used_plainly(words: WordTree, start: int, end: int) -> bool:
    """Whether an adjective stands before its noun, or a preposition has its noun behind it."""
    first, last = words[start], words[end - 1]
    if words[end].is_punct or (start and words.lower[start - 1] == "-"):
        return False
    if first.tag == "JJ" and end - start == 1:
        return words[end].tag in {"NN", "NNS", "JJ", "CC"}
    return last.tag in {"IN", "TO"} and words[end].tag in {
        "DT", "NN", "NNS", "JJ", "PRP$", "VBN",
    }  # fmt: skip
