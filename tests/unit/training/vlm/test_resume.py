"""Whether a saved place means anything is decided by its settings, each named that differs."""

from __future__ import annotations

import pytest

from pipeline.core.errors import ConfigError
from pipeline.training.vlm.resume import refuse_other_settings


def test_every_setting_that_differs_is_named_and_no_other() -> None:
    with pytest.raises(ConfigError) as refused:
        refuse_other_settings({"seed": 1, "batch": 2, "new": 3}, {"seed": 0, "batch": 2, "old": 4})
    said = str(refused.value)
    assert "new (was None, is 3), old (was 4, is None), seed (was 0, is 1)" in said
    assert "batch" not in said


def test_the_same_settings_in_another_order_pass() -> None:
    assert refuse_other_settings({"a": 1, "b": [2]}, {"b": [2], "a": 1}) is None
