"""Opens the configured language model: any OpenAI-compatible server, or the bundled one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.adapters.hub import user_cache_folder
from pipeline.adapters.llm.batch import BatchBackend
from pipeline.adapters.llm.budget import Budget, Spend
from pipeline.adapters.llm.cached_chat import CachedChat, ChatBackend, model_fingerprint
from pipeline.adapters.llm.endpoint import Endpoint
from pipeline.adapters.llm.online import OnlineBackend
from pipeline.adapters.llm.response_cache import ResponseCache, request_key
from pipeline.config.prices import BATCH_DISCOUNT, Price, find_price
from pipeline.core.errors import ConfigError
from pipeline.core.progress import StopSignal

if TYPE_CHECKING:
    from pipeline.config.llm import LlmConfig

KEY_VARIABLE = "OPENAI_API_KEY"


def cache_folder(config: LlmConfig) -> Path:
    """Folder of the response cache."""
    if config.cache_dir:
        return Path(config.cache_dir).expanduser()
    return user_cache_folder()


def read_key(config: LlmConfig, environ: Mapping[str, str]) -> str:
    """Find the API key.

    Raises:
        ConfigError: OpenAI's own server is asked and there is no key.
    """
    key = environ.get(KEY_VARIABLE, "").strip()
    if key:
        return key
    if config.base_url is None:
        raise ConfigError(
            f"llm.provider is openai, but the environment variable {KEY_VARIABLE} is not set; "
            "set it, or give llm.base_url for a server of your own that needs none"
        )
    return "none"


def open_chat(
    config: LlmConfig,
    environ: Mapping[str, str],
    *,
    share: int = 1,
    spend: Spend | None = None,
    stop: StopSignal | None = None,
) -> CachedChat:
    """Open the configured model; nothing is asked and nothing paid yet.

    Args:
        config: The `llm` section.
        environ: The process environment; only OPENAI_API_KEY is read.
        share: Processes that share the limits; each gets an equal part of the rates, the
            budget (unless the ledger is shared) and the concurrency.
        spend: Ledger to write to; a new one if None. What it already holds counts against
            the budget.
        stop: Asked while answers are waited for.

    Raises:
        ConfigError: No key, no price, no bundled model, or an unusable cache folder.
    """
    if config.provider == "none":
        raise ConfigError("llm.provider is none: there is no model to open")
    if share < 1:
        raise ValueError(f"share must be at least 1, not {share}")
    if config.provider == "local":
        from pipeline.adapters.llm.local_chat import open_local

        return open_local(config, cache_folder(config), spend=spend, stop=stop)
    key = read_key(config, environ)
    price = find_price(config.model, config.prices, needed=config.max_usd is not None)
    if config.mode == "batch":
        price = Price(price.usd_in * BATCH_DISCOUNT, price.usd_out * BATCH_DISCOUNT)
    cache = ResponseCache(cache_folder(config))
    # Of a ledger that all of them write to, nobody needs a part of his own.
    parts = 1 if spend is not None and spend.is_shared else share
    endpoint = Endpoint(
        model=config.model,
        temperature=config.temperature,
        base_url=config.base_url,
        key=key,
        concurrency=max(1, config.concurrency // share),
        timeout_s=config.timeout_s,
        max_retries=config.max_retries,
        min_useful_share=config.min_useful_share,
        stop_hint=f"Every finished answer is kept in {cache.path} and costs nothing again: to go "
        "on, run the same command with a higher limit.",
    )
    budget = Budget(
        price,
        spend or Spend(),
        max_usd=config.max_usd,
        max_tokens=config.max_tokens,
        share=parts,
    )
    named = model_fingerprint(config.model, config.temperature)
    backend: ChatBackend
    if config.mode == "batch":
        backend = BatchBackend(endpoint, budget, cache, partial(request_key, named), stop)
    else:
        backend = OnlineBackend(
            endpoint,
            budget,
            requests_per_minute=_part(config.requests_per_minute, share),
            tokens_per_minute=_part(config.tokens_per_minute, share),
            stop=stop,
        )
    return CachedChat(
        backend,
        model=config.model,
        fingerprint=named,
        cache=cache,
        spend=budget.spend,
        price=price,
    )


def _part(limit: int | None, share: int) -> int | None:
    return max(1, limit // share) if limit is not None else None
