"""A run counts its own input once, and every later launch goes by what it counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.loading import load_config
from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError
from pipeline.core.progress import Silent
from pipeline.runs import balance
from pipeline.runs.balance import run_balance
from pipeline.runs.rank import Rank
from pipeline.runs.run import run_config
from pipeline.shards.layout import RunLayout
from pipeline.sources import settle_kind
from tests.integration.runs.test_run import files_of

pytestmark = pytest.mark.integration


def config_of(root: Path, **settings: object) -> RunConfig:
    flags = {"source.limit": 90, "source.shard_size": 30, "output": str(root), **settings}
    config = load_config(flags, environ={})
    return config.model_copy(update={"source": settle_kind(config.source)})


@pytest.fixture
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balance, "LEAST_CAPTIONS", 50)


def test_a_small_input_goes_by_the_packaged_table(tmp_path: Path) -> None:
    config = config_of(tmp_path / "run")
    assert run_balance(config, RunLayout(tmp_path / "run"), Silent()) is None
    run_config(config, {})
    assert not RunLayout(tmp_path / "run").balance_json.exists()


@pytest.mark.usefixtures("few_are_enough")
def test_an_input_is_counted_once_and_every_rank_goes_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = config_of(tmp_path / "whole")
    run_config(whole, {})
    stored = RunLayout(tmp_path / "whole").balance_json.read_text("utf-8")
    assert '"captions": 90' in stored

    parted = config_of(tmp_path / "parted")
    run_config(parted, {}, rank=Rank(0, 2, 0))
    monkeypatch.setattr(balance, "_counted", _never)
    last = run_config(parted, {}, rank=Rank(1, 2, 1))
    assert last.manifest is not None
    assert files_of(tmp_path / "parted") == files_of(tmp_path / "whole")


@pytest.mark.usefixtures("few_are_enough")
def test_a_launch_killed_before_the_table_was_stored_counts_again(tmp_path: Path) -> None:
    config = config_of(tmp_path / "run")
    run_config(config, {}, rank=Rank(0, 3, 0))
    layout = RunLayout(tmp_path / "run")
    before = layout.balance_json.read_bytes()
    layout.balance_json.unlink()
    run_config(config, {}, rank=Rank(1, 3, 1))
    assert layout.balance_json.read_bytes() == before


@pytest.mark.usefixtures("few_are_enough")
@pytest.mark.parametrize(
    "settings",
    [
        {"edits.balance": "off"},
        {"edits.balance_table": "builtin:web"},
        {"edits.vocabulary": "builtin:world"},
    ],
)
def test_nothing_is_counted_where_nothing_goes_by_it(
    tmp_path: Path, settings: dict[str, object]
) -> None:
    config = config_of(tmp_path / "run", **settings)
    assert run_balance(config, RunLayout(tmp_path / "run"), Silent()) is None


@pytest.mark.usefixtures("few_are_enough")
def test_the_table_of_one_run_serves_another(tmp_path: Path) -> None:
    run_config(config_of(tmp_path / "first"), {})
    table = str(RunLayout(tmp_path / "first").balance_json)
    second = config_of(tmp_path / "second", **{"edits.balance_table": table})
    run_config(second, {})
    captions = [RunLayout(tmp_path / name).captions(0).read_bytes() for name in ("first", "second")]
    assert captions[0] == captions[1]
    Path(table).write_text("{")
    with pytest.raises(ConfigError, match="is no balance table"):
        run_config(config_of(tmp_path / "third", **{"edits.balance_table": table + ""}), {})


def _never(*_: object) -> None:
    raise AssertionError("the input is counted again")
