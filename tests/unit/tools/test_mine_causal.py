"""A source is mined row by row: what is no caption is counted, and a stop is obeyed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pipeline.config.loading import load_config
from pipeline.config.run import RunConfig
from pipeline.core.progress import Silent, Step, Stopped
from pipeline.tools import mine_causal as module
from pipeline.tools.mine_causal import mine_source

ROWS = (
    "the museum is closed due to snow\thttp://x/1",
    "\thttp://x/2",
    "a dog on the beach\thttp://x/3",
    "the street is wet because it rained\thttp://x/4",
    "a cat in a garden\thttp://x/5",
)


class Noting(Silent):
    """Keeps what it is told, and asks to stop after so many rows."""

    def __init__(self, most: int = 10**9) -> None:
        self.told: Counter[Step] = Counter()
        self.totals: dict[Step, int | None] = {}
        self._most = most

    def total(self, step: Step, amount: int | None, /) -> None:
        self.totals[step] = amount

    def advance(self, step: Step, amount: int, /) -> None:
        self.told[step] += amount

    @property
    def stopping(self) -> bool:
        return self.told[Step.ANCHORS] >= self._most


@pytest.fixture
def config(tmp_path: Path) -> RunConfig:
    path = tmp_path / "captions.tsv"
    path.write_text("\n".join(ROWS) + "\n", encoding="utf-8")
    return load_config({"source.input": str(path)}, environ={})


def test_rows_without_a_caption_are_counted_and_not_mined(config: RunConfig) -> None:
    noting = Noting()
    found = mine_source(config, examples=1, observer=noting)
    assert (found.rows, found.rejected) == (5, 1)
    assert (found.summary.captions, found.summary.mentions) == (4, 2)
    assert {c.connective for c in found.summary.connectives} == {"due to", "because"}
    origins = {e.origin for c in found.summary.connectives for e in c.examples}
    assert origins == {"captions.tsv:1", "captions.tsv:4"}
    assert noting.totals[Step.ANCHORS] == noting.told[Step.ANCHORS] == 5


def test_a_wish_to_stop_is_obeyed_between_rows(
    config: RunConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STEP_ROWS", 2)
    noting = Noting(most=2)
    with pytest.raises(Stopped, match="nothing was written"):
        mine_source(config, observer=noting)
    assert noting.told[Step.ANCHORS] == 2


def test_progress_in_steps_adds_up_to_the_rows(
    config: RunConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STEP_ROWS", 2)
    noting = Noting()
    mine_source(config, observer=noting)
    assert noting.told[Step.ANCHORS] == len(ROWS)
