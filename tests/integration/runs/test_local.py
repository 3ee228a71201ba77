"""An interrupted executor leaves nothing running and nothing half-written."""

from __future__ import annotations

import _thread
import json
from pathlib import Path

import pytest

import pipeline.runs.retry as retry
from pipeline.config.loading import load_config
from pipeline.config.run import RunConfig
from pipeline.core.errors import TransientError
from pipeline.core.progress import Silent, Step
from pipeline.runs.run import run_config
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_receipt
from tests.integration.adapters.llm.chat_server import (
    Answer,
    ChatServer,
    Seen,
    completion,
    fault,
)

pytestmark = pytest.mark.integration

SHARDS = 6


class Interrupting(Silent):
    """Presses Ctrl-C, as it reaches a program without handlers, when a shard is finished."""

    def advance(self, step: Step, amount: int, /) -> None:
        if step is Step.SHARDS:
            _thread.interrupt_main()


def config_of(root: Path) -> RunConfig:
    flags = {"source.limit": 4 * SHARDS, "source.shard_size": 4, "output": str(root)}
    return load_config(flags, environ={})


def files_of(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_an_interrupt_waits_for_what_runs_and_a_rerun_goes_on(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_config(config_of(tmp_path / "stopped"), {}, Interrupting())
    layout = RunLayout(tmp_path / "stopped")
    finished = [i for i in range(SHARDS) if read_receipt(layout, i) is not None]
    assert finished
    assert finished != list(range(SHARDS))
    assert not layout.manifest_json.exists()
    assert not list(layout.partial_files())

    assert run_config(config_of(tmp_path / "stopped"), {}).resumed_shards == len(finished)
    run_config(config_of(tmp_path / "whole"), {})
    assert files_of(tmp_path / "stopped") == files_of(tmp_path / "whole")


FULL = "a red tractor ploughs a wide green field under a cloudy sky"


def _asks_a_server(root: Path, server: ChatServer) -> RunConfig:
    flags = {
        "source.limit": 4,
        "source.shard_size": 2,
        "output": str(root),
        "llm.provider": "openai",
        "llm.base_url": server.url,
        "llm.model": "m",
        "llm.cache_dir": str(root.parent / "cache"),
        "llm.max_retries": 0,
        "llm.concurrency": 1,
        # It answers, and says nothing of use.
        "llm.min_useful_share": 0,
    }
    return load_config(flags, environ={})


def _answer(seen: Seen) -> Answer:
    schema = seen.body["response_format"]["json_schema"]
    found: dict[str, list[object]] = {name: [] for name in schema["schema"]["required"]}
    if "full" in found:
        found["full"] = [{"caption": FULL, "contradicts": ["object", "setting"]}]
    return Answer(completion(json.dumps(found)))


def test_a_server_that_is_away_for_a_while_is_waited_for_as_it_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A wait of its own would be noticed: only what the server asks is short.
    monkeypatch.setattr(retry, "FIRST_WAIT_S", 3000.0)
    away = Answer(fault("out of breath"), status=503, headers={"Retry-After": "0.01"})
    server = ChatServer(lambda seen, number: away if 3 <= number < 5 else _answer(seen))
    try:
        outcome = run_config(_asks_a_server(tmp_path / "run", server), {"OPENAI_API_KEY": "k"})
        assert outcome.manifest is not None
        assert outcome.manifest.counts.rows == 4
    finally:
        server.close()


def test_a_server_that_stays_away_ends_the_run_after_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "FIRST_WAIT_S", 0.001)
    server = ChatServer(lambda seen, number: Answer(fault("down"), status=503))
    try:
        with pytest.raises(TransientError, match="503"):
            run_config(_asks_a_server(tmp_path / "run", server), {"OPENAI_API_KEY": "k"})
        asked = len(server.seen)
    finally:
        server.close()
    assert asked % (retry.RETRIES + 1) == 0
    assert asked <= 2 * (retry.RETRIES + 1), "at most two shards were under way"
