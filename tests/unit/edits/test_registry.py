"""The register of rules."""

from __future__ import annotations

from pipeline.config.edits import EditsConfig
from pipeline.core.records import EditKind
from pipeline.edits.registry import all_rules


def test_the_balance_makes_a_fixed_share_of_people_superfluous(parse) -> None:
    captions = [f"a girl holding {number} flags on a lawn" for number in range(20)]

    def found(balance: str) -> int:
        config = EditsConfig(kinds=(EditKind.OBJECT,), balance=balance)
        rules = [rule for rule in all_rules(config) if rule.name == "object.people"]
        return sum(bool(list(rule.propose(parse(text)))) for rule in rules for text in captions)

    assert found("off") < found("select") == len(captions)


def test_only_the_kinds_asked_for_get_rules() -> None:
    rules = all_rules(EditsConfig(kinds=(EditKind.COUNT,)))
    assert {rule.kind for rule in rules} == {EditKind.COUNT}
    assert {rule.kind for rule in all_rules(EditsConfig())} == set(EditKind)
