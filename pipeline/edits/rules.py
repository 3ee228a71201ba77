"""The register of rules: which ones a config asks for, in a fixed order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.edits.action import ActionRule
from pipeline.edits.attributes import AttributeRule
from pipeline.edits.causal import CausalRule
from pipeline.edits.counts import CountRule
from pipeline.edits.listed import SUBKINDS, ListedRule
from pipeline.edits.looks import LookRule
from pipeline.edits.negation import NegationRule
from pipeline.edits.objects import ObjectRule
from pipeline.edits.people import PeopleRule
from pipeline.edits.pictures import PictureRule
from pipeline.edits.relation import RelationRule
from pipeline.edits.relation_sides import SidesRule
from pipeline.edits.skies import SkiesRule
from pipeline.edits.sports import SportsRule
from pipeline.edits.swap import SwapRule

if TYPE_CHECKING:
    from pipeline.config import EditsConfig
    from pipeline.edits.proposal import Rule


def all_rules(config: EditsConfig, choices: int = 1) -> tuple[Rule, ...]:
    """Build every rule whose kind the config asks for.

    Args:
        config: Kinds, and the policy on people.
        choices: Edits written for each one kept, where later checks choose among them.
    """
    rules: tuple[Rule, ...] = (
        ObjectRule(),
        SportsRule(),
        SkiesRule(),
        PeopleRule(config.demographics),
        AttributeRule(config.demographics),
        LookRule(config.demographics),
        PictureRule(),
        CountRule(),
        ActionRule(),
        RelationRule(),
        SidesRule(),
        NegationRule(choices, config.demographics),
        SwapRule(),
        CausalRule(),
        *(ListedRule(kind) for kind in SUBKINDS),
    )
    return tuple(rule for rule in rules if rule.kind in config.kinds)
