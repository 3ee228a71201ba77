"""Schedules on a real server: it creates the runs, a real worker executes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import pytest
import yaml

from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest
from pipeline.shards.verify import verify_run
from tests.integration.flows.prefect_stack import Stack, wait_for

pytestmark = pytest.mark.integration

EVERY_S = 20
"""Time between two runs of a schedule: on a machine so slow that the first has passed before
the server sees the schedule, the next one comes soon."""


@contextmanager
def scheduled_soon(stack: Stack, name: str, config: dict[str, object]) -> Iterator[str]:
    """The shipped deployment `nightly` under another name, its schedule on; the new one's id."""
    shipped = yaml.safe_load((stack.project / "prefect.yaml").read_text("utf-8"))
    [nightly] = [entry for entry in shipped["deployments"] if entry["name"] == "nightly"]
    first = datetime.now(UTC) + timedelta(seconds=5)
    schedule = {"interval": EVERY_S, "anchor_date": first.isoformat(), "active": True}
    soon = nightly | {"name": name, "parameters": {"config": config}, "schedules": [schedule]}
    path = stack.folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump({"name": shipped["name"], "deployments": [soon]}), "utf-8")
    stack.run("prefect", "--no-prompt", "deploy", "--prefect-file", str(path), "--name", name)
    found = stack.api("GET", f"/deployments/name/generate-cf/{name}")
    assert isinstance(found, dict)
    try:
        yield found["id"]
    finally:
        stack.api("DELETE", f"/deployments/{found['id']}")


def runs_of(stack: Stack, deployment_id: str, state: str) -> list[dict[str, object]]:
    """Runs of a deployment that are in a state, in the order of their scheduled times."""
    wanted = {
        "deployments": {"id": {"any_": [deployment_id]}},
        "flow_runs": {"state": {"name": {"any_": [state]}}},
        "sort": "EXPECTED_START_TIME_ASC",
    }
    found = stack.api("POST", "/flow_runs/filter", wanted)
    assert isinstance(found, list)
    return found


def test_the_server_creates_the_runs_of_an_active_schedule(stack: Stack) -> None:
    config = {"output": "outputs/scheduled", "source": {"limit": 20, "shard_size": 8}}
    with scheduled_soon(stack, "soon", config) as deployment_id:
        wait_for("a scheduled run's end", lambda: runs_of(stack, deployment_id, "Completed") != [])
        run = runs_of(stack, deployment_id, "Completed")[0]
    assert run["auto_scheduled"] is True
    layout = RunLayout(stack.project / "outputs" / "scheduled")
    assert verify_run(layout) == []
    manifest = read_manifest(layout)
    assert manifest is not None
    assert manifest.counts.rows == 20
    assert manifest.counts.samples > 0
    assert len(manifest.shards) == 3


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds a run's process in /proc")
def test_a_run_that_meets_its_predecessor_is_cancelled_and_not_lined_up(stack: Stack) -> None:
    config = {"output": "outputs/overlapping", "source": {"limit": 60, "shard_size": 1}}
    layout = RunLayout(stack.project / "outputs" / "overlapping")
    first = stack.submit("generate-cf/nightly", config)
    wait_for("a shard", layout.receipt(0).exists)
    stack.signal(first, SIGSTOP)  # so that it is still going, however slow this machine is
    try:
        second = stack.submit("generate-cf/nightly", config)
        state, message = stack.finished(second)
        # In files, not in memory: a server that is restarted still knows who has the place.
        assert list((stack.folder / "home" / "concurrency_leases").glob("*-*.json")) != []
    finally:
        stack.signal(first, SIGCONT)
    assert (state, message) == ("Cancelled", "Deployment concurrency limit reached.")
    assert stack.finished(first)[0] == "Completed"
    assert verify_run(layout) == []

    # The place is free again, and nothing that is there is made anew.
    before = {path: path.stat().st_mtime_ns for path in layout.tars()}
    assert len(before) > 0
    third = stack.submit("generate-cf/nightly", config)
    assert stack.finished(third)[0] == "Completed"
    assert stack.rows("task_runs", third) == []
    assert {path: path.stat().st_mtime_ns for path in layout.tars()} == before
