"""The section `llm` of the configuration: the language model that proposes edits."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline.config.base import Section


class LlmConfig(Section):
    """The language model that proposes edits; the rules work without one."""

    provider: Literal["none", "local", "openai"] = Field(
        "none",
        description="`none`: rules only. `local`: the small bundled model. `openai`: any "
        "OpenAI-compatible server, with the key from OPENAI_API_KEY.",
    )
    model: str = Field("gpt-4o-mini", description="Model name for `openai`.")
    base_url: str | None = Field(
        None, description="Server for `openai`, such as http://localhost:8000/v1 for vLLM."
    )
    form: Literal["auto", "open", "rails"] = Field(
        "auto",
        description="`open`: the model words its edits freely. `rails`: it chooses among "
        "those that the parse allows; `auto` uses rails for `local`.",
    )
    captions_per_request: int = Field(
        4,
        ge=1,
        le=32,
        description="Captions asked about in one request of the open form. More save tokens, as "
        "the instructions are sent once for all; small models do better with 1.",
    )
    max_answer_tokens: int | None = Field(
        None,
        ge=16,
        description="Longest answer to one request; reckoned from what is asked for if unset. "
        "Models that think aloud need more.",
    )
    mode: Literal["online", "batch"] = Field(
        "online", description="`batch` sends the provider's half-price batch files."
    )
    temperature: float = Field(0.0, ge=0, le=2, description="Sampling temperature.")
    concurrency: int = Field(16, ge=1, le=1024, description="Requests under way at once.")
    requests_per_minute: int | None = Field(None, ge=1, description="Rate limit of requests.")
    tokens_per_minute: int | None = Field(None, ge=1, description="Rate limit of tokens.")
    timeout_s: float = Field(60.0, gt=0, description="Longest wait for one answer.")
    max_retries: int = Field(4, ge=0, le=20, description="Retries of one request by the SDK.")
    max_usd: float | None = Field(
        None, gt=0, description="Stop cleanly at this cost of the run, over all its starts."
    )
    max_tokens: int | None = Field(
        None, ge=1, description="Stop cleanly at this many tokens, likewise."
    )
    prices: dict[str, tuple[float, float]] = Field(
        default_factory=dict,
        description="Model name → USD for a million tokens in and out; adds to the known ones.",
    )
    cache_dir: str | None = Field(
        None, description="Folder of the response cache; the user's cache folder if unset."
    )
