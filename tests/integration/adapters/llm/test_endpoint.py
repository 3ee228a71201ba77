"""What is sent, and what of it is never shown."""

from __future__ import annotations

import pytest

from pipeline.core.errors import PermanentError
from tests.integration.adapters.llm.chat_server import Answer, fault

pytestmark = pytest.mark.integration


def test_a_request_says_what_was_asked(serve, open_to, ask_for) -> None:
    server = serve()
    chat = open_to(server, {"OPENAI_API_KEY": "sk-test"}, temperature=0.5)
    chat.complete(ask_for(1))
    (seen,) = server.seen
    assert seen.path == "/v1/chat/completions"
    assert seen.headers["authorization"] == "Bearer sk-test"
    assert seen.body["model"] == "m"
    assert seen.body["temperature"] == 0.5
    assert seen.body["max_tokens"] == 50
    schema = seen.body["response_format"]["json_schema"]
    assert schema["strict"] is True
    assert schema["name"] == "ok"
    assert schema["schema"]["required"] == ["ok"]


def test_the_key_is_in_no_message_and_no_file(serve, open_to, ask_for, tmp_path) -> None:
    server = serve(lambda seen, number: Answer(fault("no"), 401))
    chat = open_to(server, {"OPENAI_API_KEY": "sk-secret"})
    with pytest.raises(PermanentError) as caught:
        chat.complete(ask_for(1))
    assert "sk-secret" not in str(caught.value)
    assert "sk-secret" not in repr(chat._backend._endpoint)
    server.script = lambda seen, number: Answer()
    chat.complete(ask_for(1))
    for path in (tmp_path / "cache").iterdir():
        assert b"sk-secret" not in path.read_bytes()
