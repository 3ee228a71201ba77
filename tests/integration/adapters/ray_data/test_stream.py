"""Shard numbers through pools of real Ray actors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.llm.budget import Spend, Usage
from pipeline.adapters.ray_data.stream import Pool, connected, stream
from pipeline.core.errors import ConfigError, TransientError
from pipeline.core.progress import Silent, Step
from tests.integration.adapters.ray_data.steps import Fail, Note, Reserve

pytestmark = pytest.mark.integration

SHARDS = range(7)
EARLIER = 50
"""Tokens that the run had spent before."""


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """One cluster for the tests of this file."""
    with connected(None, processors=4) as ray:
        yield ray


class Recorder(Silent):
    def __init__(self) -> None:
        self.done: Counter[Step] = Counter()
        self.times: list[tuple[int, str]] = []

    def advance(self, step: Step, amount: int, /) -> None:
        self.done[step] += amount

    def measured(self, shard_id: int, stage: str, seconds: float, counts: Any, /) -> None:
        self.times.append((shard_id, stage))


def test_every_shard_goes_through_every_pool_in_order(ray: Any, tmp_path: Path) -> None:
    first = Pool("first", Note(tmp_path, "first"), 1, 0.5, 0, ahead=2)
    second = Pool("second", Note(tmp_path, "second", after="first"), 2, 0.5, 0)
    seen = Recorder()
    stream(ray, SHARDS, (first, second), seen)
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {f"{step}-{n}" for step in ("first", "second") for n in SHARDS}
    assert seen.done == {Step.IMAGES: 2 * 2 * len(SHARDS)}
    assert sorted(seen.times) == [(n, step) for n in SHARDS for step in ("first", "second")]


@pytest.mark.parametrize("at", [3, None], ids=["at a shard", "opening"])
def test_the_error_of_an_actor_is_the_drivers(ray: Any, tmp_path: Path, at: int | None) -> None:
    pools = (
        Pool("first", Fail(at), 1, 0.5, 0),
        Pool("second", Note(tmp_path, "second"), 1, 0.5, 0),
    )
    with pytest.raises(TransientError) as caught:
        stream(ray, SHARDS, pools, Silent())
    if at is not None:
        assert (str(caught.value), caught.value.retry_after_s) == ("shard 3", 4.0)
    made = {int(path.name.rpartition("-")[2]) for path in tmp_path.iterdir()}
    assert made < set(SHARDS), "nothing new is begun after the error"


def test_actors_have_one_budget_together(ray: Any, tmp_path: Path) -> None:
    spend = Spend()
    kept: list[int] = []
    spend.continue_from(Usage(tokens_in=EARLIER), lambda usd, tokens: kept.append(tokens))
    stream(ray, SHARDS, [Pool("ask", Reserve(tmp_path), 2, 0.5, 0)], Silent(), spend)
    assert len(list(tmp_path.iterdir())) == 3
    assert spend.total.tokens == sum(kept) == 90
    assert spend.earlier.tokens == EARLIER


def test_a_cluster_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import ray

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with (
        pytest.raises(ConfigError, match=r"run\.ray_address 127\.0\.0\.1:1: there is no"),
        connected("127.0.0.1:1", processors=1),
    ):
        pass
