"""Negations that a caption has, taken away: "without a hat" → "with a hat"."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.edits.apply.grammar import article_for
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.negation import load_negation
from pipeline.edits.lexicon.relations import load_relations
from pipeline.edits.parse.phrases import is_plural, is_thing
from pipeline.edits.parse.word_tree import Phrase, Word, WordTree
from pipeline.edits.rules.negation.proposals import negation_proposal


class NegationRemoval:
    """Takes away a "without", a "not" or a "no" before something visible."""

    def __init__(self) -> None:
        lexicon = load_lexicon()
        self._visible_verbs = load_relations().verbs["visible"]
        self._qualities = lexicon.qualities
        self._nouns = lexicon.nouns

    def without(self, words: WordTree, prep: Word, chunks: dict[int, Phrase]) -> Iterator[Proposal]:
        """As in "without a hat" → "with a hat"."""
        chunk = chunks.get(prep.i + 1)
        if (
            chunk is None
            or prep.i == 0
            or not load_negation().doubts.isdisjoint(t.lower for t in words)
        ):
            return
        root = chunk.root
        if not is_thing(root.lemma) or chunk[0].lower in {"any", "the"}:
            return
        if any(child.dep in {"conj", "cc"} for child in root.children):
            return
        needs = len(chunk) == 1 and root.tag == "NN" and self._nouns.by_lemma[root.lemma].countable
        word = f"with {article_for(root.text)}" if needs else "with"
        yield negation_proposal(
            "removed",
            TokenPiece(prep.i, prep.i + 1, word),
            f"without {root.text}",
            f"with {root.text}",
        )

    def negated_verb(self, words: WordTree, word: Word) -> Iterator[Proposal]:
        """A "not" before something visible goes away."""
        verb = word.head
        if word.dep != "neg" or word.i + 1 >= len(words):
            return
        if not load_negation().doubts.isdisjoint(t.lower for t in words):
            return
        after = words[word.i + 1]
        doing = verb.pos == "VERB" and verb.lemma in self._visible_verbs and verb.tag == "VBG"
        state = after.dep == "acomp" and after.lower in self._qualities.by_word
        if not (doing and after == verb) and not state:
            return
        if not words[word.i - 1].space:
            # "isn't" is two tokens without a space: the pair is replaced as one.
            piece = TokenPiece(word.i - 1, word.i + 1, words[word.i - 1].text)
        else:
            piece = TokenPiece(word.i, word.i + 1, "")
        yield negation_proposal("removed", piece, f"{word.text} {after.text}", after.text)

    def no(self, words: WordTree, word: Word) -> Iterator[Proposal]:
        """A "no" before something visible goes away."""
        noun = word.head
        if not is_thing(noun.lemma) or noun.i - word.i > 3 or word.i == 0:
            return
        if words[word.i - 1].lower not in {"with", "is", "are", "has", "have", "wearing"}:
            return
        if any(child.dep in {"conj", "cc"} for child in noun.children):
            return
        new = "" if is_plural(noun) else article_for(words[word.i + 1].text)
        yield negation_proposal(
            "removed", TokenPiece(word.i, word.i + 1, new), f"no {noun.text}", noun.text
        )
