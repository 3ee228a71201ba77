"""The dry run says what each kind is expected to cost."""

from __future__ import annotations

import pytest

from pipeline.config.loading import build_config
from pipeline.tools.plan import estimate_run

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("form", ["open", "rails"])
def test_tokens_and_cost_of_the_kinds_add_up(form: str) -> None:
    config = build_config(
        {"source": {"limit": 60}, "llm": {"provider": "openai", "form": form}}  # gpt-4o-mini
    )
    estimate = estimate_run(config, environ={"OPENAI_API_KEY": "none"})
    kinds = estimate.kinds
    assert sum(one.tokens_in for one in kinds.values()) == estimate.tokens_in > 0
    assert sum(one.tokens_out for one in kinds.values()) == estimate.tokens_out > 0
    assert sum(one.usd or 0 for one in kinds.values()) == pytest.approx(estimate.usd)
    assert kinds["full"].captions == estimate.full
    minimal = sum(one.captions for kind, one in kinds.items() if kind != "full")
    assert minimal == pytest.approx(estimate.minimal, abs=len(kinds))
    if form == "rails":
        assert kinds["full"].tokens_in == 0  # a small model chooses among minimal edits only
        assert kinds["object"].tokens_in > kinds["swap"].tokens_in


def test_without_a_model_nothing_costs_anything() -> None:
    estimate = estimate_run(build_config({"source": {"limit": 30}}), environ={})
    assert {(one.tokens_in, one.usd) for one in estimate.kinds.values()} == {(0, 0.0)}
