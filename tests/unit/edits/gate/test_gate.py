"""The gate puts its checks together: for anybody's edits, a model's edits, and its scenes."""

from __future__ import annotations

import pytest

from pipeline.edits.gate.gate import Gate
from tests.unit.edits.gate.gate_edits import worded

CAPTION = "a young man with two dogs sits next to a fountain ."


@pytest.mark.parametrize(
    ("kind", "old", "new", "why"),
    [
        ("object", "fountain", "statue", ""),
        ("relation", "next to", "behind", ""),
        ("relation", "next to", "beside", "text.synonym"),
        ("attribute", "young", "black", "text.protected_characteristic"),
        ("object", "dogs", "perros", "text.not_english"),
        ("object", "fountain", "fountain in my caption", "text.assistant_talk"),
        ("object", "two dogs", "three cats", "text.several_changes"),
        ("count", "two dogs", "one dogs", "text.agreement"),
        ("object", "man", "woman", "text.demographics"),
    ],
)
def test_each_check_has_its_say(parse, kind: str, old: str, new: str, why: str) -> None:
    gate = Gate("off", parse)
    edit = worded(parse, CAPTION, kind, old, new)
    fault = gate.edit_fault(edit) or gate.worded_fault(edit, parse(CAPTION))
    assert (fault.reason if fault else "") == why


@pytest.mark.parametrize(
    ("scene", "why"),
    [
        ("an old man with three cats lies on a roof .", "text.demographics"),
        ("a young man with three parrots lies on a roof .", ""),
        ("a young man with two dogs sits next to a fountain .", "text.too_near"),
        ("a young muslim man with three parrots lies on a roof .", "protected_characteristic"),
        ("a young man with Angela Merkel lies on a roof .", "text.name"),
        ("un joven con tres loros yace sobre un tejado .", "text.not_english"),
        ("Sorry, a young man with three parrots lies there .", "text.assistant_talk"),
        ("a roof a roof a roof a roof .", "text.repetition"),
    ],
)
def test_scenes(parse, scene: str, why: str) -> None:
    fault = Gate("off", parse).scene_fault(scene, scene, parse(CAPTION))
    assert why in (fault.reason if fault else "")
    assert bool(fault) is bool(why)
