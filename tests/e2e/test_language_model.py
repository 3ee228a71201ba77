"""A whole run with a language model: a budget stops it, a rerun pays for nothing twice.

The model is a server on loopback that answers by a script and counts, because a real one
will not run out of budget on demand; the client, cache, budget and run are the real ones.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "integration" / "adapters"))
from tests.integration.adapters.llm.chat_server import Answer, ChatServer, Seen, completion

THINGS = ("tractor", "harbour", "mountain", "violin", "giraffe", "kitchen", "balloon", "castle",
          "forest", "train", "candle")  # fmt: skip
ROWS = 12
TOKENS_IN, TOKENS_OUT = 1000, 200
"""What the server says that each answer took."""


def answer(seen: Seen, number: int) -> Answer:
    """A complete caption for each, as long as it is, and nothing else."""
    entries = []
    for one in json.loads(seen.user)["captions"]:
        words = one["caption"].split()
        first = sum(map(ord, one["caption"])) % len(THINGS)
        order = THINGS[first:] + THINGS[:first]
        text = " ".join(f"a {thing} by" for thing in (order * 9)[: len(words) // 3 + 1])
        full = {"caption": text.removesuffix(" by"), "contradicts": ["object", "setting"]}
        entries.append({"id": one["id"], "edits": [], "complete": [full], "causal": []})
    return Answer(completion(json.dumps({"captions": entries}), usage=(TOKENS_IN, TOKENS_OUT)))


def run(root: Path, server: ChatServer, *more: str) -> subprocess.CompletedProcess[str]:
    settings = {
        "llm.base_url": server.url,
        "llm.model": "m",
        "llm.cache_dir": str(root.parent / f"{root.name}-cache"),
        "llm.concurrency": "2",
        "llm.captions_per_request": "2",
        "source.limit": str(ROWS),
        "source.shard_size": "4",
    }
    command = [
        sys.executable,
        "-m",
        "counterfactory",
        "run",
        "--llm",
        "openai",
        "--output",
        str(root),
    ]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    return subprocess.run(
        [*command, *more],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )


def inspect(root: Path) -> str:
    command = [sys.executable, "-m", "counterfactory", "inspect", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


def files_of(root: Path) -> dict[str, bytes]:
    """The data of a run; its report says how long it took, and its ledger every request."""
    return {
        str(p.relative_to(root)): p.read_bytes()
        for p in root.rglob("*")
        if p.is_file() and p.parent != root / "report" and not p.name.startswith(".spend")
    }


@pytest.mark.e2e
def test_a_budget_stops_cleanly_and_nothing_is_asked_twice(tmp_path: Path) -> None:
    server = ChatServer(answer)
    try:
        undisturbed = run(tmp_path / "whole", server)
        assert undisturbed.returncode == 0, undisturbed.stderr
        asked = Counter(json.dumps(seen.body, sort_keys=True) for seen in server.seen)
        assert asked
        assert set(asked.values()) == {1}

        server.seen.clear()
        stopped = run(tmp_path / "stopped", server, "--set", "llm.max_tokens=6000")
        assert stopped.returncode == 1
        assert "llm.max_tokens" in stopped.stderr
        assert "Traceback" not in stopped.stderr
        first = len(server.seen)
        assert 0 < first < len(asked)

        resumed = run(tmp_path / "stopped", server)
        assert resumed.returncode == 0, resumed.stderr
        again = Counter(json.dumps(seen.body, sort_keys=True) for seen in server.seen)
        assert again == asked, "a request was paid for twice, or left out"
        assert files_of(tmp_path / "stopped") == files_of(tmp_path / "whole")

        counts = json.loads((tmp_path / "whole" / "manifest.json").read_text())["counts"]
        by_kind = counts["tokens"]
        assert set(by_kind) == {"edits/full"}
        for way in ("tokens_in", "tokens_out"):
            assert sum(used[way] for used in by_kind.values()) == counts[way]
        shown = inspect(tmp_path / "whole")
        assert f"{by_kind['edits/full']['tokens_in']:,}" in shown
        assert "edits/full" in shown
    finally:
        server.close()


@pytest.mark.e2e
def test_a_wrong_model_is_one_error_and_not_a_million_rejects(tmp_path: Path) -> None:
    fault = {"error": {"message": "no such model", "code": "model_not_found", "type": "x"}}
    server = ChatServer(lambda seen, number: Answer(fault, 404))
    try:
        ran = run(tmp_path / "run", server)
        assert ran.returncode == 1
        assert "llm.model" in ran.stderr or "'m'" in ran.stderr
        assert "Traceback" not in ran.stderr
        assert len(server.seen) <= 4
        assert not list((tmp_path / "run").glob("shards/*"))
    finally:
        server.close()


@pytest.mark.e2e
def test_a_limit_holds_for_the_run_over_restarts_and_processes(tmp_path: Path) -> None:
    """Counted by the server: three starts spend the limit once."""
    limit = 6000
    server = ChatServer(answer)
    limited = ("--no-report", "--set", f"llm.max_tokens={limit}")
    try:
        for number in range(3):
            # Other answers each time, so that none is remembered and all could be paid again.
            fresh = ("--set", f"llm.cache_dir={tmp_path / str(number)}")
            stopped = run(tmp_path / "run", server, *limited, *fresh)
            assert stopped.returncode == 1, stopped.stderr
            assert f"of {limit} tokens (llm.max_tokens)" in stopped.stderr
            assert "Traceback" not in stopped.stderr
            paid = (TOKENS_IN + TOKENS_OUT) * len(server.seen)
            assert paid <= limit, number
        assert paid > limit / 3
        assert "before this start" in stopped.stderr

        one_more = run(tmp_path / "run", server, "--no-report")
        assert one_more.returncode == 0, one_more.stderr
    finally:
        server.close()
