"""What is offered beside what."""

from __future__ import annotations

from pipeline.edits.rules.negation.rule import NegationRule


def test_a_bare_negation_stands_beside_one_on_both_sides(parse) -> None:
    found = [p.subkind for p in NegationRule().propose(parse("a man wearing a hat on a beach"))]
    assert found.count("both_sides") == 1
    assert "one_sided" in found


def test_a_negated_caption_is_not_negated_again(parse) -> None:
    found = list(NegationRule().propose(parse("a dog without a collar on a beach")))
    assert [p.subkind for p in found] == ["removed"]
