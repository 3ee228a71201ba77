"""An edit is of its kind, and one change alone."""

from __future__ import annotations

import pytest

from pipeline.edits.gate.changes import kind_fault
from tests.unit.edits.gate.gate_edits import read, worded

CAPTION = "two old men are holding a red umbrella on a wooden bench"


def reason(parse, caption: str, kind: str, old: str, new: str) -> str:
    edit = worded(parse, caption, kind, old, new)
    fault = kind_fault(edit, *read(parse, edit))
    return fault.reason if fault else ""


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("object", "umbrella", "balloon"),
        ("object", "red umbrella", "red paper bag"),
        ("attribute", "red", "blue"),
        ("attribute", "red", "bright yellow"),
        ("attribute", "wooden", "metal"),
        ("count", "two", "five"),
        ("count", "two old men are", "one old man is"),
        ("relation", "on", "behind"),
        ("relation", "on", "on the left of"),
        ("action", "holding", "painting"),
        ("negation", "are holding", "are not holding"),
    ],
)
def test_one_change_of_its_kind_passes(parse, kind: str, old: str, new: str) -> None:
    assert reason(parse, CAPTION, kind, old, new) == ""


@pytest.mark.parametrize(
    ("kind", "old", "new", "why"),
    [
        ("object", "red umbrella", "blue balloon", "text.several_changes"),
        ("object", "old men are holding a red umbrella", "boys are flying a kite", "several"),
        ("count", "two old", "five young", "text.several_changes"),
        ("action", "holding a red umbrella", "reading a book", "text.several_changes"),
        ("relation", "on a wooden bench", "under a tree", "text.several_changes"),
        ("attribute", "umbrella", "balloon", "text.wrong_kind"),
        ("object", "red", "blue", "text.wrong_kind"),
        ("count", "old", "young", "text.wrong_kind"),
        ("relation", "umbrella", "balloon", "text.wrong_kind"),
        ("action", "men", "women", "text.wrong_kind"),
        ("object", "umbrella", "no umbrella", "text.wrong_kind"),
        ("negation", "holding", "painting", "text.no_negator"),
        ("negation", "holding a red umbrella", "a red umbrella", "text.no_negator"),
        ("negation", "are holding", "are not painting", "text.several_changes"),
    ],
)
def test_other_changes_are_refused(parse, kind: str, old: str, new: str, why: str) -> None:
    assert why in reason(parse, CAPTION, kind, old, new)
