"""What an OpenAI-compatible server's errors mean to the pipeline.

* one request's bad luck (a refusal, an empty or cut answer) → ``ChatFailure``;
* a world that may mend itself (429, 5xx, lost connections) → ``TransientError``;
* a world that will not (bad key, unknown model, no credit) → ``PermanentError``;
* a form of request that the server does not know → another form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.adapters.llm.answers import one_line
from pipeline.core.errors import PermanentError, TransientError
from pipeline.core.protocols import ChatFailure

if TYPE_CHECKING:
    import openai

Verdict = ChatFailure | TransientError | PermanentError

NO_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
"""Codes that come with status 429 and that no waiting mends."""

WRONG_FOR_ALL = frozenset({"model", "temperature", "max_tokens", "max_completion_tokens"})
"""Parameters that are the same in every request: a 400 on one of them concerns them all."""

SAYS_FORMAT = re.compile(
    r"response_?format|json_?schema|json_?object|structured[ _]?output|guided|grammar|"
    r"\bschema\b|xgrammar|outlines",
    re.IGNORECASE,
)
"""Words by which a server explains that it does not know a form of answers."""

EXPLAINING = frozenset({400, 415, 422, 501})
"""Statuses of a request that the server could not take as it was."""


def explanation(body: str) -> str:
    """What a server says is wrong, wherever it says it.

    OpenAI puts it into `error.message`, TGI into `error`, FastAPI into `detail`, which may be a
    list of faults with their places, others into `message`; a page of a proxy is taken as it is.
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return one_line(body)
    for key in ("error", "detail", "message", "errors"):
        if isinstance(data, Mapping) and data.get(key):
            data = data[key]
    if isinstance(data, list):
        faults = [fault if isinstance(fault, Mapping) else {"msg": fault} for fault in data]
        places = (".".join(map(str, f.get("loc") or ())) for f in faults)
        texts = (str(f.get("msg") or f.get("message") or f) for f in faults)
        pairs = zip(places, texts, strict=True)
        return one_line("; ".join(f"{place}: {text}" if place else text for place, text in pairs))
    return one_line(data)


def rejects_format(status: int, body: str) -> bool:
    """Whether an error says that the server does not know the form in which answers are asked."""
    return status in EXPLAINING and SAYS_FORMAT.search(body) is not None


def names_other_limit(status: int, body: str, limit_name: str) -> bool:
    """Whether an error says that the longest answer is to be called by its other name."""
    low = body.lower()
    if status not in EXPLAINING or limit_name not in low:
        return False
    return any(word in low for word in ("unsupported", "not supported", "unrecognized", "extra",
                                        "unknown", "instead", "not permitted"))  # fmt: skip


def classify_error(
    error: openai.OpenAIError, *, model: str, server: str, body: str = ""
) -> Verdict:
    """Say what an error means; the SDK's own retries are already used up.

    Args:
        error: What the SDK raised.
        model: Model name.
        server: Where it was asked.
        body: What the server sent with an error of its own, where that was read.
    """
    import openai

    if isinstance(error, openai.APIStatusError):
        return classify_status(
            error.status_code,
            error.code,
            error.param,
            explanation(body) if body.strip() else error.message,
            model=model,
            server=server,
            retry_after_s=retry_after_s(error.response.headers),
        )
    if isinstance(error, openai.APITimeoutError):
        return TransientError(
            f"llm: no answer of {server} in time, after all retries; raise llm.timeout_s or "
            "lower llm.concurrency"
        )
    if isinstance(error, openai.APIConnectionError):
        cause = one_line(error.__cause__ or error)
        return TransientError(
            f"llm: {server} cannot be reached, after all retries: {cause}; check that it runs"
        )
    return PermanentError(f"llm: the openai client failed: {one_line(error)}")


def classify_status(
    status: int,
    code: str | None,
    param: str | None,
    message: object,
    *,
    model: str,
    server: str,
    retry_after_s: float | None = None,
) -> Verdict:
    """Say what an HTTP status with OpenAI's error fields means."""
    detail = one_line(message)
    if code in NO_CREDIT:
        return PermanentError(
            f"llm: the account at {server} has no credit ({code}): {detail}. Add credit, then run "
            "the same command again; every finished answer is in the cache"
        )
    if status == 401:
        return PermanentError(
            f"llm: {server} refuses the key: {detail}. Set OPENAI_API_KEY to a valid key"
        )
    if status == 403:
        return PermanentError(
            f"llm: {server} forbids model {model!r} to this key: {detail}. Use another llm.model "
            "or a key that may use it"
        )
    if status == 404 or code == "model_not_found":
        return PermanentError(
            f"llm: {server} has no model {model!r} or no such address: {detail}. Check llm.model "
            "and llm.base_url (it usually ends in /v1)"
        )
    if status in {408, 409, 429} or status >= 500:
        return TransientError(
            f"llm: {server} answered {status} after all retries: {detail}",
            retry_after_s=retry_after_s,
        )
    if param in WRONG_FOR_ALL:
        return PermanentError(
            f"llm: {server} does not accept {param!r} as set for model {model!r}: {detail}. "
            "Change llm.model or llm.temperature"
        )
    if code in {"content_policy_violation", "content_filter"}:
        return ChatFailure("llm.content_filter", detail)
    if code == "context_length_exceeded" or "context length" in detail or "context size" in detail:
        return ChatFailure("llm.too_long", detail)
    return ChatFailure("llm.bad_request", f"{status}: {detail}")


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait, where it says so in seconds."""
    try:
        return max(0.0, float(headers["retry-after"]))
    except (KeyError, ValueError):
        return None
