"""A model's cause and effect become a causal caption and its swap, with the real parser."""

from __future__ import annotations

import json

import pytest

from pipeline.config.loading import build_config
from pipeline.core.protocols import ChatReply, ChatRequest
from pipeline.core.records import Anchor, EditKind
from pipeline.edits.apply.proposal import apply
from pipeline.edits.llm.chat_proposer import CausalComposer, LlmProposer
from pipeline.edits.llm.proposer import ProposerItem
from pipeline.edits.parse.spacy_pipeline import Parser
from pipeline.edits.rules.causal.rule import load_causal_lexicon

pytestmark = pytest.mark.integration

CAPTION = "people with umbrellas on a wet street"


class WrittenChat:
    model = "m"
    fingerprint = "f"

    def __init__(self, pairs: list[dict[str, str]]) -> None:
        self.pairs = pairs

    def complete(self, requests: list[ChatRequest], /) -> list[ChatReply]:
        return [ChatReply(json.dumps({"pairs": self.pairs})) for _ in requests]

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
    assert {"street", "wet"} <= set(edit.factual.split()) & set(edit.caption.split())


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


def test_every_connective_gets_its_turn() -> None:
    composer = CausalComposer("auto")
    made = {
        composer.compose(f"anchor{i}", "the street is wet", "it is raining").wording.text
        for i in range(300)
    }
    assert len(made) == len(load_causal_lexicon().connectives)
