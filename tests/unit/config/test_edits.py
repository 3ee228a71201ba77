"""What the settings of edits refuse."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pipeline.config.edits import EditsConfig


def test_exceptions_of_the_balance_name_kinds_or_subkinds() -> None:
    names = ("negation.one_sided", "count")
    assert EditsConfig(balance_except=names).balance_except == names
    with pytest.raises(ValidationError, match=r"denial\.one_sided: each begins with a kind"):
        EditsConfig(balance_except=("denial.one_sided",))
