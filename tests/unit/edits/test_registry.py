"""The register of rules."""

from __future__ import annotations

from pipeline.config.edits import EditsConfig
from pipeline.core.records import EditKind
from pipeline.edits.registry import all_rules


def test_only_the_kinds_asked_for_get_rules() -> None:
    rules = all_rules(EditsConfig(kinds=(EditKind.COUNT,)))
    assert {rule.kind for rule in rules} == {EditKind.COUNT}
    assert {rule.kind for rule in all_rules(EditsConfig())} == set(EditKind)
