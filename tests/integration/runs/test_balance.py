"""A run counts its own input once, and every later launch goes by what it counted."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from pipeline.config.loading import load_config
from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError
from pipeline.core.progress import Silent
from pipeline.runs import balance
from pipeline.runs.balance import run_balance
from pipeline.runs.components import Components
from pipeline.runs.job import open_job
from pipeline.runs.rank import Rank
from pipeline.runs.run import run_config
from pipeline.shards.layout import RunLayout
from pipeline.sources import settle_kind
from tests.integration.runs.test_run import files_of

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[3]


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


@pytest.mark.usefixtures("few_are_enough")
def test_of_ranks_that_start_together_one_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_of(tmp_path / "run")
    counts: list[object] = []
    count = balance._counted
    together = Barrier(2)

    def counted(*arguments: object) -> object:
        counts.append(arguments)
        return count(*arguments)

    def opened(number: int) -> str:
        with Components(config, {}) as components:
            together.wait()
            job = open_job(config, components, rank=Rank(number, 2, number))
            return components.edit_stage().fingerprint + str(len(job.spans))

    monkeypatch.setattr(balance, "_counted", counted)
    with ThreadPoolExecutor(2) as ranks:
        first, second = ranks.map(opened, range(2))
    assert len(counts) == 1
    assert first == second


DIES_COUNTING = """
import os, signal, sys
from pipeline.config.run import RunConfig
from pipeline.runs import balance
from pipeline.runs.rank import Rank
from pipeline.runs.run import run_config
balance._counted = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
run_config(RunConfig.model_validate_json(sys.argv[1]), {}, rank=Rank(0, 2, 0))
"""


@pytest.mark.usefixtures("few_are_enough")
def test_a_rank_that_dies_while_it_counts_blocks_no_other(tmp_path: Path) -> None:
    config = config_of(tmp_path / "run")
    died = subprocess.run(
        [sys.executable, "-c", DIES_COUNTING, config.model_dump_json()], cwd=ROOT, check=False
    )
    assert died.returncode == -signal.SIGKILL
    layout = RunLayout(tmp_path / "run")
    assert not layout.run_json.exists()
    with Components(config, {}) as components:
        open_job(config, components, rank=Rank(1, 2, 1))
    assert layout.balance_json.exists()


def test_few_rows_are_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = config_of(tmp_path / "run")
    run_config(config, {})
    monkeypatch.setattr(balance, "_counted", _never)
    assert run_balance(config, RunLayout(tmp_path / "run"), Silent()) is None


def _never(*_: object) -> None:
    raise AssertionError("the input is counted again")
