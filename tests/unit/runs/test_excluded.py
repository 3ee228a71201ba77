"""The captions of finished runs: those of sets, and of no unfinished run."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError
from pipeline.runs.excluded import excluded_captions
from pipeline.shards.layout import RunLayout
from tests.unit.shards.shard_records import draw, make_reject, make_set, store, write_manifest


def test_the_captions_of_sets_are_given_run_by_run(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path / "run")
    sets = [draw(make_set(0)), draw(make_set(2))]
    store(layout, 0, [sets[0], make_reject(1)])
    store(layout, 1, [sets[1]])
    with pytest.raises(ConfigError, match="no finished run"):
        excluded_captions([str(layout.root)])
    write_manifest(layout, "f" * 16, range(2))
    found = [list(captions) for captions in excluded_captions([str(layout.root)] * 2)]
    assert found == [[one.cfset.anchor.caption for one in sets]] * 2


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        excluded_captions([str(tmp_path / "nowhere")])
