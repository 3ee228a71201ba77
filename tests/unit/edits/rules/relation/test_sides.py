"""Who is on which side."""

from __future__ import annotations

from pipeline.edits.rules.relation.sides import SidesRule


def test_sides_of_two_unnamed_persons_stay(replacements) -> None:
    rule = SidesRule()
    assert not replacements(rule, "person, left, and person greet the audience", "left")
    assert replacements(rule, "actor, left, and person greet the audience", "left") == {"right"}
