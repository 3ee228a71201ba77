from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def keep_every_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the draw that thins captions of shows."""
    monkeypatch.setattr("pipeline.edits.rules.action.rule.STAGED_KEPT", 1.0)
