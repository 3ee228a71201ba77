"""Which settings of edits take complete counterfactuals from the source."""

from __future__ import annotations

from pipeline.config.edits import EditsConfig


def test_a_pool_is_wanted_unless_nothing_or_a_vocabulary_is() -> None:
    assert EditsConfig().mines
    assert not EditsConfig(max_full=0).mines
    assert not EditsConfig(vocabulary="builtin:world").mines
