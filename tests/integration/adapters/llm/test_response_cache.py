"""The cache of answers: shared by processes, refused where damaged, never in the way."""

from __future__ import annotations

import multiprocessing
import sqlite3

import pytest

from pipeline.adapters.llm.opening import open_chat
from pipeline.config.llm import LlmConfig
from pipeline.core.errors import ConfigError

pytestmark = pytest.mark.integration


def _ask_in_child(url: str, folder: str, first: int, requests) -> None:
    config = LlmConfig(provider="openai", model="m", base_url=url, cache_dir=folder)
    chat = open_chat(config, {})
    chat.complete(requests[first:] + requests[:first])
    chat.close()


def test_several_processes_share_one_cache(serve, open_to, ask_for, tmp_path) -> None:
    server = serve()
    requests = ask_for(60)
    context = multiprocessing.get_context("spawn")
    children = [
        context.Process(
            target=_ask_in_child, args=(server.url, str(tmp_path / "cache"), first, requests)
        )
        for first in (0, 30)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(120)
    assert [child.exitcode for child in children] == [0, 0]
    before = server.count()
    assert all(reply.cached for reply in open_to(server).complete(requests))
    assert server.count() == before


def test_a_damaged_cache_is_refused_before_anything_is_paid(serve, open_to, tmp_path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / "responses.sqlite3").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(ConfigError, match=r"responses\.sqlite3 cannot be used.*\.recover"):
        open_to(serve())


def test_a_cache_that_fails_later_loses_no_paid_answer(
    serve, open_to, ask_for, tmp_path, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve()
    chat = open_to(server)
    other = sqlite3.connect(tmp_path / "cache" / "responses.sqlite3")
    other.execute("DROP TABLE replies")
    other.commit()
    other.close()
    assert len(chat.complete(ask_for(5))) == 5
    assert server.count() == 5
    failures = [r.message for r in caplog.records if "response cache" in r.message]
    assert len(failures) == 1, "said once, not for every answer"
    assert "not saved" in failures[0].replace("\n", " ")


def test_a_cache_of_another_layout_is_refused(serve, open_to, ask_for, tmp_path) -> None:
    chat = open_to(serve())
    chat.close()
    other = sqlite3.connect(tmp_path / "cache" / "responses.sqlite3")
    other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(ConfigError, match=r"layout 99.*llm\.cache_dir"):
        open_to(serve())
