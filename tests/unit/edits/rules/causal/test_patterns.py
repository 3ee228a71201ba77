"""Causes and effects that a caption licenses."""

from __future__ import annotations

from pipeline.edits.apply.proposal import apply
from pipeline.edits.rules.causal.rule import CausalRule


def test_a_traffic_jam_is_not_caused_by_its_own_line_of_cars(parse) -> None:
    doc = parse("cars stuck in a traffic jam")
    edits = [apply(doc, proposal) for proposal in CausalRule().propose(doc)]
    assert edits
    assert not any("long line" in edit.caption for edit in edits)
