from __future__ import annotations

import pytest

from pipeline.config.loading import build_config
from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError


@pytest.mark.parametrize("asked", [{"balance": True}, {"bands": {"object": [-5, 5]}}])
def test_a_threshold_without_its_model_is_an_error(asked: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="set checks.fluency_model to builtin:smollm2"):
        build_config({"checks": asked})


def test_defaults_need_no_model_and_ask_for_no_balance() -> None:
    assert not RunConfig().checks.balances
    assert build_config({"checks": {"balance": False}}).checks.balances is False


def test_with_a_model_edits_are_balanced_unless_told_otherwise() -> None:
    model = {"fluency_model": "builtin:smollm2"}
    assert build_config({"checks": model}).checks.balances
    assert not build_config({"checks": model | {"balance": False}}).checks.balances


def test_a_written_config_reads_back() -> None:
    """Every value stands in a stored config, also those that the user did not set."""
    config = RunConfig()
    assert build_config(config.model_dump(mode="json")) == config


def test_a_band_must_not_be_empty() -> None:
    with pytest.raises(ConfigError, match="bands.object"):
        build_config({"checks": {"fluency_model": "x", "bands": {"object": [5, 5]}}})
