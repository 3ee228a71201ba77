"""Negations that a caption has, taken away: "without a hat" → "with a hat"."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.edits.apply.grammar import article_for
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.negation import load_negation
from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.parse.phrases import is_plural
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree
from pipeline.edits.rules.negation.one_sided import one_sided

HAVING = frozenset({"with", "is", "are", "has", "have", "wearing"})


def take_away(words: WordTree, word: Word, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
    """Take away a "without", a "no" or a "not" before something visible."""
    others = {other.lower for other in words if other is not word}
    if word.i == 0 or not load_negation().doubts.isdisjoint(others):
        return
    if word.lower == "without":
        chunk = chunks.get(word.i + 1)
        if chunk is not None and chunk[0].lower not in {"any", "the"}:
            yield from _of_a_thing(words, word, chunk.root, "with", bare=len(chunk) == 1)
    elif word.lower == "no" and word.dep == "det" and word.head.i - word.i <= 3:
        if words[word.i - 1].lower in HAVING:
            yield from _of_a_thing(words, word, word.head, "", bare=True)
    elif word.dep == "neg" and word.i + 1 < len(words):
        yield from _of_a_verb(words, word)


def _of_a_thing(
    words: WordTree, word: Word, noun: Word, instead: str, *, bare: bool
) -> Iterator[Proposal]:
    """The thing is there; with an article where it came without one."""
    known = load_lexicon().nouns.by_lemma.get(noun.lemma)
    if known is None or any(child.dep in {"conj", "cc"} for child in noun.children):
        return
    if bare and known.countable and not is_plural(noun):
        instead = f"{instead} {article_for(words[word.i + 1].text)}".strip()
    piece = TokenPiece(word.i, word.i + 1, instead)
    yield one_sided(
        "removed", piece, f"{word.text} {noun.text}", f"{instead.split(' ')[0]} {noun.text}".strip()
    )


def _of_a_verb(words: WordTree, word: Word) -> Iterator[Proposal]:
    """A "not" before an action or a quality goes away."""
    verb, after = word.head, words[word.i + 1]
    doing = after is verb and verb.tag == "VBG" and verb.lemma in load_relations().verbs["visible"]
    if not doing and not (after.dep == "acomp" and after.lower in load_lexicon().qualities.by_word):
        return
    if words[word.i - 1].space:
        piece = TokenPiece(word.i, word.i + 1, "")
    else:
        # "isn't" is two tokens without a space: the pair is replaced as one.
        piece = TokenPiece(word.i - 1, word.i + 1, words[word.i - 1].text)
    yield one_sided("removed", piece, f"{word.text} {after.text}", after.text)
