"""Opening the configured model: keys, prices, and the limits of several processes."""

from __future__ import annotations

import pytest

from pipeline.adapters.llm.opening import open_chat
from pipeline.config.llm import LlmConfig
from pipeline.core.errors import BudgetReached, ConfigError

pytestmark = pytest.mark.integration


def test_a_server_of_ones_own_needs_no_key(serve, open_to, ask_for) -> None:
    server = serve()
    open_to(server).complete(ask_for(1))
    assert server.seen[0].headers["authorization"] == "Bearer none"


def test_no_key_for_the_default_server_stops_before_any_work(tmp_path) -> None:
    config = LlmConfig(provider="openai", cache_dir=str(tmp_path / "cache"))
    with pytest.raises(ConfigError, match="OPENAI_API_KEY is not set"):
        open_chat(config, {"OPENAI_API_KEY": " "})
    assert not (tmp_path / "cache").exists()


PRICES = {"m": (1000.0, 2000.0)}
"""USD for a million tokens: a request of 100 + 20 tokens costs 0.14 USD."""


def test_a_budget_is_shared_out_to_processes(serve, open_to, ask_for) -> None:
    server = serve()
    chat = open_to(server, max_usd=4.0, prices=PRICES, share=4)
    with pytest.raises(BudgetReached):
        chat.complete(ask_for(40))
    assert chat.spend.total.usd <= 1.0


def test_an_unknown_price_with_a_limit_stops_before_any_work(serve, open_to) -> None:
    server = serve()
    with pytest.raises(ConfigError, match=r"price of model 'm' is unknown.*llm\.prices"):
        open_to(server, max_usd=1.0)
    assert server.count() == 0
