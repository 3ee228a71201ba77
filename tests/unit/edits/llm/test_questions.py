"""A question carries what it is about, and can be asked once more with what was wrong."""

from __future__ import annotations

import json

import spacy

from pipeline.core.prompts import load_prompt
from pipeline.core.records import Anchor
from pipeline.edits.llm.chat_proposer import OPEN_PROMPT, REPAIR_PROMPT
from pipeline.edits.llm.proposer import ProposerItem
from pipeline.edits.llm.questions import (
    MAX_QUOTED_ANSWER,
    Answers,
    Asked,
    Heard,
    Question,
    ask_again,
    make_request,
)

CAPTION = "a red dog on a mat"
ITEM = ProposerItem(
    Anchor("a1", CAPTION, CAPTION, "cc_tsv", "x.tsv:7"), spacy.blank("en")(CAPTION), ()
)


def question() -> Question:
    request = make_request(
        "a1",
        load_prompt(OPEN_PROMPT),
        {"type": "object"},
        90,
        captions=[{"id": 1, "caption": CAPTION}],
        kinds=["object"],
        most_edits=2,
        most_complete=0,
        most_pairs=0,
        people="off",
    )
    return Question((Asked(ITEM, Answers()),), request, lambda _, text: [Heard((text,))])


def test_the_caption_is_data_of_the_request() -> None:
    request = question().request
    assert json.loads(request.user) == {"captions": [{"id": 1, "caption": CAPTION}]}
    named = request.request_id, request.schema_name, request.max_tokens
    assert named == ("a1-counterfactuals", "counterfactuals", 90)


def test_a_refusal_names_the_anchor_and_what_was_asked() -> None:
    (asked,) = question().asked
    asked.refuse("full", "llm.length", "2 words", text="a cat")
    (refused,) = asked.answers.result().refused
    assert (refused.anchor_id, refused.origin, refused.item) == ("a1", "x.tsv:7", "full")
    assert (refused.reason, refused.detail, refused.caption) == ("llm.length", "2 words", "a cat")


def test_asking_again_quotes_the_answer_and_the_problem_and_keeps_the_rest() -> None:
    asked = question()
    again = ask_again(asked, load_prompt(REPAIR_PROMPT), "x" * 9999, "no JSON")
    assert again.asked is asked.asked
    assert again.request.request_id == "a1-counterfactuals-repair"
    assert again.request.schema == asked.request.schema
    assert again.request.user.startswith(asked.request.user)
    assert "no JSON" in again.request.user
    assert "x" * MAX_QUOTED_ANSWER in again.request.user
    assert "x" * (MAX_QUOTED_ANSWER + 1) not in again.request.user
    assert again.read(again, "read by the same reader") == [Heard(("read by the same reader",))]
