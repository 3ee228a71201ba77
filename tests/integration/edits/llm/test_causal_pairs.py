"""A model's cause and effect become a causal caption and its swap, with the real parser."""

from __future__ import annotations

import json

import pytest

from pipeline.config.loading import build_config
from pipeline.core.protocols import ChatReply, ChatRequest
from pipeline.core.records import Anchor, EditKind
from pipeline.edits.apply.proposal import apply
from pipeline.edits.llm.answers import AnswerError
from pipeline.edits.llm.causal_pairs import compose_pair
from pipeline.edits.llm.chat_proposer import LlmProposer
from pipeline.edits.llm.proposer import ProposerItem
from pipeline.edits.parse.spacy_pipeline import Parser

pytestmark = pytest.mark.integration

CAPTION = "people with umbrellas on a wet street"


class WrittenChat:
    model = "m"
    fingerprint = "f"

    def __init__(self, pairs: list[dict[str, str]]) -> None:
        self.pairs = pairs

    def complete(self, requests: list[ChatRequest], /, *, judge=None) -> list[ChatReply]:
        answer = {"captions": [{"id": 1, "edits": [], "causal": self.pairs}]}
        return [ChatReply(json.dumps(answer)) for _ in requests]

    def close(self) -> None:
        pass


def choose(pairs: list[dict[str, str]]):
    config = build_config(
        {
            "llm": {"provider": "openai"},
            "edits": {"kinds": ["causal_order"], "max_full": 0},
        }
    )
    anchor = Anchor("a1", CAPTION, CAPTION, "cc_tsv", "x:1")
    doc = next(iter(Parser().parse([CAPTION])))
    (result,) = LlmProposer(WrittenChat(pairs), config.llm, config.edits).choose(
        [ProposerItem(anchor, doc, ())]
    )
    return doc, result


def test_a_pair_becomes_a_causal_edit_with_its_own_wording() -> None:
    doc, result = choose([{"effect": "the street is wet", "cause": "it is raining"}])
    (proposal,) = result.chosen
    edit = apply(doc, proposal, proposer="llm:m")
    assert edit.kind is EditKind.CAUSAL_ORDER
    assert edit.factual != CAPTION
    assert edit.factual.index("street") != edit.caption.index("street")
    assert {"street", "wet", "is"} <= set(edit.factual.split()) & set(edit.caption.split())


def test_what_no_connective_can_join_is_refused() -> None:
    _, result = choose(
        [
            {"effect": "the street is wet", "cause": "the street is wet"},
            {"effect": "the street\nis wet", "cause": "it is raining"},
        ]
    )
    assert result.chosen == ()
    assert len(result.refused) == 2
    assert {refusal.kind for refusal in result.refused} == {"causal_order"}


def test_every_connective_between_clauses_gets_its_turn() -> None:
    doc = next(iter(Parser().parse([CAPTION])))
    made = {
        compose_pair(f"a{i}", doc, "the street is wet", "it is raining", rule="x").wording.text
        for i in range(100)
    }
    assert made == {
        "the street is wet because it is raining",
        "it is raining, so the street is wet",
    }


@pytest.mark.parametrize(
    ("caption", "effect", "cause"),
    [
        ("a football flies into the net", "the football flies into the net", "a player kicked it"),
        ("the dog drinks water in the sun", "the dog drinks water", "the sun is hot"),
        ("a vandalized stop sign", "the stop sign looks vandalized", "someone painted on it"),
    ],
)
def test_clauses_are_taken_as_they_are_written(caption: str, effect: str, cause: str) -> None:
    doc = next(iter(Parser().parse([caption])))
    edit = apply(doc, compose_pair("a", doc, effect, cause, rule="x"), proposer="llm:m")
    assert effect in edit.factual
    assert cause in edit.factual
    assert effect in edit.caption
    assert cause in edit.caption


@pytest.mark.parametrize(
    ("effect", "cause", "reason"),
    [
        ("the glass is broken", "a ball has hit it", "text.unrelated"),
        ("they have umbrellas", "it is raining", "text.causal_pronoun"),
        ("wet street", "it is raining", "text.causal_form"),
        ("I am an assistant", "you asked me", "text.assistant_talk"),
        ("the street is wet", "the muslim people spilt water", "text.protected_characteristic"),
    ],
)
def test_a_pair_about_something_else_or_in_another_form_is_refused(
    effect: str, cause: str, reason: str
) -> None:
    doc = next(iter(Parser().parse([CAPTION])))
    with pytest.raises(AnswerError) as caught:
        compose_pair("a", doc, effect, cause, rule="x")
    assert caught.value.reason == reason


def test_the_letters_and_the_stop_are_those_of_the_caption() -> None:
    doc = next(iter(Parser().parse(["People with umbrellas on a wet street ."])))
    proposal = compose_pair("a", doc, "the street is wet", "it is raining", rule="x")
    text = apply(doc, proposal, proposer="llm:m").caption
    assert text[0].isupper()
    assert text.endswith(" .")
