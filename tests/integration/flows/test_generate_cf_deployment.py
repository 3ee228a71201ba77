"""The deployments on a real Prefect server, run by a real worker, from the shell's commands."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest, read_receipt
from pipeline.shards.verify import verify_run
from tests.integration.flows.prefect_stack import SECRET, Stack, wait_for

pytestmark = pytest.mark.integration

SHARDS = 120
"""Shards of the run that is stopped: so many and so small that most of the time is Prefect's,
and that a stop comes well before the end."""


def config_of(output: str | Path, **source: object) -> dict[str, object]:
    return {"output": str(output), "source": source}


def files_of(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != ".lock" and path.parent.name != "report"
    }


def test_deploy_all_makes_both_and_the_schedule_sleeps(stack: Stack) -> None:
    for name, scheduled in (("default", 0), ("nightly", 1)):
        found = stack.api("GET", f"/deployments/name/generate-cf/{name}")
        assert isinstance(found, dict)
        assert found["work_pool_name"] == "local"
        assert len(found["schedules"]) == scheduled
        assert not any(schedule["active"] for schedule in found["schedules"])
        assert SECRET not in json.dumps(found)


@pytest.fixture(scope="module")
def side_runs(stack: Stack) -> dict[str, str]:
    """Runs that are asked for early and looked at late, so that nobody waits for them."""
    pictures = config_of("outputs/pictures", limit=4)
    pictures["images"] = {
        "renderer": "sdxl",
        "model": "builtin:tiny",
        "steps": 2,
        "width_px": 64,
        "height_px": 64,
        "device": "cpu",
    }
    faulty = config_of("outputs/faulty", input="no/such/file.tsv")
    return {
        name: stack.submit("generate-cf/default", config)
        for name, config in (("pictures", pictures), ("faulty", faulty))
    }


@pytest.mark.usefixtures("side_runs")
def test_the_bare_name_runs_twenty_real_captions(stack: Stack) -> None:
    settings = {**config_of("outputs/twenty", limit=20, shard_size=8), "workers": 2}
    config = json.dumps(settings)
    printed = stack.run(
        "prefect", "deployment", "run", "generate-cf", "--watch", "--param", f"config={config}"
    )
    assert "Creating flow run for deployment 'generate-cf/default'" in printed
    assert "finished successfully" in printed

    # A relative output lies in the folder from which was deployed, not the worker's.
    layout = RunLayout(stack.project / "outputs" / "twenty")
    assert verify_run(layout) == []
    manifest = read_manifest(layout)
    assert manifest is not None
    assert manifest.counts.rows == 20
    assert manifest.counts.samples > 0
    assert len(manifest.shards) == 3

    found = re.search(r"UUID: ([0-9a-f-]{36})", printed)
    assert found
    run_id = found[1]
    state, message = stack.state(run_id)
    assert state == "Completed"
    assert f"{manifest.counts.samples} sets from 20 rows" in message
    wanted = {f"{stage}-{i:06d}" for stage in ("captions", "images") for i in range(3)}
    wait_for(
        "all task runs to be recorded",
        lambda: {row["name"] for row in stack.rows("task_runs", run_id)} == wanted,
    )
    artifacts = {str(row["type"]): row for row in stack.rows("artifacts", run_id)}
    assert artifacts["progress"]["data"] == 100.0
    assert artifacts["markdown"]["key"] == "generate-cf-twenty"
    assert str(layout.shards_dir) in str(artifacts["markdown"]["data"])
    assert "| captions | " in str(artifacts["markdown"]["data"]).partition("## Times")[2]


def test_unknown_parameters_are_refused_before_anything_runs(stack: Stack) -> None:
    printed = stack.run(
        "prefect",
        "deployment",
        "run",
        "generate-cf",
        "--param",
        'config={"llm": {"api_key": "x"}}',
        fails=True,
    )
    assert "api_key" in printed


def test_a_bare_name_without_a_default_deployment_is_prefects_own_error(stack: Stack) -> None:
    with_plugin = stack.run("prefect", "deployment", "run", "no-such-flow", fails=True)
    without = stack.run(
        "prefect", "deployment", "run", "no-such-flow", fails=True, PREFECT_PLUGINS_ENABLED="false"
    )
    last = "Invalid deployment name format: no-such-flow"
    assert last in with_plugin.strip().splitlines()[-1]
    assert with_plugin.strip().splitlines()[-1] == without.strip().splitlines()[-1]


def test_faults_are_named_in_the_state_of_the_run(stack: Stack, side_runs: dict[str, str]) -> None:
    state, message = stack.finished(side_runs["faulty"])
    assert state == "Failed"
    assert "ConfigError" in message
    assert "no/such/file.tsv" in message
    assert not (stack.project / "outputs" / "faulty").exists()


def test_pictures_are_drawn_by_a_real_pipeline(stack: Stack, side_runs: dict[str, str]) -> None:
    state, message = stack.finished(side_runs["pictures"])
    assert state == "Completed", message
    layout = RunLayout(stack.project / "outputs" / "pictures")
    assert verify_run(layout) == []
    manifest = read_manifest(layout)
    assert manifest is not None
    assert manifest.counts.images > 0


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds a run's process in /proc")
def test_a_stopped_run_leaves_finished_shards_and_is_resumed(stack: Stack, tmp_path: Path) -> None:
    config = config_of("outputs/stopped", limit=SHARDS, shard_size=1)
    layout = RunLayout(stack.project / "outputs" / "stopped")
    finished: list[int] = []
    kept: dict[Path, int] = {}
    for stop, wanted in ((stack.terminate, "Crashed"), (stack.cancel, "Cancelled")):
        run_id = stack.submit("generate-cf/default", config)
        more = len(finished) + 2
        wait_for("more shards", layout.receipt(more).exists)
        stop(run_id)
        assert stack.finished(run_id)[0] == wanted
        finished = [i for i in range(SHARDS) if read_receipt(layout, i, check="sha256") is not None]
        assert more < len(finished) < SHARDS
        assert not layout.manifest_json.exists()
        assert layout.partial_files() == []
        assert {int(path.stem) for path in layout.tars()} <= set(finished)
        assert {path: path.stat().st_mtime_ns for path in kept} == kept
        kept = {path: path.stat().st_mtime_ns for path in layout.tars()}

    state, message = stack.finished(stack.submit("generate-cf/default", config))
    assert state == "Completed", message
    assert verify_run(layout) == []
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    # The command writes the same run without Prefect, undisturbed.
    other = tmp_path / "run"
    settings = ("--limit", str(SHARDS), "--set", "source.shard_size=1", "--output", str(other))
    stack.run("counterfactory", "run", "--quiet", *settings)
    assert files_of(layout.root) == files_of(other)


def test_the_key_in_the_workers_environment_goes_nowhere(
    stack: Stack, side_runs: dict[str, str]
) -> None:
    # Last on purpose: it looks through all that the tests above have left.
    for run_id in side_runs.values():
        stack.finished(run_id)
    files = [path for path in stack.folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert any(path.suffix == ".db" for path in files)
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []


def test_the_plugin_leaves_the_workers_children_in_peace(stack: Stack) -> None:
    assert "Failed to initialize plugins" not in stack.log("worker")
