from __future__ import annotations

import json
from importlib.resources import files

from pipeline.training.world.sample import ROWS, sample_captions


def test_the_packaged_sample_is_what_the_module_writes() -> None:
    stored = (files("pipeline") / "sources" / "sample" / "world_sample.jsonl").read_text("utf-8")
    captions = [json.loads(line)["caption"] for line in stored.splitlines()]
    assert len(set(captions)) == ROWS
    assert captions == list(sample_captions())
