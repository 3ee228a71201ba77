"""Answers as a careful person wrote them, served as a model's over real HTTP."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.config.loading import build_config
from pipeline.core.records import Anchor, CounterfactualSet
from pipeline.core.stage import Rejected
from pipeline.runs.opening import name_edit_stage
from tests.integration.adapters.llm.chat_server import Answer, ChatServer, Seen, completion

FOLDER = Path(__file__).parents[3] / "data" / "answers"
PARTS = ("edits", "complete", "causal")

Result = CounterfactualSet | Rejected


def read(name: str) -> list[dict[str, Any]]:
    """The entries of a file: a caption with what was answered for it."""
    lines = (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def answer_to(seen: Seen, written: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The object that answers a request, by the captions in it."""
    entries = []
    for one in json.loads(seen.user.split("\n")[0])["captions"]:
        entry = written.get(one["caption"], {})
        entries.append({"id": one["id"], **{part: entry.get(part, []) for part in PARTS}})
    return copy.deepcopy({"captions": entries})


@contextmanager
def serving(written: Mapping[str, dict[str, Any]]) -> Iterator[ChatServer]:
    """A server that answers what was written."""
    server = ChatServer(
        lambda seen, number: Answer(completion(json.dumps(answer_to(seen, written))))
    )
    try:
        yield server
    finally:
        server.close()


def run_stage(
    server: ChatServer, captions: Sequence[str], cache: Path, **settings: Mapping[str, object]
) -> list[Result]:
    """The caption stage with a language model at that server; the balance would leave edits out."""
    llm = {
        "provider": "openai",
        "model": "m",
        "base_url": server.url,
        "cache_dir": str(cache),
        "max_retries": 1,
        # Where wrong answers are served to see them stopped, most are useless.
        "min_useful_share": 0,
    } | dict(settings.get("llm", {}))
    edits = {"balance": "off", **settings.get("edits", {})}
    config = build_config({"llm": llm, "edits": edits})
    stage = name_edit_stage(config, {})
    try:
        anchors = [Anchor(f"a{i}", c, c, "cc_tsv", f"x:{i}") for i, c in enumerate(captions)]
        return list(stage.run(anchors))
    finally:
        stage.close()


def by_model(result: Result) -> list[str]:
    """What of a model's came through."""
    if isinstance(result, Rejected):
        return []
    made = (*result.minimal, *result.full)
    return [one.caption for one in made if one.proposer.startswith("llm:")]


def refused(result: Result, of: Callable[[Rejected], bool]) -> list[Rejected]:
    """What was refused of it."""
    return [one for one in result.refused if of(one)]
