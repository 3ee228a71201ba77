"""A run on a small Ray cluster: one budget for all actors, a stop, and what is refused."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.ray_data.stream import connected
from pipeline.config.loading import load_config
from pipeline.config.run import RunConfig
from pipeline.core.errors import BudgetReached, ConfigError
from pipeline.core.progress import Silent, Step, Stopped
from pipeline.runs.on_ray import refuse_other_stages
from pipeline.runs.rank import Rank
from pipeline.runs.run import run_config
from tests.integration.adapters.llm.chat_server import Answer, ChatServer, Seen, completion
from tests.integration.adapters.ray_data.actors import actors_below

pytestmark = pytest.mark.integration

SHARDS = 40
TOKENS = 1000 + 200
"""What the server says that each answer took."""

LIMIT = 32_000
"""A third of what the rows would take: two actors with a limit each would spend it twice."""


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """One for the tests of this file, which they find."""
    with connected(None, processors=3):
        yield


def config_of(root: Path, **more: Any) -> RunConfig:
    flags = {
        "source.limit": 10 * SHARDS,
        "source.shard_size": 10,
        "run.executor": "ray",
        "output": str(root),
    }
    return load_config({**flags, **more}, environ={})


def files_of(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


class Stopping(Silent):
    """Wants to stop as soon as a shard is finished."""

    stopping = False

    def advance(self, step: Step, amount: int, /) -> None:
        self.stopping |= step is Step.SHARDS


class Killing(Silent):
    """Kills every actor as soon as a shard is finished."""

    killed = 0

    def advance(self, step: Step, amount: int, /) -> None:
        if step is Step.SHARDS and not self.killed:
            for number in actors_below(os.getpid()):
                os.kill(number, signal.SIGKILL)
                self.killed += 1


def test_a_stopped_run_goes_on_though_its_actors_die_and_is_that_of_one_process(
    tmp_path: Path,
) -> None:
    config = config_of(tmp_path / "ray")
    with pytest.raises(Stopped):
        run_config(config, {}, Stopping())
    kept = len(list((tmp_path / "ray" / "shards").glob("*.json")))
    assert 0 < kept < SHARDS
    killing = Killing()
    assert run_config(config, {}, killing).resumed_shards == kept
    assert killing.killed >= 2, "one actor for captions and one for the rest"
    run_config(config_of(tmp_path / "here", **{"run.executor": "local"}), {})
    assert files_of(tmp_path / "ray") == files_of(tmp_path / "here")


def nothing_to_edit(seen: Seen, number: int) -> Answer:
    scene = "a red tractor ploughs a wide green field under a cloudy sky"
    full = [{"caption": scene, "contradicts": ["object", "setting"]}]
    captions = [
        {"id": one["id"], "edits": [], "complete": full, "causal": []}
        for one in json.loads(seen.user)["captions"]
    ]
    return Answer(completion(json.dumps({"captions": captions}), usage=(1000, 200)))


def test_all_actors_together_keep_the_budget(tmp_path: Path) -> None:
    server = ChatServer(nothing_to_edit)
    try:
        config = config_of(
            tmp_path / "run",
            **{
                "workers": 2,
                "llm.provider": "openai",
                "llm.model": "m",
                "llm.base_url": server.url,
                "llm.cache_dir": str(tmp_path / "cache"),
                "llm.concurrency": 4,
                "llm.captions_per_request": 1,
                "llm.min_useful_share": 0,
                "source.limit": 80,
                "source.shard_size": 10,
                "llm.max_tokens": LIMIT,
            },
        )
        with pytest.raises(BudgetReached, match=r"llm\.max_tokens"):
            run_config(config, {})
    finally:
        server.close()
    # A request is held at its worst case while it is under way, so the last ones may be kept.
    assert LIMIT // 2 < server.count() * TOKENS <= LIMIT


def test_several_ranks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"run\.executor is ray under a launcher"):
        run_config(config_of(tmp_path / "run"), {}, rank=Rank(0, 2, 0))


def test_a_machine_that_would_make_other_data_is_refused() -> None:
    refuse_other_stages({"edits": "a", "render": "b"}, {"edits": "a", "render": "b"})
    with pytest.raises(ConfigError, match=r"render would make other data.*images\.dtype"):
        refuse_other_stages({"edits": "a", "render": "b"}, {"edits": "a", "render": "c"})
