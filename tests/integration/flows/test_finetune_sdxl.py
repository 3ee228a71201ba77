"""The deployment `finetune-sdxl/default` on a real Prefect server, run by a real worker."""

from __future__ import annotations

import base64
import csv
import io

import pytest
from PIL import Image

from tests.integration.flows.prefect_stack import Stack

pytestmark = pytest.mark.integration


def config_in(stack: Stack) -> dict[str, object]:
    """A training of two steps on two pictures that lie in the project's folder."""
    folder = stack.project / "pictures"
    if not folder.exists():
        folder.mkdir()
        with (folder / "pictures.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["caption", "picture"])
            for name, colour in (("red", (200, 0, 0)), ("blue", (0, 0, 200))):
                Image.new("RGB", (80, 64), colour).save(folder / f"{name}.png")
                writer.writerow([f"a {name} wall", f"{name}.png"])
    return {
        "model": "builtin:tiny",
        "output": "outputs/tuned",
        "device": "cpu",
        "source": {
            "kind": "tabular",
            "input": "pictures/pictures.csv",
            "image_column": "picture",
        },
        "pictures": {"width_px": 64, "height_px": 64},
        "train": {"steps": 2, "accumulate": 1, "warmup_steps": 0},
        "validation": {"every": 2, "seeds": [3], "steps": 2},
    }


def test_a_training_runs_shows_its_grids_and_is_resumed(stack: Stack) -> None:
    run_id = stack.submit("finetune-sdxl/default", config_in(stack))
    state, message = stack.finished(run_id)
    assert state == "Completed", message
    folder = stack.project / "outputs" / "tuned"
    weights = folder / "pytorch_lora_weights.safetensors"
    assert f"2 steps on 2 examples, 131,072 numbers trained: {weights}" in message
    artifacts = stack.rows("artifacts", run_id)
    assert {row["type"] for row in artifacts} == {"progress", "image", "markdown"}
    progress = next(row for row in artifacts if row["type"] == "progress")
    assert progress["data"] == 100.0
    grids = [row for row in artifacts if row["type"] == "image"]
    assert {row["key"] for row in grids} == {"finetune-sdxl-tuned-grid"}
    assert len(grids) == 2
    last = next(row for row in grids if str(row["description"]).startswith("step 2:"))
    head, _, data = str(last["data"]).partition(",")
    assert head == "data:image/png;base64"
    with (
        Image.open(io.BytesIO(base64.b64decode(data))) as shown,
        Image.open(folder / "validation" / "step-000002.png") as written,
    ):
        assert shown.tobytes() == written.tobytes()

    before = weights.read_bytes()
    state, message = stack.finished(stack.submit("finetune-sdxl/default", config_in(stack)))
    assert state == "Completed", message
    assert "2 steps from step 2" in message
    assert weights.read_bytes() == before
