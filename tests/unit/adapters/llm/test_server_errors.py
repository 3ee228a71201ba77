"""What servers say is wrong is found wherever they say it."""

from __future__ import annotations

import json

import pytest

from pipeline.adapters.llm.server_errors import explanation, names_other_limit, rejects_format

FASTAPI = {"detail": [{"loc": ["body", "response_format"], "msg": "extra fields not permitted"}]}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"message": "no such model", "code": "x"}}, "no such model"),
        ({"error": "Input validation error", "error_type": "validation"}, "Input validation error"),
        (FASTAPI, "body.response_format: extra fields not permitted"),
        ({"detail": "Not Found"}, "Not Found"),
        ({"object": "error", "message": "too long"}, "too long"),
        ("<html>\nlogin</html>", "<html> login</html>"),
    ],
)
def test_explanations(body, said: str) -> None:
    assert explanation(body if isinstance(body, str) else json.dumps(body)) == said


@pytest.mark.parametrize(
    ("status", "body", "rejected"),
    [
        (400, "response_format json_schema is not supported", True),
        (422, "Input validation error: grammar is not supported", True),
        (422, json.dumps(FASTAPI), True),
        (400, "the prompt is too long", False),
        (429, "response_format", False),
    ],
)
def test_a_form_of_answers_is_rejected(status: int, body: str, rejected: bool) -> None:
    assert rejects_format(status, body) is rejected


@pytest.mark.parametrize(
    ("body", "limit", "named"),
    [
        ("'max_tokens' is not supported. Use 'max_completion_tokens' instead.", "max_tokens", True),
        ("extra fields not permitted: max_completion_tokens", "max_completion_tokens", True),
        ("max_tokens must be at most 4096", "max_tokens", False),
    ],
)
def test_another_name_for_the_longest_answer(body: str, limit: str, named: bool) -> None:
    assert names_other_limit(400, body, limit) is named
