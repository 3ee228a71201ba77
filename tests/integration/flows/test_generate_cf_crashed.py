"""A run whose process is killed is run again by the automation that is shipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL

import pytest
import yaml

from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest, read_receipt
from pipeline.shards.verify import verify_run
from tests.integration.flows.prefect_stack import ROOT, Stack, wait_for

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds a run's process in /proc"),
]

SHARDS = 50
"""So many and so small that the process is killed well before the end."""


@pytest.fixture(scope="module")
def automation(stack: Stack) -> Iterator[str]:
    """The automation, made as its first line says; other tests' crashes are left alone."""
    path = ROOT / "flows" / "crashed_runs.yaml"
    command = path.read_text("utf-8").partition("\n")[0].removeprefix("# ").split()
    stack.run(*command)
    name = yaml.safe_load(path.read_text("utf-8"))["name"]
    yield name
    stack.run("prefect", "--no-prompt", "automation", "delete", name)


def runs_on(stack: Stack, output: str) -> list[dict[str, object]]:
    """Runs that write to a directory, the oldest first."""
    found = stack.api("POST", "/flow_runs/filter", {"sort": "START_TIME_ASC"})
    assert isinstance(found, list)
    mine = [run for run in found if run["parameters"].get("config", {}).get("output") == output]
    return sorted(mine, key=lambda run: run["created"])


def killed(stack: Stack, output: str, **parameters: object) -> str:
    """Start a run, kill its process in the middle, and return the run's id."""
    layout = RunLayout(stack.project / output)
    config = {"output": output, "source": {"limit": SHARDS, "shard_size": 1}}
    run_id = stack.submit("generate-cf/default", config, **parameters)
    wait_for("some shards", layout.receipt(2).exists)
    stack.signal(run_id, SIGKILL)
    assert stack.finished(run_id)[0] == "Crashed"
    assert not layout.manifest_json.exists()
    return run_id


@pytest.mark.usefixtures("automation")
def test_a_killed_run_is_run_again_to_its_end(stack: Stack) -> None:
    output = "outputs/killed"
    run_id = killed(stack, output)
    layout = RunLayout(stack.project / output)
    finished = [i for i in range(SHARDS) if read_receipt(layout, i) is not None]
    assert 2 < len(finished) < SHARDS
    kept = {path: path.stat().st_mtime_ns for path in layout.tars() if int(path.stem) in finished}
    wait_for("the run that goes on", lambda: len(runs_on(stack, output)) == 2)
    first, second = runs_on(stack, output)
    assert first["id"] == run_id
    assert second["deployment_id"] == first["deployment_id"]
    assert second["parameters"] == {**dict(first["parameters"]), "resumes_left": 2}
    state, message = stack.finished(str(second["id"]))
    assert state == "Completed", message
    assert verify_run(layout) == []
    manifest = read_manifest(layout)
    assert manifest is not None
    assert len(manifest.shards) == SHARDS
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


@pytest.mark.usefixtures("automation")
def test_what_crashes_each_time_ends_as_failed(stack: Stack) -> None:
    output = "outputs/hopeless"
    killed(stack, output, resumes_left=0)
    wait_for("the run after it", lambda: len(runs_on(stack, output)) == 2)
    state, message = stack.finished(str(runs_on(stack, output)[1]["id"]))
    assert state == "Failed"
    assert "it is not resumed once more" in message
    assert not RunLayout(stack.project / output).manifest_json.exists()
