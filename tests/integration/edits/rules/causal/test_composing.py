"""Causal statements composed of two events."""

from __future__ import annotations

import pytest

from pipeline.core.records import CaptionEdit, Role
from pipeline.core.stage import Fault
from pipeline.edits.apply.proposal import Proposal, apply
from pipeline.edits.apply.verify import Verifier
from pipeline.edits.lexicon.connectives import load_causal_lexicon
from pipeline.edits.rules.causal.composing import compose
from tests.integration.edits.caption_edits import parse, parser

pytestmark = pytest.mark.integration


def composed(effect: str, cause: str, connective: str) -> CaptionEdit:
    proposal = compose(effect, cause, connective, parser().nlp)
    assert isinstance(proposal, Proposal), proposal
    edit = apply(parse(effect), proposal)
    assert proposal.wording is not None
    assert Verifier(parser().nlp.make_doc).verify(edit, proposal.wording) is None
    return edit


@pytest.mark.parametrize(
    ("connective", "factual", "counterfactual"),
    [
        ("because", "the street is wet because it is raining",
         "it is raining because the street is wet"),
        ("is due to", "the street being wet is due to the rain",
         "the rain is due to the street being wet"),
        ("is caused by", "the street being wet is caused by the rain",
         "the rain is caused by the street being wet"),
        ("is a result of", "the street being wet is a result of the rain",
         "the rain is a result of the street being wet"),
        ("is the effect of", "the street being wet is the effect of the rain",
         "the rain is the effect of the street being wet"),
        ("is the consequence of", "the street being wet is the consequence of the rain",
         "the rain is the consequence of the street being wet"),
        ("owe to", "the street is wet owing to the rain",
         "it is raining owing to the street being wet"),
        ("result in", "the rain results in the street being wet",
         "the street being wet results in the rain"),
        ("cause", "the rain causes the street being wet",
         "the street being wet causes the rain"),
        ("lead to", "the rain leads to the street being wet",
         "the street being wet leads to the rain"),
        ("give rise to", "the rain gives rise to the street being wet",
         "the street being wet gives rise to the rain"),
        ("bring about", "the rain brings about the street being wet",
         "the street being wet brings about the rain"),
        ("because of", "the street is wet because of the rain",
         "it is raining because of the street being wet"),
        ("so", "it is raining, so the street is wet",
         "the street is wet, so it is raining"),
    ],
)  # fmt: skip
def test_each_connective_keeps_its_direction(
    connective: str, factual: str, counterfactual: str
) -> None:
    edit = composed("the street is wet", "it is raining", connective)
    assert edit.factual == factual
    assert edit.caption == counterfactual


def test_a_verb_agrees_with_what_stands_first() -> None:
    edit = composed("broken trees", "the storm", "result in")
    assert edit.factual == "the storm results in broken trees"
    assert edit.caption == "broken trees result in the storm"
    assert [p.role for p in edit.replacements] == [Role.EDIT, Role.REPAIR, Role.EDIT]


def test_a_noun_phrase_becomes_a_clause_where_one_is_needed() -> None:
    edit = composed("the street is wet", "heavy rain", "because")
    assert edit.factual == "the street is wet because there is heavy rain"


def test_case_and_stop_follow_the_effect() -> None:
    edit = composed("The street is wet.", "it is raining", "because")
    assert edit.factual == "The street is wet because it is raining."
    assert edit.caption == "It is raining because the street is wet."


@pytest.mark.parametrize(
    ("effect", "cause", "connective", "reason"),
    [
        ("the street is wet", "it is raining", "whenever", "text.unknown_connective"),
        ("the street is wet", "", "because", "text.causal_form"),
        ("the street is wet", "why is it raining?", "because", "text.causal_form"),
        ("the street is wet", "the street is wet", "because", "text.nothing_changed"),
        ("a woman holds an umbrella", "she walks in the rain", "because", "text.causal_pronoun"),
        ("the street may be wet", "it is raining", "because", "text.causal_form"),
        ("a tower of smoke", "volcano", "because", "text.causal_form"),
        ("running fast", "it is raining", "because", "text.causal_form"),
    ],
)
def test_what_cannot_be_composed_is_refused_with_a_reason(
    effect: str, cause: str, connective: str, reason: str
) -> None:
    fault = compose(effect, cause, connective, parser().nlp)
    assert isinstance(fault, Fault)
    assert fault.reason == reason


def test_all_twelve_and_the_mined_ones_are_there() -> None:
    twelve = {
        "is due to", "is caused by", "is a result of", "is the effect of",
        "is the consequence of", "because", "owe to", "result in", "cause", "lead to",
        "give rise to", "bring about",
    }  # fmt: skip
    assert twelve <= set(load_causal_lexicon().connectives)
