"""Numbers, verbs and pronouns agree after an edit as they did before."""

from __future__ import annotations

import pytest

from pipeline.edits.gate.agreement import agreement_fault
from tests.unit.edits.gate.gate_edits import read, worded


def reason(parse, caption: str, kind: str, old: str, new: str, *repairs) -> str:
    edit = worded(parse, caption, kind, old, new, *repairs)
    fault = agreement_fault(edit, *read(parse, edit))
    return fault.reason if fault else ""


@pytest.mark.parametrize(
    ("caption", "kind", "old", "new", "repairs"),
    [
        ("a dog is sleeping on a bed", "object", "dog", "cat", ()),
        ("a kitten is walking", "count", "a kitten", "two kittens", (("is", "are"),)),
        ("a man sits with his dog", "object", "man", "woman", (("his", "her"),)),
        ("a man and his wife sit", "object", "wife", "dog", ()),
        ("two girl on a beach", "object", "girl", "boy", ()),
        ("a dog runs on grass", "action", "runs", "sleeps", ()),
        ("a woman with a few dogs", "object", "dogs", "cats", ()),
        ("dog on a bed", "object", "dog", "cat", ()),
    ],
)
def test_what_agrees_passes(parse, caption: str, kind: str, old: str, new: str, repairs) -> None:
    assert reason(parse, caption, kind, old, new, *repairs) == ""


@pytest.mark.parametrize(
    ("caption", "kind", "old", "new", "why"),
    [
        ("a kitten is walking", "count", "a kitten", "two kittens", "text.agreement"),
        ("a kitten on a bed", "count", "a kitten", "two kitten", "text.agreement"),
        ("a dog sleeps on the bed", "object", "dog", "dogs", "text.agreement"),
        ("three dogs sleep on the bed", "object", "dogs", "cat", "text.agreement"),
        ("a woman with dogs", "object", "dogs", "cat", "text.agreement"),
        ("a dog runs on grass", "action", "runs", "sleeping", "text.agreement"),
        ("a dog running on grass", "action", "running", "sleep", "text.agreement"),
        ("a mother holding her baby", "object", "mother", "father", "text.pronoun"),
        ("a child on his tricycle", "object", "child", "girl", "text.pronoun"),
        ("a man and his dog", "count", "a man", "two men", "text.pronoun"),
    ],
)
def test_what_does_not_is_refused(
    parse, caption: str, kind: str, old: str, new: str, why: str
) -> None:
    assert reason(parse, caption, kind, old, new) == why
