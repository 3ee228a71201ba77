"""Causal statements composed of two events."""

from __future__ import annotations

import pytest

from pipeline.core.records import CaptionEdit, Role
from pipeline.edits.apply.proposal import apply
from pipeline.edits.lexicon.connectives import load_causal_lexicon
from pipeline.edits.parse.word_tree import word_tree
from pipeline.edits.rules.causal.composing import Event, compose_events
from tests.integration.edits.caption_edits import parse

pytestmark = pytest.mark.integration
WET = Event("the street is wet", "the wet street")
RAIN = Event("it is raining", "the rain")


def composed(effect: Event, cause: Event, connective: str, caption: str = "rain") -> CaptionEdit:
    doc, entry = parse(caption), load_causal_lexicon().connectives[connective]
    return apply(doc, compose_events(word_tree(doc), effect, cause, entry, rule="causal.rain"))


@pytest.mark.parametrize(
    ("connective", "factual", "counterfactual"),
    [
        ("because", "the street is wet because it is raining",
         "it is raining because the street is wet"),
        ("is due to", "the wet street is due to the rain", "the rain is due to the wet street"),
        ("because of", "the street is wet because of the rain",
         "it is raining because of the wet street"),
        ("result in", "the rain results in the wet street", "the wet street results in the rain"),
        ("so", "it is raining, so the street is wet", "the street is wet, so it is raining"),
    ],
)  # fmt: skip
def test_each_connective_keeps_its_direction(
    connective: str, factual: str, counterfactual: str
) -> None:
    edit = composed(WET, RAIN, connective)
    assert (edit.factual, edit.caption) == (factual, counterfactual)


def test_a_verb_agrees_with_what_stands_first() -> None:
    trees = Event("trees are broken", "broken trees", plural=True)
    edit = composed(trees, Event("there is a storm", "the storm"), "result in")
    assert edit.factual == "the storm results in broken trees"
    assert edit.caption == "broken trees result in the storm"
    assert [p.role for p in edit.replacements] == [Role.EDIT, Role.REPAIR, Role.EDIT]


def test_case_and_stop_follow_the_caption() -> None:
    edit = composed(WET, RAIN, "because", "A street in the rain.")
    assert edit.factual == "The street is wet because it is raining."
    assert edit.caption == "It is raining because the street is wet."


def test_all_twelve_connectives_are_there() -> None:
    twelve = {
        "is due to", "is caused by", "is a result of", "is the effect of",
        "is the consequence of", "because", "owe to", "result in", "cause", "lead to",
        "give rise to", "bring about",
    }  # fmt: skip
    assert twelve <= set(load_causal_lexicon().connectives)
