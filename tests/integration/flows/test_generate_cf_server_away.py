"""A server that hangs and then dies in the middle of a run: the shards go on."""

from __future__ import annotations

import os
from signal import SIGKILL, SIGSTOP

import pytest

from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest
from pipeline.shards.verify import verify_run
from tests.integration.flows.prefect_stack import Stack, wait_for

pytestmark = pytest.mark.integration

SHARDS = 400
"""As many as the packaged sample has rows."""

MORE = 60
"""Shards to be finished while the server hangs, and again while it is gone."""


def test_shards_go_on_while_the_server_is_away(stack: Stack) -> None:
    config = {"output": "outputs/away", "source": {"limit": SHARDS, "shard_size": 1}}
    layout = RunLayout(stack.project / "outputs" / "away")
    run_id = stack.submit("generate-cf/default", config)
    wait_for("the first shards", layout.receipt(2).exists)
    assert stack.server is not None
    # A server that hangs is the worse of the two: a call to it waits for minutes.
    for away in (SIGSTOP, SIGKILL):
        os.killpg(stack.server.pid, away)
        finished = len(list(layout.shards_dir.glob("*.json")))
        assert finished + MORE < SHARDS
        wait_for("more shards", layout.receipt(finished + MORE).exists)
    stack.server.wait()
    stack.server = stack.start_server()
    state, message = stack.finished(run_id)
    assert state == "Completed", message
    assert verify_run(layout) == []
    manifest = read_manifest(layout)
    assert manifest is not None
    assert len(manifest.shards) == SHARDS
