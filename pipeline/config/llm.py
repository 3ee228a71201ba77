"""The section `llm` of the configuration: the language model that proposes edits."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from pipeline.config.base import Section


class LlmConfig(Section):
    """The language model that proposes edits; the rules work without one."""

    provider: Literal["none", "local", "openai"] = Field(
        "none",
        description="`none`: rules only. `local`: the small bundled model, or `llm.gguf`. "
        "`openai`: any OpenAI-compatible server, with the key from OPENAI_API_KEY.",
    )
    model: str = Field("gpt-4o-mini", description="Model name for `openai`.")
    base_url: str | None = Field(
        None, description="Server for `openai`, such as http://localhost:8000/v1 for vLLM."
    )
    gguf: str | None = Field(
        None,
        description="Model file for `local`, served by llama.cpp with the chat template that it "
        "holds; the bundled model if unset.",
    )
    context_tokens: int | None = Field(
        None, ge=512, description="Longest prompt with its answer of `llm.gguf`; 8192 if unset."
    )
    threads: int | None = Field(
        None, ge=1, description="Threads of `llm.gguf`; as many as processors if unset."
    )
    gpu_layers: int | None = Field(
        None, ge=0, description="Layers of `llm.gguf` on the GPU, 999 for all; none if unset."
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
    min_useful_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Stop early when surely less than this share of the captions asked about got "
        "anything usable; 0 never stops.",
    )
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

    @model_validator(mode="after")
    def _ignores_nothing(self) -> Self:
        """Refuse what the provider would leave unread."""
        unread: dict[str, tuple[str, ...]] = {
            "local": ("model", "base_url", "mode", "prices", "max_usd", "requests_per_minute",
                      "tokens_per_minute"),
            "openai": ("gguf", "context_tokens", "threads", "gpu_layers"),
        }  # fmt: skip
        names = list(unread.get(self.provider, ()))
        if self.provider == "local" and self.gguf is None:
            names += ["context_tokens", "threads", "gpu_layers"]
        fields = type(self).model_fields
        for name in names:
            if getattr(self, name) != fields[name].get_default(call_default_factory=True):
                remedy = "; name the file as llm.gguf" if name == "model" else ""
                raise ValueError(
                    f"llm.provider {self.provider} does not read llm.{name}: leave it out{remedy}"
                )
        return self
