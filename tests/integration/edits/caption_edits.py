"""The real parser, and the captions that a rule makes of a text."""

from __future__ import annotations

from functools import cache

from spacy.tokens import Doc

from pipeline.core.records import CaptionEdit
from pipeline.edits.apply.proposal import Proposal, Rule, apply
from pipeline.edits.apply.verify import Verifier
from pipeline.edits.parse.spacy_pipeline import Parser


@cache
def parser() -> Parser:
    return Parser("auto")


def parse(text: str) -> Doc:
    return next(parser().parse([text]))


def proposals(rule: Rule, text: str) -> list[Proposal]:
    return list(rule.propose(parse(text)))


def edits(rule: Rule, text: str) -> list[CaptionEdit]:
    """Applied edits, each held against the deterministic check of the stage."""
    doc = parse(text)
    verifier = Verifier(parser().nlp.make_doc)
    found = []
    for proposal in rule.propose(doc):
        edit = apply(doc, proposal)
        wording = proposal.wording if proposal.wording is not None else doc
        fault = verifier.verify(edit, wording)
        assert fault is None, f"{edit.factual!r} → {edit.caption!r}: {fault}"
        found.append(edit)
    return found


def captions(rule: Rule, text: str) -> set[str]:
    return {edit.caption for edit in edits(rule, text)}
