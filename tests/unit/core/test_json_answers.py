"""The asked object is found in whatever stands around it, and nothing else is taken for it."""

from __future__ import annotations

import json

import pytest

from pipeline.core.json_answers import MAX_ANSWER_CHARS, find_answer

TEXT = {"type": "string"}
EDIT = {
    "type": "object",
    "properties": {"kind": {"type": "string", "enum": ["object", "count"]}, "old": TEXT},
    "required": ["kind", "old"],
}
SCHEMA = {
    "type": "object",
    "properties": {"edits": {"type": "array", "items": EDIT}},
    "required": ["edits"],
}
DOG, TWO = '{"kind": "object", "old": "dog"}', '{"kind": "count", "old": "two"}'
GOOD = f'{{"edits": [{DOG}, {TWO}]}}'
FOUND = {"edits": [{"kind": "object", "old": "dog"}, {"kind": "count", "old": "two"}]}


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}\n```\nI kept {{the rest}} as it is.",
        f'<think>Maybe {{"edits": [{TWO}]}}?</think>\n{GOOD}',
        f"I should change the dog.</think>{GOOD}",
        f"[THINK]hm[/THINK]{GOOD}",
        f"{GOOD}<think>Was that right?</think>",
        f"Sure! {{As asked}} here it is:\n{GOOD}\nHope this helps.",
        f"\ufeff{GOOD}",
        GOOD.replace("]}", ",]}"),
        GOOD.replace("}]", "},]").replace('"old"', "'old'"),
        f"[{DOG}, {TWO}]",
        f"{DOG}\n{TWO}",
        f"{GOOD}\n{{}}",
        f'{GOOD}\n{{"edits": []}}',
        f'For example: {{"edits": [{TWO}]}}. Now yours: {GOOD}',
        GOOD.replace('"dog"', '"dog", "why": "it is seen"'),
        GOOD.replace("]}", '], "note": "done"}'),
        GOOD.replace('"', "“"),
        GOOD.replace('{"', "{“").replace('":', "”:"),
        f'{{"result": {GOOD}}}',
        json.dumps(GOOD),
        GOOD.replace("edits", "Edits").replace("object", "Object"),
        GOOD.replace("}]}", '}, {"kind": "count", "old": "thr'),
        GOOD.replace("}]", '}, {"kind": "count"}]'),
        "x" * MAX_ANSWER_CHARS + f"</think>{GOOD}",
    ],
)
def test_what_was_said_is_found(text: str) -> None:
    assert find_answer(text, SCHEMA) == FOUND


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot do that.",
        f"<think>{GOOD}",
        '{"edits": [{"kind": "object", "old": "do',
        '{"edits": null}',
        '{"edits": [{"kind": "object"}]}',
        '{"other": 1}',
        "[" * 5000,
        "x" * MAX_ANSWER_CHARS + GOOD,
    ],
)
def test_what_holds_no_answer_gives_none(text: str) -> None:
    assert find_answer(text, SCHEMA) is None


@pytest.mark.parametrize("text", ['{"edits": []}', "[]", '{"edits": []} as nothing fits'])
def test_nothing_to_say_is_an_answer(text: str) -> None:
    assert find_answer(text, SCHEMA) == {"edits": []}


def test_a_number_is_a_text_and_one_text_a_list_of_it() -> None:
    entry = {
        "type": "object",
        "properties": {"old": TEXT, "in": {"type": "array", "items": TEXT}},
        "required": ["old", "in"],
    }
    schema = {"type": "object", "properties": {"found": {"type": "array", "items": entry}}}
    assert find_answer('{"found": {"old": 2, "in": "object"}}', schema) == {
        "found": [{"old": "2", "in": ["object"]}]
    }
    assert find_answer('{"found": [{"old": "two"}]}', schema) == {
        "found": [{"old": "two", "in": []}]
    }


def test_an_option_that_was_not_given_is_no_answer() -> None:
    choice = {"type": "string", "enum": ["red to blue"]}
    schema = {"type": "object", "properties": {"attribute": choice}}
    assert find_answer('{"attribute": "Red to blue"}', schema) == {"attribute": "red to blue"}
    assert find_answer('{"attribute": "red to pink"}', schema) is None
