"""What a run has spent outlives its processes, and counts once for all of them."""

from __future__ import annotations

import time
import uuid
from pathlib import Path

import pytest

import pipeline.runs.spend_file as spend_file
from pipeline.adapters.llm.budget import Budget, Spend, Usage
from pipeline.config.prices import Price
from pipeline.core.protocols import ChatRequest
from pipeline.runs.rank import ALONE, Rank
from pipeline.runs.spend_file import kept_spend, spent_before
from pipeline.shards.layout import RunLayout
from pipeline.stores.path import StorePath
from pipeline.stores.scratch import scratch_file, use_scratch

REQUEST = ChatRequest("r", "s", "u", "n", {}, "p")
PRICE = Price(1e6, 1e6)
"""A token costs a dollar."""


def budget(spend: Spend, share: int = 1) -> Budget:
    return Budget(PRICE, spend, max_usd=None, max_tokens=1000, share=share)


def ask(limit: Budget, tokens: int, *, answered: bool = True) -> bool:
    """One request of a number of tokens, whose worst case is ten more."""
    if not limit.reserve(tokens, 10):
        return False
    if answered:
        limit.spend.add(REQUEST, Usage(requests=1, tokens_in=tokens, usd=float(tokens)))
        limit.release(tokens, 10)
    return True


def test_a_restart_goes_on_from_what_was_spent(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    asked = 0
    for _ in range(3):
        spend = Spend()
        with kept_spend(layout, ALONE, spend):
            limit = budget(spend)
            while ask(limit, 90):
                asked += 1
            assert "of 1000 tokens (llm.max_tokens)" in limit.describe()
        assert spend.total.tokens <= 1000
    assert asked == 11
    assert spent_before(layout) == (990.0, 990)
    assert limit.describe().startswith("the run has spent 990 of 1000 tokens")


def test_what_was_under_way_when_a_process_was_killed_counts(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    spend = Spend()
    with kept_spend(layout, ALONE, spend):
        assert ask(budget(spend), 100)
        assert ask(budget(spend), 200, answered=False)
    assert spent_before(layout)[1] == 100 + 210


def test_ranks_share_what_is_left_whenever_they_start(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    total = 0
    for start in range(2):
        for number in range(4):
            spend = Spend()
            with kept_spend(layout, Rank(number, 4, 0), spend):
                limit = budget(spend, share=4)
                while ask(limit, 30):
                    total += 30
                assert "4 processes share" in limit.describe()
            assert total <= 1000, start
    assert total >= 600
    with kept_spend(layout, ALONE, spend := Spend()):
        while ask(budget(spend), 30):
            total += 30
    assert 960 <= total <= 1000


def test_a_cut_line_is_passed_over(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    (tmp_path / ".spend-0-of-1.jsonl").write_text("\n[1.5,3]\n[2.5,4]\n[7,")
    assert spent_before(layout) == (4.0, 7)
    with kept_spend(layout, ALONE, spend := Spend()):
        ask(budget(spend), 5)
    assert spent_before(layout) == (9.0, 12)


def test_a_run_without_a_model_keeps_nothing(tmp_path: Path) -> None:
    with kept_spend(RunLayout(tmp_path), ALONE, None):
        pass
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("limited", [True, False])
def test_an_unlimited_run_is_kept_too(tmp_path: Path, limited: bool) -> None:
    layout = RunLayout(tmp_path)
    with kept_spend(layout, ALONE, spend := Spend()):
        limit = Budget(PRICE, spend, max_usd=500.0 if limited else None, max_tokens=None)
        assert ask(limit, 90)
    assert spent_before(layout) == (90.0, 90)


def test_on_a_store_it_outlives_a_process_and_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spend_file, "UPLOAD_S", 0.01)
    layout = RunLayout(StorePath(f"memory://{uuid.uuid4().hex}/run"))
    use_scratch(str(tmp_path / "first"))
    try:
        with kept_spend(layout, ALONE, spend := Spend()):
            assert ask(budget(spend), 100)
            for _ in range(500):  # a copy goes to the store while the run goes on
                if spent_before(layout) == (100.0, 100):
                    break
                time.sleep(0.01)
            assert spent_before(layout) == (100.0, 100)
        use_scratch(str(tmp_path / "another machine"))
        with kept_spend(layout, ALONE, spend := Spend()):
            asked = 0
            while ask(budget(spend), 100):
                asked += 1
        assert asked == 8
        assert spent_before(layout) == (900.0, 900)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    finally:
        use_scratch(None)


def test_what_a_killed_process_had_not_copied_is_found_on_its_machine(tmp_path: Path) -> None:
    root = StorePath(f"memory://{uuid.uuid4().hex}/run")
    use_scratch(str(tmp_path))
    try:
        left = scratch_file(root / ".spend-0-of-1-abc.jsonl")
        left.parent.mkdir(parents=True)
        left.write_text("\n[5.0,500]")
        with kept_spend(RunLayout(root), ALONE, spend := Spend()):
            assert not ask(budget(spend), 600)
        assert spent_before(RunLayout(root)) == (5.0, 500)
    finally:
        use_scratch(None)
