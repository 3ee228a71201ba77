"""The proposer with a chat model whose answers the test writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest
import spacy

from pipeline.config.loading import build_config
from pipeline.config.run import RunConfig
from pipeline.core.protocols import ChatFailure, ChatModel, ChatReply, ChatRequest, Judge
from pipeline.core.records import Anchor, EditKind
from pipeline.core.stage import TokenShare
from pipeline.edits.apply.proposal import Proposal, TokenPiece
from pipeline.edits.llm.chat_proposer import LlmProposer
from pipeline.edits.llm.proposer import ProposerItem

NLP = spacy.blank("en")
CAPTION = "a red dog and two cats on a mat"


class WrittenChat:
    """A chat model that answers by a function of the request."""

    model = "m"
    fingerprint = "f"

    def __init__(self, answer: Callable[[ChatRequest], str | ChatFailure]) -> None:
        self.answer = answer
        self.asked: list[list[ChatRequest]] = []

    def complete(
        self, requests: Sequence[ChatRequest], /, *, judge: Judge | None = None
    ) -> list[ChatReply | ChatFailure]:
        self.asked.append(list(requests))
        said = [self.answer(request) for request in requests]
        return [s if isinstance(s, ChatFailure) else ChatReply(s, 10, 5) for s in said]

    def close(self) -> None:
        pass


def item(caption: str = CAPTION, proposals: Sequence[Proposal] = ()) -> ProposerItem:
    return ProposerItem(
        Anchor("a1", caption, caption, "cc_tsv", "x.tsv:7"), NLP(caption), proposals
    )


def config(form: str, **edits) -> RunConfig:
    settings = {"max_full": 0, "kinds": ["object", "attribute", "count"]} | edits
    llm = {"provider": "openai", "form": form, "captions_per_request": 2}
    return build_config({"llm": llm, "edits": settings})


def open_proposer(chat: ChatModel, config: RunConfig) -> LlmProposer:
    return LlmProposer(chat, config.llm, config.edits)


def offer(kind: EditKind, token: int, new: str, weight: float = 1.0) -> Proposal:
    old = NLP(CAPTION)[token].text
    return Proposal(
        kind, "x", (TokenPiece(token, token + 1, new),), old, new, "rule", weight=weight
    )


OFFERED = [
    offer(EditKind.ATTRIBUTE, 1, "blue"),
    offer(EditKind.ATTRIBUTE, 1, "green"),
    offer(EditKind.COUNT, 4, "three"),
]


def written(*entries: dict) -> str:
    """An answer for captions 1, 2, …"""
    return json.dumps({"captions": [{"id": i, **e} for i, e in enumerate(entries, start=1)]})


def choose(answer, form: str, items=None, **edits):
    chat = WrittenChat(answer)
    results = open_proposer(chat, config(form, **edits)).choose(items or [item(proposals=OFFERED)])
    return chat, results


def test_rails_offer_the_rules_options_and_return_their_proposals() -> None:
    picks = {"attribute": "red to green", "count": "two to three"}
    chat, (result,) = choose(lambda request: json.dumps(picks), "rails")
    assert result.chosen == (OFFERED[1], OFFERED[2])
    assert (result.tokens_in, result.tokens_out, result.refused) == (10, 5, ())
    assert result.shares == (
        TokenShare("edits", "attribute", 5, 3),
        TokenShare("edits", "count", 5, 2),
    )
    (request,) = chat.asked[0]
    properties = request.schema["properties"]
    offered = {kind: set(schema["enum"]) for kind, schema in properties.items()}
    assert offered == {"attribute": {"red to blue", "red to green"}, "count": {"two to three"}}
    shown = {kind: schema["enum"] for kind, schema in properties.items()}
    assert json.loads(request.user) == {"caption": CAPTION, "options": shown}


def test_rails_ask_nothing_where_the_rules_found_nothing() -> None:
    chat, results = choose(lambda request: "{}", "rails", [item()])
    assert chat.asked == []
    assert results[0].chosen == ()


def test_what_cannot_be_read_is_paid_for_under_no_kind() -> None:
    replies = iter(["not json", json.dumps({"attribute": "red to green", "count": "two to three"})])
    _, (result,) = choose(lambda request: next(replies), "rails")
    assert {share.kind: share.tokens_in for share in result.shares} == {
        "none": 10,
        "attribute": 5,
        "count": 5,
    }
    assert sum(share.tokens_in for share in result.shares) == result.tokens_in


def test_open_form_finds_the_spans_itself() -> None:
    edits = [
        {"kind": "attribute", "old": "red", "new": "blue"},
        {"kind": "object", "old": "mat", "new": "sofa"},
    ]
    chat, (result,) = choose(lambda request: written({"edits": edits}), "open")
    made = [(p.kind, p.pieces, p.rule) for p in result.chosen]
    assert made == [
        (EditKind.ATTRIBUTE, (TokenPiece(1, 2, "blue"),), "counterfactuals.v1"),
        (EditKind.OBJECT, (TokenPiece(8, 9, "sofa"),), "counterfactuals.v1"),
    ]
    (request,) = chat.asked[0]
    assert request.prompt_version.startswith("counterfactuals.v1+")
    caption = request.schema["properties"]["captions"]["items"]
    entry = caption["properties"]["edits"]["items"]
    assert entry["properties"]["kind"]["enum"] == ["object", "attribute", "count"]


def test_bad_entries_are_refused_one_by_one() -> None:
    edits = [
        {"kind": "relation", "old": "on", "new": "under"},
        {"kind": "object", "old": "horse", "new": "cow"},
        {"kind": "object", "old": "dog", "new": "{{7*7}}"},
        {"kind": "count", "old": "two", "new": "five"},
    ]
    chat, (result,) = choose(lambda request: written({"edits": edits}), "open")
    assert {p.new for p in result.chosen} == {"five"}
    assert [(r.reason, r.kind, r.item, r.origin) for r in result.refused[:3]] == [
        ("llm.unknown_kind", "", "edit", "x.tsv:7"),
        ("llm.span_not_found", "object", "edit", "x.tsv:7"),
        ("llm.unclean_text", "object", "edit", "x.tsv:7"),
    ]
    first, again = chat.asked
    assert len(first) == len(again) == 1
    assert "'horse' does not stand in the caption" in again[0].user


@pytest.mark.parametrize(
    "bad",
    [
        '{"captions": [',
        '{"captions": {}}',
        '{"captions": [{"id": 1, "edits": [{"kind": "object", "old": null, "new": "x"}]}]}',
        "[" * 5000,
        ChatFailure("llm.truncated", "cut", 10, 5),
    ],
)
def test_an_unreadable_answer_gets_one_repair(bad) -> None:
    good = written({"edits": [{"kind": "attribute", "old": "red", "new": "blue"}]})

    def answer(request: ChatRequest):
        return good if request.prompt_version.startswith("repair.v1") else bad

    chat, (result,) = choose(answer, "open")
    assert [p.new for p in result.chosen] == ["blue"]
    assert result.refused == ()
    assert result.tokens_in == 20
    first, second = chat.asked[0][0], chat.asked[1][0]
    assert second.schema == first.schema
    assert second.user.startswith(first.user)


@pytest.mark.parametrize("form", ["open", "rails"])
def test_a_second_unreadable_answer_is_a_reject(form: str) -> None:
    chat, (result,) = choose(lambda request: '{"attribute": "red to bl', form)
    assert len(chat.asked) == 2
    assert result.chosen == ()
    assert [(r.reason, r.anchor_id) for r in result.refused] == [("llm.bad_answer", "a1")]


@pytest.mark.parametrize(
    "picks",
    [
        {"attribute": "red to purple", "count": "two to three"},
        {"attribute": "red to blue"},
        {"attribute": ["red to blue"], "count": "two to three"},
    ],
)
def test_rails_hold_even_if_the_server_does_not(picks) -> None:
    _, (result,) = choose(lambda request: json.dumps(picks), "rails")
    assert result.chosen == ()
    assert result.refused[0].reason == "llm.bad_answer"


def test_a_refusal_is_not_asked_again() -> None:
    chat, (result,) = choose(lambda request: ChatFailure("llm.refused", "no", 10, 5), "open")
    assert len(chat.asked) == 1
    assert [(r.reason, r.detail) for r in result.refused] == [("llm.refused", "no")]
    assert result.tokens_in == 10


def test_complete_counterfactuals() -> None:
    good = "a white horse and five crows in a field"
    full = [
        {"caption": good, "contradicts": ["object", "count", "mood"]},
        {"caption": "too short", "contradicts": []},
        {"caption": good + " again", "contradicts": []},
    ]
    _, (result,) = choose(lambda request: written({"complete": full}), "open", max_full=2)
    (made,) = result.full
    assert (made.caption, made.contradicts) == (good, ("object", "count"))
    assert (made.proposer, made.rule) == ("llm:m", "counterfactuals.v1")
    assert [(r.reason, r.item) for r in result.refused] == [("llm.length", "full")]


def counted(request: ChatRequest) -> list[dict]:
    """An edit of the number in each caption of a request."""
    captions = [one["caption"] for one in json.loads(request.user)["captions"]]
    return [
        {"edits": [{"kind": "count", "old": text.split()[4], "new": "nine"}]} for text in captions
    ]


CAPTIONS = [f"a red dog and {n} cats" for n in ("two", "three", "four")]


def test_several_captions_are_asked_together_and_stay_with_their_anchors() -> None:
    chat, results = choose(
        lambda request: written(*counted(request)), "open", [item(one) for one in CAPTIONS]
    )
    assert [result.chosen[0].old for result in results] == ["two", "three", "four"]
    assert [len(json.loads(request.user)["captions"]) for request in chat.asked[0]] == [2, 1]
    assert [result.tokens_in for result in results] == [5, 5, 10]


def test_entries_are_matched_by_id_in_whatever_order() -> None:
    def answer(request: ChatRequest) -> str:
        entries = json.loads(written(*counted(request)))["captions"]
        return json.dumps({"captions": entries[::-1]})

    _, results = choose(answer, "open", [item(one) for one in CAPTIONS])
    assert [result.chosen[0].old for result in results] == ["two", "three", "four"]


def test_a_caption_that_an_answer_leaves_out_is_asked_alone() -> None:
    chat, results = choose(
        lambda request: written(counted(request)[0]), "open", [item(one) for one in CAPTIONS]
    )
    assert [result.chosen[0].old for result in results] == ["two", "three", "four"]
    assert [len(asked) for asked in chat.asked] == [2, 1]
    (again,) = chat.asked[1]
    assert json.loads(again.user)["captions"] == [{"id": 1, "caption": CAPTIONS[1]}]


@pytest.mark.parametrize("bad", ["no JSON", ChatFailure("llm.content_filter", "no", 10, 5)])
def test_one_bad_caption_does_not_cost_those_asked_with_it(bad) -> None:
    def answer(request: ChatRequest):
        return bad if "three" in request.user else written(*counted(request))

    chat, results = choose(answer, "open", [item(one) for one in CAPTIONS])
    assert [[p.old for p in result.chosen] for result in results] == [["two"], [], ["four"]]
    assert not results[0].refused
    assert len(results[1].refused) == 1


def test_the_instructions_are_the_same_for_all() -> None:
    chat, _ = choose(
        lambda request: written(*counted(request)), "open", [item(one) for one in CAPTIONS]
    )
    assert len({request.system for request in chat.asked[0]}) == 1
    assert len({json.dumps(dict(request.schema)) for request in chat.asked[0]}) == 1


def test_the_fingerprint_names_all_that_decides() -> None:
    chat = WrittenChat(lambda request: "")
    other = WrittenChat(lambda request: "")
    other.fingerprint = "g"
    prints = [
        open_proposer(chat, config("open")).fingerprint,
        open_proposer(chat, config("rails")).fingerprint,
        open_proposer(chat, config("open", max_minimal=3)).fingerprint,
        open_proposer(chat, config("open", kinds=["object"])).fingerprint,
        open_proposer(chat, config("open", demographics="off")).fingerprint,
        open_proposer(other, config("open")).fingerprint,
    ]
    assert len(set(prints)) == len(prints)
    assert open_proposer(chat, config("open")).fingerprint == prints[0]


def test_small_models_get_rails_by_default() -> None:
    local = build_config({"llm": {"provider": "local"}})
    chat = WrittenChat(lambda request: "{}")
    open_proposer(chat, local).choose([item()])
    assert chat.asked == []
