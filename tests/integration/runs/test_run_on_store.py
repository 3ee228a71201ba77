"""A run whose directory is on an S3 server: the bytes of a local one, whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import pipeline.runs.retry as retry
import pipeline.runs.store_claim as store_claim
import pipeline.stores.asking as asking
import pipeline.stores.path as path_module
import pipeline.stores.ranges as ranges
from pipeline.config.loading import load_config
from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError, PermanentError, TransientError
from pipeline.runs.rank import Rank
from pipeline.runs.run import run_config
from pipeline.shards.layout import RunLayout
from pipeline.shards.verify import verify_run
from tests.integration.stores.s3_server import Bucket

pytestmark = pytest.mark.integration

SHARDS = 3


def config_of(root: object) -> RunConfig:
    flags = {"source.limit": 15, "source.shard_size": 5, "output": str(root)}
    return load_config(flags, environ={})


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run on this machine."""
    root = tmp_path_factory.mktemp("local") / "run"
    outcome = run_config(config_of(root), {})
    assert outcome.manifest is not None
    assert len([shard for shard in outcome.manifest.shards if shard.tar]) == SHARDS
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_the_bytes_are_those_of_a_local_run_and_a_resume_makes_nothing(
    s3: Bucket, local: dict[str, bytes]
) -> None:
    s3.server.wait_s = 0.02
    outcome = run_config(config_of(s3.root), {})
    assert outcome.manifest is not None
    assert s3.files() == local
    put = s3.put()
    assert sorted(put) == sorted(local), "one request for each file"
    for number in range(SHARDS):
        name = f"shards/{number:06d}"
        places = [put.index(p) for p in (f"captions/{number:06d}.jsonl", f"{name}.tar",
                                         f"{name}.parquet", f"{name}.json")]  # fmt: skip
        assert places == sorted(places)
    assert put[-1] == "manifest.json"
    s3.server.seen.clear()
    again = run_config(config_of(s3.root), {})
    assert again.resumed_shards == SHARDS
    assert not [path for path in s3.put() if path.startswith(("captions/", "shards/0"))]
    assert s3.files() == local
    assert verify_run(RunLayout(s3.root)) == []


def test_another_run_is_refused(s3: Bucket) -> None:
    (s3.root / "notes.txt").write_bytes(b"mine")
    with pytest.raises(ConfigError, match="holds other files"):
        run_config(config_of(s3.root), {})
    (s3.root / "notes.txt").unlink()
    run_config(config_of(s3.root), {})
    other = config_of(s3.root).model_copy(update={"seed": 7})
    with pytest.raises(ConfigError, match="seed"):
        run_config(other, {})


def test_ranks_share_a_run_and_the_last_one_finishes_it(
    s3: Bucket, local: dict[str, bytes]
) -> None:
    assert run_config(config_of(s3.root), {}, rank=Rank(1, 2, 1)).manifest is None
    assert run_config(config_of(s3.root), {}, rank=Rank(0, 2, 0)).manifest is not None
    assert s3.files() == local


def test_a_killed_run_goes_on(s3: Bucket, local: dict[str, bytes]) -> None:
    ran: list[subprocess.Popen[bytes]] = []

    def kill(method: str, path: str) -> None:
        if (method, path) == ("PUT", "run/shards/000001.parquet"):
            os.kill(ran[0].pid, signal.SIGKILL)

    s3.server.before = kill
    command = [
        *(sys.executable, "-m", "counterfactory", "run", "--output", str(s3.root), "-q"),
        *("--set", "source.limit=15", "--set", "source.shard_size=5"),
    ]
    ran.append(subprocess.Popen(command, env={**os.environ, **s3.environ}))
    assert ran[0].wait() == -signal.SIGKILL
    s3.server.before = lambda method, path: None
    left = {name: data for name, data in s3.files().items() if not name.startswith(".claim")}
    assert left
    # A request that reached the store may be answered to nobody: then the file is there, whole.
    assert left.items() <= local.items()
    assert "manifest.json" not in left
    outcome = run_config(config_of(s3.root), {})
    assert outcome.resumed_shards >= 1, "the claim of a dead process of this machine holds nobody"
    assert s3.files() == local


def test_a_run_that_was_taken_over_while_it_was_suspended_writes_nothing_more(
    s3: Bucket, local: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    suspended_s = [0.0]
    monkeypatch.setattr(store_claim, "_clock_s", lambda: time.monotonic() + suspended_s[0])
    claim = s3.root / ".claim-0-of-1"
    other = json.dumps(
        {"token": "t", "host": "elsewhere", "process": 7, "lock": "l", "beat": 0}
    ).encode()
    taken: list[int] = []

    def take_over(method: str, path: str) -> None:
        if not taken and (method, path) == ("PUT", "run/shards/000001.tar"):
            taken.append(len(s3.put()))
            claim.unlink()
            assert claim.create(other)
            suspended_s[0] = 1000.0

    s3.server.before = take_over
    with pytest.raises(PermanentError, match="taken over by process 7 on elsewhere") as told:
        run_config(config_of(s3.root), {})
    assert "\n" not in str(told.value)
    # The request that was on its way arrives, whole.
    assert s3.put()[taken[0] :] == ["shards/000001.tar"]
    left = s3.files()
    assert left.pop(".claim-0-of-1") == other, "the new holder is undisturbed"
    assert left.items() <= local.items()
    assert not {"shards/000001.json", "manifest.json"} & left.keys()
    claim.unlink()
    assert run_config(config_of(s3.root), {}).resumed_shards == 1
    assert s3.files() == local


def test_a_store_that_comes_back_costs_nothing(
    s3: Bucket, local: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "FIRST_WAIT_S", 0.05)
    monkeypatch.setattr(asking, "LONGEST_WAIT_S", 0.2)
    away: list[threading.Timer] = []

    def leave(method: str, path: str) -> None:
        if not away and (method, path) == ("PUT", "run/shards/000001.parquet"):
            away.append(threading.Timer(0.6, s3.server.open))
            threading.Thread(target=s3.server.close).start()
            away[0].start()

    s3.server.before = leave
    run_config(config_of(s3.root), {})
    assert away, "the store was away once"
    assert s3.files() == local


def test_a_store_that_stays_away_is_one_clear_line(
    s3: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(retry, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(path_module, "PATIENT_TRIES", 2)
    closed = threading.Event()

    def leave(method: str, path: str) -> None:
        if not closed.is_set() and (method, path) == ("PUT", "run/shards/000001.tar"):
            closed.set()
            threading.Thread(target=s3.server.close).start()

    s3.server.before = leave
    try:
        with pytest.raises(TransientError) as told:
            run_config(config_of(s3.root), {})
    finally:
        s3.server.open()
    assert "run again when the store answers" in str(told.value)
    assert "\n" not in str(told.value)
    left = [p for p in Path(s3.environ["XDG_CACHE_HOME"]).rglob("*.tar*") if p.is_file()]
    assert left == [], "nothing half-written stays on this machine"


def test_a_store_that_refuses_is_named_before_any_work(
    s3: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count(*_: object) -> None:
        raise AssertionError("the input was read")

    monkeypatch.setattr("pipeline.runs.job.run_balance", count)
    with pytest.raises(ConfigError, match="no such bucket"):
        run_config(config_of("s3://no-such-bucket-here/run"), {})
    s3.server.lets_in(strangers=False)
    try:
        with pytest.raises(ConfigError, match="denied"):
            run_config(config_of(s3.root), {})
    finally:
        s3.server.lets_in(strangers=True)


def test_an_input_on_a_store_gives_the_bytes_of_one_on_this_machine(
    s3: Bucket, tmp_path: Path
) -> None:
    rows = "".join(f"a red car number {n} on a street\thttp://e.x/{n}\n" for n in range(20))
    stored = s3.root.parent / "in" / "a.tsv"
    stored.write_bytes(rows.encode())
    (tmp_path / "a.tsv").write_text(rows, "utf-8")
    for address, run in ((stored, "far"), (tmp_path / "a.tsv", "near")):
        flags = {"source.input": str(address), "output": str(tmp_path / run)}
        run_config(load_config(flags, environ={}), {})
    for name in ("shards/000000.tar", "shards/000000.json", "captions/000000.jsonl"):
        assert (tmp_path / "far" / name).read_bytes() == (tmp_path / "near" / name).read_bytes()
    flags = {"source.input": str(stored), "output": str(tmp_path / "near")}
    assert run_config(load_config(flags, environ={}), {}).resumed_shards == 1


def test_an_input_on_a_store_is_asked_for_once(
    s3: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "BLOCK_BYTES", 4096)
    rows = "".join(f"a red car number {n} on a street\thttp://e.x/{n}\n" for n in range(300))
    stored = s3.root.parent / "in" / "a.tsv"
    stored.write_bytes(rows.encode())
    flags = {
        "source.input": str(stored), "output": str(tmp_path / "run"), "source.shard_size": 100,
    }  # fmt: skip
    run_config(load_config(flags, environ={}), {})
    asked = [rest for method, path, rest in s3.server.seen if (method, path) == ("GET", "in/a.tsv")]
    blocks = -(-len(rows) // 4096)
    assert blocks > 2
    assert len(set(asked)) == len(asked) == blocks
    left = [path for path in Path(s3.environ["XDG_CACHE_HOME"]).rglob("*") if path.is_file()]
    assert left == [], "what was kept goes when the run is finished"
