"""Batches go on exactly where they were left."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from pipeline.training.vlm.loader import CounterfactualDataset, make_loader
from tests.integration.training.vlm.streams import to_array

pytestmark = pytest.mark.integration


def test_more_workers_than_shards_are_a_warning_and_fewer(text_run: Path) -> None:
    dataset = CounterfactualDataset(text_run)
    with pytest.warns(UserWarning, match="3 workers for 2 shards: 2 are started"):
        loader = make_loader(dataset, batch_size=2, num_workers=3)
    assert loader.num_workers == 2
    assert len([key for batch in loader for key in batch["key"]]) == 10


def plain(batch: dict[str, Any]) -> list[Any]:
    """A batch as values that can be compared."""
    edits = batch["edit_text"]
    return [batch["key"], edits, batch["image"].tolist() if "image" in batch else None]


@pytest.mark.filterwarnings("ignore:This DataLoader will create 3 worker processes")
@pytest.mark.parametrize("workers", [0, 1, 3])
@pytest.mark.parametrize("balance", [None, "kind"])
def test_it_goes_on_exactly_where_it_was(run: Path, workers: int, balance: Any) -> None:
    def loader() -> Any:
        dataset = CounterfactualDataset(
            run, transform=to_array, max_edits=2, balance=balance, shuffle_buffer=4
        )
        made = make_loader(dataset, batch_size=2, num_workers=workers)
        made.set_epoch(3)
        return made

    whole = loader()
    expected = [plain(batch) for batch in whole] + [plain(batch) for batch in whole]
    assert len(expected) >= 22
    for cut in (0, 1, 4, 5, 7, 9, 10):
        broken = loader()
        before = [plain(batch) for batch in islice(broken, cut)]
        state = json.loads(json.dumps(broken.state_dict()))
        resumed = loader()
        resumed.load_state_dict(state)
        after = [plain(batch) for batch in resumed] + [plain(batch) for batch in resumed]
        assert before + after == expected, f"cut behind batch {cut}"
