"""The register of rules: which ones a config asks for, in a fixed order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.edits.rules.action.rule import ActionRule
from pipeline.edits.rules.attribute.fixed_phrases import PhraseScaleRule
from pipeline.edits.rules.attribute.rule import AttributeRule
from pipeline.edits.rules.causal.rule import CausalRule
from pipeline.edits.rules.count.rule import CountRule
from pipeline.edits.rules.negation.rule import NegationRule
from pipeline.edits.rules.object.people import PeopleRule
from pipeline.edits.rules.object.rule import ObjectRule
from pipeline.edits.rules.relation.rule import RelationRule
from pipeline.edits.rules.swap.rule import SwapRule

if TYPE_CHECKING:
    from pipeline.config.edits import EditsConfig
    from pipeline.edits.apply.proposal import Rule


def all_rules(config: EditsConfig, choices: int = 1) -> tuple[Rule, ...]:
    """Build every rule whose kind the config asks for.

    Args:
        config: Kinds, and the policy on people.
        choices: Edits written for each one kept, where later checks choose among them.
    """
    rules: tuple[Rule, ...] = (
        ObjectRule(),
        PeopleRule(config.demographics, is_balanced=config.balance == "select"),
        AttributeRule(config.demographics),
        PhraseScaleRule(config.demographics),
        CountRule(),
        ActionRule(),
        RelationRule(),
        NegationRule(choices, config.demographics),
        SwapRule(),
        CausalRule(),
    )
    return tuple(rule for rule in rules if rule.kind in config.kinds)
