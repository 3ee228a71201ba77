"""What an OpenAI-compatible server is sent, and what its answers mean to the pipeline."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pipeline.core.ids import JsonValue
from pipeline.core.json_answers import find_answer
from pipeline.core.protocols import ChatFailure, ChatReply, ChatRequest, Judge, Worth


class AnswerForm(StrEnum):
    """How a server is asked for JSON; what it refuses gives way to the next, less strict one."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    FREE = "none"


DETAIL_CHARS = 300


def one_line(text: object) -> str:
    """Printable, short and on one line: what a server says is untrusted."""
    flat = " ".join(str(text).split())
    return "".join(c for c in flat if c.isprintable())[:DETAIL_CHARS]


def worth_of(request: ChatRequest, answer: ChatReply | ChatFailure, judge: Judge | None) -> Worth:
    """What an answer is good for: nothing unless it holds an object of the asked schema."""
    if isinstance(answer, ChatFailure):
        return Worth(0, False)
    if judge is not None:
        return judge(request, answer)
    if find_answer(answer.text, request.schema) is None:
        return Worth(0, False, "not one complete JSON object of the asked schema")
    return Worth(request.parts, True)


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
