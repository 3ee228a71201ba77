"""Wordings negated on both sides, as a rule of their own."""

from __future__ import annotations

from collections.abc import Iterator

from spacy.tokens import Doc

from pipeline.core.records import EditKind
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.parse.phrases import chunks_by_start
from pipeline.edits.parse.word_tree import word_tree
from pipeline.edits.rules.negation.contrast import ContrastWordings


class BothSides:
    """The wordings on both sides alone, also where a bare negation comes first."""

    name = "negation"
    kind = EditKind.NEGATION

    def __init__(self) -> None:
        self._contrast = ContrastWordings(self.name)

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        words = word_tree(doc)
        return self._contrast.propose(doc, words, chunks_by_start(words))


CONTRAST = BothSides()
