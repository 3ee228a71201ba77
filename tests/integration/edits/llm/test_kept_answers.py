"""Only answers of use are remembered: a rerun on a mended server asks again for the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import PermanentError
from tests.integration.adapters.llm.chat_server import Answer, ChatServer, Seen, completion
from tests.integration.edits.llm.recorded_answers import answer_to, read, run_stage

pytestmark = pytest.mark.integration

WRITTEN = {one["caption"]: one for one in read("right")[:30]}
CAPTIONS, MORE = list(WRITTEN)[:12], list(WRITTEN)[12:]
SPOILT = frozenset(CAPTIONS[1:6:2])


def in_spanish(entry: dict[str, Any]) -> dict[str, Any]:
    edits = [edit | {"new": "un perro que corre"} for edit in entry["edits"]]
    return entry | {"edits": edits, "complete": [], "causal": []}


def empty(entry: dict[str, Any]) -> dict[str, Any]:
    return entry | {"edits": [], "complete": [], "causal": []}


def unchanged(entry: dict[str, Any]) -> dict[str, Any]:
    edits = [edit | {"new": edit["old"]} for edit in entry["edits"]]
    return entry | {"edits": edits, "complete": [], "causal": []}


def script(spoil: Callable[[dict[str, Any]], dict[str, Any]] | None) -> Callable[..., Answer]:
    """A server that spoils what it says of some captions."""

    def answered(seen: Seen, number: int) -> Answer:
        answer = answer_to(seen, WRITTEN)
        asked = [one["caption"] for one in json.loads(seen.user.split("\n")[0])["captions"]]
        for entry, caption in zip(answer["captions"], asked, strict=True):
            if spoil is not None and caption in SPOILT:
                entry |= spoil(dict(entry))
        return Answer(completion(json.dumps(answer)))

    return answered


@pytest.mark.parametrize("spoil", [in_spanish, empty, unchanged], ids=lambda one: one.__name__)
@pytest.mark.parametrize("together", [1, 4])
def test_a_mended_server_is_asked_again_only_where_it_was_of_no_use(
    spoil, together: int, tmp_path: Path
) -> None:
    llm = {"captions_per_request": together}
    server = ChatServer(script(None))
    try:
        good = run_stage(server, CAPTIONS, tmp_path / "good", llm=llm)
        server.script = script(spoil)
        spoilt = run_stage(server, CAPTIONS, tmp_path / "mended", llm=llm)
        server.script = script(None)
        before = server.count()
        again = run_stage(server, CAPTIONS, tmp_path / "mended", llm=llm)
        asked = server.count() - before
    finally:
        server.close()
    differing = {c for c, one, other in zip(CAPTIONS, good, spoilt, strict=True) if one != other}
    assert differing == SPOILT
    assert again == good
    requests = {CAPTIONS.index(caption) // together for caption in SPOILT}
    assert asked == len(requests)


def test_a_rerun_on_the_same_server_gives_the_same_and_does_not_stop(tmp_path: Path) -> None:
    """It asks for useless answers alone, and those say nothing of the server."""
    spoil = in_spanish
    server = ChatServer(script(spoil))
    try:
        llm = {"captions_per_request": 1, "min_useful_share": 0.5}
        first = run_stage(server, CAPTIONS, tmp_path, llm=llm)
        second = run_stage(server, CAPTIONS, tmp_path, llm=llm)
        assert server.count() == len(CAPTIONS) + len(SPOILT)
    finally:
        server.close()
    assert second == first


def test_a_run_that_was_stopped_for_useless_answers_goes_on_to_the_same_result(
    tmp_path: Path,
) -> None:
    """Half of the captions were answered well before the server turned bad."""
    llm = {"captions_per_request": 1, "concurrency": 1, "min_useful_share": 0.5}

    def turning(seen: Seen, number: int) -> Answer:
        answer = answer_to(seen, WRITTEN)
        if number > 2:
            answer = {"captions": [in_spanish(entry) for entry in answer["captions"]]}
        return Answer(completion(json.dumps(answer)))

    server = ChatServer(script(None))
    try:
        good = run_stage(server, CAPTIONS, tmp_path / "good", llm=llm)
        calls: list[int] = []

        def counted(seen: Seen, number: int) -> Answer:
            calls.append(number)
            return turning(seen, len(calls))

        server.script = counted
        with pytest.raises(
            PermanentError, match=r"2 got anything usable.*perro.*text\.not_english"
        ):
            run_stage(server, [*CAPTIONS, *MORE], tmp_path / "stopped", llm=llm)
        assert len(calls) < len(CAPTIONS) + len(MORE)
        server.script = script(None)
        before = server.count()
        again = run_stage(server, CAPTIONS, tmp_path / "stopped", llm=llm)
        assert server.count() - before == len(CAPTIONS) - 2
    finally:
        server.close()
    assert again == good
