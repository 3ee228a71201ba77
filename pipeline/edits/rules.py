"""The register of rules: which ones a config asks for, in a fixed order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.config import EditsConfig
    from pipeline.edits.proposal import Rule


def all_rules(config: EditsConfig) -> tuple[Rule, ...]:
    """Build every rule whose kind the config asks for."""
    rules: tuple[Rule, ...] = ()
    return tuple(rule for rule in rules if rule.kind in config.kinds)
