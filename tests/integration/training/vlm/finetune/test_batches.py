"""Batches without end, and the refusal of runs that have nothing to see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import ConfigError
from pipeline.training.vlm.finetune.batches import EndlessBatches, require_pictures
from pipeline.training.vlm.finetune.config import load_vlm_config
from pipeline.training.vlm.finetune.model import open_trained_model
from tests.unit.export.exported_run import write_run

pytestmark = pytest.mark.integration


def batches(run: Path, **changes: Any) -> EndlessBatches:
    plain = {"run": str(run), "model": "builtin:world", "train.batch_size": 4,
             "sets.split": "all", "sets.shuffle_buffer": 4}  # fmt: skip
    config = load_vlm_config(plain | changes)
    return EndlessBatches(config, open_trained_model(config), 0, 1)


def keys(given: EndlessBatches, count: int) -> list[list[str]]:
    return [next(given)["key"] for _ in range(count)]


def test_epochs_follow_each_other_in_another_order(run: Path) -> None:
    found = keys(batches(run), 12)
    first, second = found[:6], found[6:]
    assert sorted(key for batch in first for key in batch) == sorted(
        key for batch in second for key in batch
    )
    assert first != second


@pytest.mark.parametrize("taken", [2, 6, 7])
def test_it_goes_on_behind_the_last_batch(run: Path, taken: int) -> None:
    whole = keys(batches(run), 14)
    first = batches(run)
    assert keys(first, taken) == whole[:taken]
    again = batches(run)
    again.go_to(first.state())
    assert keys(again, 14 - taken) == whole[taken:]


def test_a_run_in_which_nothing_fits_ends_instead_of_waiting(run: Path) -> None:
    with (
        pytest.warns(UserWarning, match="none of 22 samples"),
        pytest.raises(ConfigError, match="no set of the run has what the training asks for"),
    ):
        next(batches(run, **{"sets.kinds": ["swap"], "sets.max_full": 0}))


def test_a_run_without_pictures_is_refused(text_run: Path, run: Path) -> None:
    require_pictures(str(run))
    with pytest.raises(ConfigError, match="10 sets without a picture"):
        require_pictures(str(text_run))
    with pytest.raises(ConfigError, match="name what to learn from"):
        require_pictures("")


def test_other_words_are_read_where_they_count_and_a_run_without_any_is_refused(run: Path) -> None:
    require_pictures(str(run), neutral=True)
    plain = next(batches(run))
    assert plain["neutral_mask"].shape == (4, 0), "they cost nothing where they are not weighed"
    weighed = batches(run, neutral_weight=10.0)
    masks = [next(weighed)["neutral_mask"] for _ in range(6)]
    assert {mask.shape[1] for mask in masks} == {1}
    assert any(mask.any() for mask in masks)


def test_a_run_without_neutral_variants_cannot_be_weighed_by_them(tmp_path: Path) -> None:
    write_run(tmp_path / "run")
    require_pictures(str(tmp_path / "run"))
    with pytest.raises(ConfigError, match="holds no neutral variants"):
        require_pictures(str(tmp_path / "run"), neutral=True)
