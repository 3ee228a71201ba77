"""The deployment `finetune-vlm/default` on a real Prefect server, run by a real worker."""

from __future__ import annotations

import base64

import pytest

from tests.integration.flows.prefect_stack import Stack
from tests.integration.report.scored_run import Wanted, write_scored_run

pytestmark = pytest.mark.integration


def test_a_training_runs_shows_its_curves_and_is_resumed(stack: Stack) -> None:
    run = stack.project / "outputs" / "for-vlm"
    if not run.exists():
        write_scored_run(run, Wanted(sets=40, control_least=-1.0))
    config = {
        "run": "outputs/for-vlm", "model": "builtin:world", "output": "outputs/trained",
        "device": "cpu", "train": {"steps": 2, "batch_size": 4, "warmup_steps": 1},
        "validation": {"every": 1, "split": "train"},
    }  # fmt: skip
    run_id = stack.submit("finetune-vlm/default", config)
    state, message = stack.finished(run_id)
    assert state == "Completed", message
    folder = stack.project / "outputs" / "trained"
    assert f"{folder / 'model'}" in message
    artifacts = stack.rows("artifacts", run_id)
    assert {row["type"] for row in artifacts} == {"progress", "image", "markdown"}
    curves = [row for row in artifacts if row["type"] == "image"]
    assert {row["key"] for row in curves} == {"finetune-vlm-trained-curves"}
    assert len(curves) == 2
    head, _, data = str(curves[-1]["data"]).partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(data).startswith(b"\x89PNG")
    page = next(row for row in artifacts if row["type"] == "markdown")
    assert "| kind | edits | step 0 | step " in str(page["data"])

    before = (folder / "model" / "model.safetensors").read_bytes()
    state, message = stack.finished(stack.submit("finetune-vlm/default", config))
    assert state == "Completed", message
    assert "2 steps from step 2" in message
    assert (folder / "model" / "model.safetensors").read_bytes() == before
