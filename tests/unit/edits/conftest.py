from __future__ import annotations

from collections.abc import Callable

import pytest
from spacy.tokens import Doc

from pipeline.edits.apply.proposal import Proposal, Rule, apply
from pipeline.edits.parse.spacy_pipeline import Parser
from pipeline.edits.rules.negation.rule import NegationRule


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


@pytest.fixture(scope="session")
def replacements(parse: Callable[[str], Doc]) -> Callable[[Rule, str, str], set[str]]:
    """What a rule puts in the place of some words of a text."""

    def replacements_of(rule: Rule, text: str, old: str) -> set[str]:
        return {proposal.new for proposal in rule.propose(parse(text)) if proposal.old == old}

    return replacements_of


@pytest.fixture(scope="session")
def negated_pairs(parse: Callable[[str], Doc]) -> Callable[[str], set[tuple[str, str]]]:
    """Factual wording and counterfactual of every negation of a text."""

    def pairs(text: str) -> set[tuple[str, str]]:
        doc = parse(text)
        edits = [apply(doc, proposal) for proposal in NegationRule(6).propose(doc)]
        return {(edit.factual, edit.caption) for edit in edits}

    return pairs


@pytest.fixture(scope="session")
def negated_words(parse: Callable[[str], Doc]) -> Callable[[str], set[tuple[str, str]]]:
    """The (old, new) words of every negation of a text."""

    def words(text: str) -> set[tuple[str, str]]:
        return {(p.old, p.new) for p in NegationRule(6).propose(parse(text))}

    return words
