"""What an OpenAI-compatible server's answers and errors mean to the pipeline.

* one request's bad luck (a refusal, an empty or cut answer) → ``ChatFailure``;
* a world that may mend itself (429, 5xx, lost connections) → ``TransientError``;
* a world that will not (bad key, unknown model, no credit) → ``PermanentError``.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import PermanentError, TransientError
from pipeline.core.ids import JsonValue
from pipeline.core.json_answers import find_answer
from pipeline.core.protocols import ChatFailure, ChatReply, ChatRequest

if TYPE_CHECKING:
    import openai


class AnswerForm(StrEnum):
    """How a server is asked for JSON; what it refuses gives way to the next, less strict one."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    FREE = "none"


Verdict = ChatFailure | TransientError | PermanentError

NO_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
"""Codes that come with status 429 and that no waiting mends."""

WRONG_FOR_ALL = frozenset({"model", "temperature", "max_tokens", "max_completion_tokens"})
"""Parameters that are the same in every request: a 400 on one of them concerns them all."""

DETAIL_CHARS = 300


def one_line(text: object) -> str:
    """Printable, short and on one line: what a server says is untrusted."""
    flat = " ".join(str(text).split())
    return "".join(c for c in flat if c.isprintable())[:DETAIL_CHARS]


def is_useful(answer: ChatReply | ChatFailure, schema: Mapping[str, JsonValue]) -> bool:
    """Whether an answer holds an object of the asked schema."""
    return isinstance(answer, ChatReply) and find_answer(answer.text, schema) is not None


def shown(answer: ChatReply | ChatFailure) -> str:
    """An answer, or why there is none, for a person: short and on one line."""
    if isinstance(answer, ChatReply):
        return repr(one_line(answer.text))
    return f"{answer.reason}: {one_line(answer.detail)}"


def read_completion(
    body: bytes | str | Mapping[str, Any], schema: Mapping[str, JsonValue]
) -> ChatReply | ChatFailure:
    """Read the body of a chat completion.

    The text may come as a list of parts. Where there is none, the answer may stand where the
    model reasoned; where the server says that it was cut, it may be whole all the same.

    Args:
        body: What the server sent.
        schema: Of the answer that was asked for.

    Returns:
        The answer's text, or why there is none: `llm.bad_response` (not a completion),
        `llm.refused`, `llm.content_filter`, `llm.truncated`, `llm.empty`. Where a server
        counts no tokens, the written ones are estimated from the text.
    """
    try:
        data = body if isinstance(body, Mapping) else json.loads(body)
        choice = data["choices"][0]
        message = choice["message"]
        text = _joined(message.get("content"))
        refusal = message.get("refusal")
        finish = choice.get("finish_reason")
        usage = data.get("usage") or {}
        tokens_in = max(0, int(usage.get("prompt_tokens") or 0))
        tokens_out = max(0, int(usage.get("completion_tokens") or len(text) // 4))
        reasoned = message.get("reasoning_content") or message.get("reasoning")
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        excerpt = one_line(body.decode("utf-8", "replace") if isinstance(body, bytes) else body)
        return ChatFailure(
            "llm.bad_response", f"not a chat completion ({type(error).__name__}): {excerpt}"
        )

    def failure(reason: str, detail: str) -> ChatFailure:
        return ChatFailure(reason, detail, tokens_in, tokens_out)

    if refusal:
        return failure("llm.refused", one_line(refusal))
    if finish == "content_filter":
        return failure("llm.content_filter", "the provider withheld the answer")
    if not text.strip() and isinstance(reasoned, str) and find_answer(reasoned, schema):
        text = reasoned
    if finish == "length" and find_answer(text, schema) is None:
        return failure("llm.truncated", f"cut after {tokens_out} tokens")
    if not text.strip():
        return failure("llm.empty", "the answer holds no text")
    return ChatReply(text, tokens_in, tokens_out)


def _joined(content: object) -> str:
    """The text of a message: itself, or the texts of its parts.

    Raises:
        TypeError: It is neither.
    """
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, list):
        raise TypeError("content is not a text")
    parts = [part.get("text") if isinstance(part, Mapping) else part for part in content]
    return "".join(part for part in parts if isinstance(part, str))


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


def _user_content(request: ChatRequest) -> str | list[dict[str, object]]:
    """The data; with a picture, that first, as a data address."""
    if not request.picture:
        return request.user
    encoded = base64.b64encode(request.picture).decode("ascii")
    address = f"data:{_media_type(request.picture)};base64,{encoded}"
    return [
        {"type": "image_url", "image_url": {"url": address}},
        {"type": "text", "text": request.user},
    ]


def _media_type(picture: bytes) -> str:
    if picture.startswith(b"\x89PNG"):
        return "image/png"
    return "image/webp" if picture[8:12] == b"WEBP" else "image/jpeg"


def chat_body(
    request: ChatRequest, *, model: str, temperature: float, limit_name: str, form: AnswerForm
) -> dict[str, object]:
    """Body of `POST /chat/completions`.

    Args:
        request: What to ask.
        model: Model name.
        temperature: Sampling temperature.
        limit_name: How this server calls the longest answer.
        form: How the answer's form is asked for. Where it is not by the schema, that stands in
            the instructions.
    """
    system = request.system
    response_format: dict[str, object] = {"type": "json_object"}
    if form is AnswerForm.SCHEMA:
        named = {"name": request.schema_name, "strict": True, "schema": request.schema}
        response_format = {"type": "json_schema", "json_schema": named}
    else:
        system += f"\nAnswer with one JSON object of this JSON schema: {json.dumps(request.schema)}"
    body: dict[str, object] = {
        "model": model,
        "messages": [
            {"role": "system", "content": system},
            {"role": "user", "content": _user_content(request)},
        ],
        "temperature": temperature,
        limit_name: request.max_tokens,
    }
    return body if form is AnswerForm.FREE else body | {"response_format": response_format}
