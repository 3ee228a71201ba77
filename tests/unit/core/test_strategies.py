"""The numbers of a strategy."""

from __future__ import annotations

import pytest

from pipeline.core.strategies import StrategyParameters


def test_parameters_are_stored_by_name_and_read_back() -> None:
    parameters = StrategyParameters(0.4, 0.0, blend=0.3)
    stored = parameters.to_json()
    assert stored == {"self_attention": 0.4, "cross_attention": 0.0, "blend": 0.3}
    assert StrategyParameters.from_json(stored) == parameters
    with pytest.raises(ValueError, match="no strategy has a parameter 'selfish'"):
        StrategyParameters.from_json({"selfish": 1.0})
    with pytest.raises(ValueError, match="blend must be from 0 to 1"):
        StrategyParameters(blend=1.5)
