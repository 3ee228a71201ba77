"""What language models cost: the public list prices of known models, and the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.core.errors import ConfigError

PRICES_AS_OF = "2025-10"
"""When :data:`PRICES` was copied from the provider's public list; check before a large run."""

PRICES: Mapping[str, tuple[float, float]] = {
    "gpt-4o": (2.50, 10.00),
    "gpt-4o-mini": (0.15, 0.60),
    "gpt-4.1": (2.00, 8.00),
    "gpt-4.1-mini": (0.40, 1.60),
    "gpt-4.1-nano": (0.10, 0.40),
    "gpt-5": (1.25, 10.00),
    "gpt-5-mini": (0.25, 2.00),
    "gpt-5-nano": (0.05, 0.40),
    "o4-mini": (1.10, 4.40),
}
"""Model name → USD for a million tokens read and written."""

BATCH_DISCOUNT = 0.5
"""Batch files cost half."""


@dataclass(frozen=True, slots=True)
class Price:
    """USD for a million tokens.

    Attributes:
        usd_in: For tokens read.
        usd_out: For tokens written.
    """

    usd_in: float
    usd_out: float

    def cost_usd(self, tokens_in: int, tokens_out: int) -> float:
        """Cost of one request."""
        return (tokens_in * self.usd_in + tokens_out * self.usd_out) / 1e6


def find_price(model: str, prices: Mapping[str, tuple[float, float]], *, needed: bool) -> Price:
    """Look up a model's price: the user's table first, then ours, dated snapshots included.

    Args:
        model: Model name; `gpt-4o-mini-2024-07-18` finds `gpt-4o-mini`.
        prices: The user's own table, which wins.
        needed: Whether a limit in USD depends on it.

    Returns:
        The price; zero for an unknown model that nothing depends on.

    Raises:
        ConfigError: The price is needed and unknown.
    """
    table = {**PRICES, **prices}
    snapshot = "-".join(part for part in model.split("-") if not (part.isdigit() and len(part) > 1))
    for name in (model, snapshot):
        if name in table:
            return Price(*table[name])
    if needed:
        raise ConfigError(
            f"llm.max_usd is set but the price of model {model!r} is unknown: give USD for a "
            f'million tokens in and out, llm.prices = {{ "{model}" = [0.15, 0.60] }} '
            "([0, 0] for a server of your own), or limit llm.max_tokens instead"
        )
    return Price(0.0, 0.0)
