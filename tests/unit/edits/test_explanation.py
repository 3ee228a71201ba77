"""What an explanation calls kept are the proposals that become edits, rule by rule."""

from __future__ import annotations

from typing import Literal

from pipeline.core.records import EditKind
from pipeline.edits.explanation import Explanation, ProposalExplanation, RuleExplanation

Outcome = Literal["kept", "refused", "passed over"]


def rule(name: str, *outcomes: Outcome) -> RuleExplanation:
    proposals = tuple(
        ProposalExplanation(
            name, EditKind.OBJECT, "", "a dog", (2, 5), "dog", f"{name}{number}", "", outcome,
            "" if outcome == "kept" else "text.x", "",
        )
        for number, outcome in enumerate(outcomes)
    )  # fmt: skip
    return RuleExplanation(name, EditKind.OBJECT, proposals)


def explained(*rules: RuleExplanation) -> Explanation:
    return Explanation("a dog", (), rules, (), "", "")


def test_only_what_becomes_an_edit_is_kept_in_the_order_of_the_rules() -> None:
    found = explained(
        rule("b", "refused", "kept"), rule("none"), rule("a", "kept", "passed over", "kept")
    )
    assert [proposal.new for proposal in found.kept] == ["b1", "a0", "a2"]


def test_without_an_edit_nothing_is_kept() -> None:
    assert explained(rule("a", "refused", "passed over")).kept == ()
