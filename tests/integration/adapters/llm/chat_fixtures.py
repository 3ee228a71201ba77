"""A server under the test's control and chats that ask it, as fixtures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.adapters.llm.opening import open_chat
from pipeline.config.llm import LlmConfig
from pipeline.core.ids import JsonValue
from pipeline.core.protocols import ChatRequest
from tests.integration.adapters.llm.chat_server import Answer, ChatServer, Script

SCHEMA: dict[str, JsonValue] = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
    "additionalProperties": False,
}


@pytest.fixture
def serve() -> Iterator[Callable[..., ChatServer]]:
    """Start servers; all are stopped at the end."""
    servers: list[ChatServer] = []

    def start(script: Script | None = None) -> ChatServer:
        servers.append(ChatServer(script or (lambda seen, number: Answer())))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def open_to(tmp_path: Path):
    """Open a chat to a server, with the cache in the test's folder; closed at the end."""
    chats = []

    def start(server: ChatServer, environ: dict[str, str] | None = None, share=1, **settings):
        values = {
            "provider": "openai",
            "model": "m",
            "base_url": server.url,
            "cache_dir": str(tmp_path / "cache"),
            "timeout_s": 10.0,
            "max_retries": 0,
            "concurrency": 4,
        } | settings
        chats.append(open_chat(LlmConfig(**values), environ or {}, share=share))
        return chats[-1]

    yield start
    for chat in chats:
        chat.close()


@pytest.fixture
def ask_for() -> Callable[..., list[ChatRequest]]:
    """Make requests with the users' texts u0, u1, …"""

    def make(count: int, *, first: int = 0, **fields) -> list[ChatRequest]:
        values = {
            "system": "Answer.",
            "schema_name": "ok",
            "schema": SCHEMA,
            "prompt_version": "test.v1",
            "max_tokens": 50,
        } | fields
        return [
            ChatRequest(request_id=f"r{i}", user=f"u{i}", **values)
            for i in range(first, first + count)
        ]

    return make
