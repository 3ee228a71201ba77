"""The dependency tree is that of spaCy."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from pipeline.edits.parse.doc_columns import VERB_LEMMAS
from pipeline.edits.parse.parsed_caption import parsed_caption
from pipeline.edits.parse.word_tree import word_tree
from tests.integration.edits.caption_edits import parse, parser

pytestmark = pytest.mark.integration


def sample() -> list[str]:
    table = files("pipeline.sources").joinpath("sample/cc3m_sample.tsv").read_text("utf-8")
    return [row[0] for row in csv.reader(table.splitlines(), delimiter="\t") if row][:400]


def test_words_and_noun_phrases_are_those_of_spacy() -> None:
    texts = sample()
    assert len(texts) > 100
    docs = list(parser().parse(texts))
    assert len(docs) == len(texts)
    for doc in docs:
        words = word_tree(doc)
        if parsed_caption(doc).deps != tuple(token.dep_ for token in doc):
            # A doer that spaCy takes for part of the verb's name.
            assert "compound" in {token.dep_ for token in doc}
            continue
        assert [(c.start, c.end) for c in words.chunks] == [
            (c.start, c.end) for c in doc.noun_chunks
        ]
        for token, word in zip(doc, words, strict=True):
            assert (word.text, word.lemma, word.dep) == (
                token.text, VERB_LEMMAS.get(token.lower_, token.lemma_.lower()), token.dep_,
            )  # fmt: skip
            assert word.head.i == token.head.i
            assert [w.i for w in word.children] == [t.i for t in token.children]
            assert [w.i for w in word.lefts] == [t.i for t in token.lefts]
            assert [w.i for w in word.subtree] == sorted(t.i for t in token.subtree)
            assert (word.first, word.last) == (token.left_edge.i, token.right_edge.i)
            assert word.is_punct == token.is_punct
            assert word.space == bool(token.whitespace_)
        assert words.text == doc.text
        assert words.whole.text == doc.text.rstrip()


def test_words_are_made_once_and_know_their_sentence() -> None:
    doc = parse("A dog runs. As a result, the cat sits on a wall.")
    words = word_tree(doc)
    assert word_tree(doc) is words
    assert words.sentence(1) == (0, 4)
    assert words.sentence(6) == (4, len(doc))
    assert words.text_of(0, 2) == "A dog"
    assert words.text_of(3, 3) == ""
