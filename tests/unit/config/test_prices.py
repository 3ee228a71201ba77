"""A model's price is found by its name or that of its snapshot; a limit needs one."""

from __future__ import annotations

import pytest

from pipeline.config.prices import PRICES, Price, find_price
from pipeline.core.errors import ConfigError


def test_a_price_is_for_a_million_tokens() -> None:
    assert Price(2.0, 10.0).cost_usd(500_000, 100_000) == pytest.approx(2.0)
    assert Price(2.0, 10.0).cost_usd(0, 0) == 0.0


@pytest.mark.parametrize(
    ("model", "listed"),
    [
        ("gpt-4o-mini", "gpt-4o-mini"),
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("gpt-4.1-nano", "gpt-4.1-nano"),
        ("gpt-5-2025-08-07", "gpt-5"),
    ],
)
def test_dated_snapshots_cost_what_their_model_costs(model: str, listed: str) -> None:
    assert find_price(model, {}, needed=True) == Price(*PRICES[listed])


def test_the_users_own_price_wins() -> None:
    own = {"gpt-4o-mini": (0.0, 0.0), "org/model": (1.0, 2.0)}
    assert find_price("gpt-4o-mini", own, needed=True) == Price(0.0, 0.0)
    assert find_price("org/model", own, needed=True) == Price(1.0, 2.0)


def test_an_unknown_price_is_an_error_only_where_a_limit_hangs_on_it() -> None:
    assert find_price("org/model", {}, needed=False) == Price(0.0, 0.0)
    with pytest.raises(ConfigError, match=r"'org/model' is unknown: .* or limit llm.max_tokens"):
        find_price("org/model", {}, needed=True)


def test_every_known_model_costs_more_to_write_than_to_read() -> None:
    assert all(0 < usd_in < usd_out for usd_in, usd_out in PRICES.values())
