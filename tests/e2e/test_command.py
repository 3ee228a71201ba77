"""The command as a person types it, on real captions, without pictures."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import filelock
import pyarrow.parquet as pq
import pytest
import webdataset

ROWS = 120
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def command() -> Run:
    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("COUNTERFACTORY_")}
        return subprocess.run(
            [sys.executable, "-m", "counterfactory", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**clean, "COLUMNS": "200", **environ},
        )

    return run


@pytest.fixture(scope="session")
def dirty_input(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real captions with some bad rows among them."""
    sample = resources.files("pipeline.sources").joinpath("sample/cc3m_sample.tsv")
    rows = sample.read_bytes().splitlines()[: ROWS - 4]
    rows[10:10] = [
        b"no tab in this row",
        b"\thttp://x/empty",
        b"bad \xff bytes\thttp://x/y",
        rows[3],
    ]
    path = tmp_path_factory.mktemp("input") / "captions.tsv"
    path.write_bytes(b"\n".join(rows) + b"\n")
    return path


@pytest.fixture(scope="session")
def finished(command: Run, dirty_input: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("runs") / "first"
    ran = command(
        *("run", "--input", str(dirty_input), "--output", str(root)),
        *("--set", "source.shard_size=50"),
    )
    assert ran.returncode == 0, ran.stderr
    assert f"{ROWS} rows" in ran.stdout
    return root


def files_of(root: Path) -> dict[str, bytes]:
    """The data of a run; its report says how long it took, and so differs."""
    return {
        str(p.relative_to(root)): p.read_bytes()
        for p in root.rglob("*")
        if p.is_file() and p.parent != root / "report"
    }


@pytest.mark.e2e
def test_every_row_is_accounted_for(finished: Path, dirty_input: Path) -> None:
    tables = [pq.read_table(path) for path in sorted((finished / "shards").glob("*.parquet"))]
    anchors = [row for table in tables for row in table.to_pylist() if row["item"] == "anchor"]
    assert len(anchors) == ROWS
    origins = [row["origin"] for row in anchors]
    assert origins == [f"{dirty_input.name}:{line}" for line in range(1, ROWS + 1)]
    assert all(row["reason"] for row in anchors if row["status"] == "rejected")
    reasons = {row["origin"].split(":")[1]: row["reason"] for row in anchors if row["reason"]}
    assert reasons["11"] == "source.columns"
    assert reasons["12"] == "source.empty_caption"
    assert reasons["13"] == "source.undecodable_text"
    assert reasons["14"] == "source.duplicate"


# webdataset leaves the files that it opened to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.e2e
def test_plain_webdataset_reads_the_shards(finished: Path) -> None:
    shards = sorted(str(path) for path in (finished / "shards").glob("*.tar"))
    assert len(shards) == 3
    manifest = json.loads((finished / "manifest.json").read_text())
    dataset = webdataset.WebDataset(shards, shardshuffle=False).decode()
    seen = 0
    for sample in dataset:
        seen += 1
        assert sample["txt"] == sample["json"]["caption"]
        for edit in sample["json"]["minimal"]:
            assert sample[f"{edit['variant']}.txt"] == edit["caption"]
    assert seen == manifest["counts"]["samples"] > 0
    assert manifest["counts"]["rows"] == ROWS


@pytest.mark.e2e
def test_verify_passes_and_then_finds_a_flipped_byte(
    command: Run, finished: Path, tmp_path: Path
) -> None:
    assert command("verify", str(finished)).returncode == 0
    copy = tmp_path / "copy"
    for name, data in files_of(finished).items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes(data)
    shard = copy / "shards" / "000001.tar"
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    shard.write_bytes(data)
    ran = command("verify", str(copy))
    assert ran.returncode == 1
    assert "000001.tar" in ran.stdout


@pytest.mark.e2e
def test_same_bytes_whatever_the_number_of_workers(
    command: Run, finished: Path, dirty_input: Path, tmp_path: Path
) -> None:
    root = tmp_path / "workers"
    ran = command(
        *("run", "--input", str(dirty_input), "--output", str(root)),
        *("--set", "source.shard_size=50", "--set", "workers=2"),
    )
    assert ran.returncode == 0, ran.stderr
    assert files_of(root) == files_of(finished)


@pytest.mark.e2e
def test_a_rerun_makes_nothing_and_another_config_is_refused(
    command: Run, finished: Path, dirty_input: Path
) -> None:
    before = files_of(finished)
    same = ("run", "--input", str(dirty_input), "--output", str(finished))
    again = command(*same, "--set", "source.shard_size=50")
    assert again.returncode == 0, again.stderr
    assert "3 shards were there before" in again.stdout
    other = command(*same, "--set", "source.shard_size=40", "--seed", "3")
    assert other.returncode == 2
    assert "source.shard_size: 50 in the directory, 40 now" in other.stderr
    assert "seed: 0 in the directory, 3 now" in other.stderr
    assert files_of(finished) == before


@pytest.mark.e2e
def test_a_second_process_is_refused(command: Run, finished: Path, dirty_input: Path) -> None:
    with filelock.FileLock(finished / ".lock", timeout=0):
        ran = command(
            *("run", "--input", str(dirty_input), "--output", str(finished)),
            *("--set", "source.shard_size=50"),
        )
    assert ran.returncode == 2
    assert "another process" in ran.stderr


@pytest.mark.e2e
def test_changed_input_is_noticed(
    command: Run, finished: Path, dirty_input: Path, tmp_path: Path
) -> None:
    changed = tmp_path / dirty_input.name
    changed.write_bytes(dirty_input.read_bytes().replace(b"young", b"old  ", 1))
    # The same path in the config: put the changed file in its place for a moment.
    original = dirty_input.read_bytes()
    try:
        dirty_input.write_bytes(changed.read_bytes())
        ran = command(
            *("run", "--input", str(dirty_input), "--output", str(finished)),
            *("--set", "source.shard_size=50"),
        )
    finally:
        dirty_input.write_bytes(original)
    assert ran.returncode == 2
    assert "source fingerprint" in ran.stderr


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--input", "missing.tsv"), "missing.tsv does not exist"),
        (("run", "--set", "images.stepz=3"), "images.stepz"),
        (("run", "--set", "seed"), "KEY=VALUE"),
        (("run", "--config", "missing.toml"), "missing.toml"),
        (("run", "--images", "sdxl", "--set", "images.model=./missing"), "missing"),
        (("run", "--output", "/dev/null/run"), "/dev/null/run"),
        (("run", "--llm", "openai"), "OPENAI_API_KEY"),
        (("verify", "missing"), "no run directory"),
        (("inspect", "missing"), "does not exist"),
    ],
)
def test_misuse_is_explained_before_any_work(
    command: Run, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    output = (
        ()
        if "--output" in arguments or arguments[0] != "run"
        else ("--output", str(tmp_path / "r"))
    )
    ran = command(*arguments, *output, OPENAI_API_KEY="")
    assert ran.returncode in {1, 2}
    assert message in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "r").exists()


@pytest.mark.e2e
def test_sigterm_stops_between_batches_and_a_rerun_goes_on(
    command: Run, finished: Path, dirty_input: Path, tmp_path: Path
) -> None:
    root = tmp_path / "stopped"
    arguments = (
        *("run", "--input", str(dirty_input), "--output", str(root)),
        *("--set", "source.shard_size=50"),
    )
    running = subprocess.Popen(
        [sys.executable, "-m", "counterfactory", *arguments],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    while not (root / "shards" / "000000.json").exists():
        assert running.poll() is None
        time.sleep(0.002)
    running.send_signal(signal.SIGTERM)
    _, stderr = running.communicate()
    stopped = running.returncode == 130
    if stopped:
        assert "goes on from there" in stderr
        assert not (root / "manifest.json").exists()
    assert not list(root.rglob("*.partial"))
    assert command(*arguments).returncode == 0
    assert files_of(root) == files_of(finished)


@pytest.mark.e2e
def test_inspect_counts_and_draws(command: Run, finished: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    ran = command("inspect", str(finished), "--sheet", str(sheet), "--rows", "3")
    assert ran.returncode == 0, ran.stderr
    assert sheet.stat().st_size > 10_000
    assert "contact sheet of 3 sets" in ran.stdout
    shard = command("inspect", str(finished / "shards/000000.tar"), "--sheet", str(sheet))
    assert shard.returncode == 0, shard.stderr


@pytest.mark.e2e
def test_plan_writes_nothing(command: Run, dirty_input: Path, tmp_path: Path) -> None:
    ran = command(
        "plan",
        "--input",
        str(dirty_input),
        "--images",
        "sdxl",
        "--llm",
        "openai",
        "--output",
        str(tmp_path / "r"),
    )
    assert ran.returncode == 0, ran.stderr
    for word in ("source rows", str(ROWS), "GPU-hours", "LLM cost", "disk"):
        assert word in ran.stdout
    assert not (tmp_path / "r").exists()


@pytest.mark.e2e
def test_doctor_never_shows_a_key(command: Run) -> None:
    ran = command("doctor", OPENAI_API_KEY="sk-very-secret")
    assert ran.returncode == 0, ran.stdout
    assert "very-secret" not in ran.stdout + ran.stderr
    assert "spaCy pipeline" in ran.stdout
