from __future__ import annotations

import pytest

from pipeline.adapters.llm.budget import Budget, Spend, Usage, estimate_tokens
from pipeline.config.prices import Price, find_price
from pipeline.core.errors import ConfigError
from pipeline.core.protocols import ChatRequest

REQUEST = ChatRequest("r", "system", "user", "s", {"type": "object"}, "p.v1", 100)


def test_a_known_price() -> None:
    assert find_price("gpt-4o-mini", {}, needed=True) == Price(0.15, 0.60)


def test_a_dated_snapshot_costs_what_its_model_costs() -> None:
    assert find_price("gpt-4o-mini-2024-07-18", {}, needed=True) == Price(0.15, 0.60)


def test_the_users_price_wins() -> None:
    assert find_price("gpt-4o", {"gpt-4o": (1.0, 2.0)}, needed=True) == Price(1.0, 2.0)


def test_an_unknown_price_matters_only_to_a_limit() -> None:
    assert find_price("house-model", {}, needed=False) == Price(0.0, 0.0)
    with pytest.raises(ConfigError, match="house-model"):
        find_price("house-model", {}, needed=True)


def test_cost_is_per_million() -> None:
    assert Price(0.15, 0.60).cost_usd(1_000_000, 500_000) == pytest.approx(0.45)


def test_reservations_count_until_they_are_released() -> None:
    budget = Budget(Price(0, 0), Spend(), max_usd=None, max_tokens=250)
    assert budget.reserve(50, 50)
    assert budget.reserve(50, 50)
    assert not budget.reserve(50, 50)
    budget.spend.add(REQUEST, Usage(1, 0, 0, 10, 10))
    budget.release(50, 50)
    assert budget.reserve(50, 50), "20 used + 100 reserved + 100"
    assert not budget.idle


def test_what_was_spent_before_counts() -> None:
    spend = Spend()
    spend.add(REQUEST, Usage(1, 0, 0, 0, 0, usd=0.9))
    budget = Budget(Price(1e6, 0), spend, max_usd=1.0, max_tokens=None)
    assert not budget.reserve(1, 0)
    assert "0.9000 of 1 USD (llm.max_usd)" in budget.describe()


def test_an_estimate_is_not_below_the_usual_four_bytes_a_token() -> None:
    request = ChatRequest("r", "word " * 200, "", "s", {}, "p.v1")
    assert estimate_tokens(request, 0) >= 250
