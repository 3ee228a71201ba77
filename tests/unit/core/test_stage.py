"""A stage is held to its contract: one result for each item, in order."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.core.errors import StageContractError
from pipeline.core.stage import Rejected, run_stage


class Halving:
    """Halves even numbers, and rejects odd ones."""

    fingerprint = "halving"

    def __init__(self, drop: int = 0) -> None:
        self._drop = drop

    def run(self, batch: Sequence[int], /) -> Sequence[int | Rejected]:
        results = [n // 2 if n % 2 == 0 else Rejected(str(n), "number.odd") for n in batch]
        return results[self._drop :]


def test_each_item_is_answered_in_order() -> None:
    assert run_stage(Halving(), [4, 7, 8]) == [2, Rejected("7", "number.odd"), 4]
    assert run_stage(Halving(), []) == []


def test_a_stage_that_loses_an_item_is_named() -> None:
    with pytest.raises(StageContractError, match="Halving returned 2 results for 3 items"):
        run_stage(Halving(drop=1), [4, 7, 8])
