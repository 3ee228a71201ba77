from __future__ import annotations

from collections.abc import Callable

import pytest
from spacy.tokens import Doc

from pipeline.edits.apply.proposal import Proposal, Rule, apply
from pipeline.edits.parse.spacy_pipeline import Parser


@pytest.fixture(scope="session")
def parser() -> Parser:
    return Parser()


@pytest.fixture(scope="session")
def parse(parser: Parser) -> Callable[[str], Doc]:
    kept: dict[str, Doc] = {}

    def parse_one(text: str) -> Doc:
        if text not in kept:
            kept[text] = next(iter(parser.parse([text])))
        return kept[text]

    return parse_one


@pytest.fixture(scope="session")
def rewrite(parse: Callable[[str], Doc]) -> Callable[[Rule, str], list[str]]:
    """Every counterfactual caption that a rule makes of a text."""

    def rewrite_all(rule: Rule, text: str) -> list[str]:
        doc = parse(text)
        proposals: list[Proposal] = list(rule.propose(doc))
        return [apply(doc, proposal).caption for proposal in proposals]

    return rewrite_all
