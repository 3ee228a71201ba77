"""Which settings of edits take complete counterfactuals from the source, and what they refuse."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pipeline.config.edits import EditsConfig


def test_a_pool_is_wanted_unless_nothing_or_a_vocabulary_is() -> None:
    assert EditsConfig().mines
    assert not EditsConfig(max_full=0).mines
    assert not EditsConfig(vocabulary="builtin:world").mines


def test_exceptions_of_the_balance_name_kinds_or_subkinds() -> None:
    names = ("negation.one_sided", "count")
    assert EditsConfig(balance_except=names).balance_except == names
    with pytest.raises(ValidationError, match=r"denial\.one_sided: each begins with a kind"):
        EditsConfig(balance_except=("denial.one_sided",))
