"""What run.json says, for a person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.config.loading import build_config
from pipeline.core.errors import ShardCorruptError
from pipeline.core.ids import JsonValue
from pipeline.report.run_facts import RunFacts, facts, read_run_facts, settings, versions
from pipeline.shards.layout import RunLayout


def record(tree: dict[str, object], **more: JsonValue) -> RunFacts:
    return RunFacts({"config": build_config(tree).product(), **more})


def test_a_run_by_rules_alone() -> None:
    found = {fact.label: fact.value for fact in facts(record({"source": {"limit": 5}}))}
    assert found["Source"] == "sample:cc3m, first 5 rows"
    assert found["Caption edits"] == "rules alone"
    assert "Image model" not in found


def test_a_run_with_models_names_them() -> None:
    drawn = record(
        {
            "images": {"renderer": "sdxl", "model": "org/sdxl", "candidates": 3, "steps": 25},
            "scores": {"clip": "org/clip"},
            "llm": {"provider": "local"},
            "selection": {"bands": {"count": {"margin": [0.1, None]}}},
        },
        image_model={"device": "cuda:0", "weights": "0123456789abcdef"},
        versions={"counterfactory": "9.9", "torch": "2"},
    )
    found = {fact.label: fact.value for fact in facts(drawn)}
    assert found["Image model"] == "org/sdxl, weights 0123456789ab"
    assert "25 steps" in found["Drawing"]
    assert "3 candidates each" in found["Drawing"]
    assert found["Scored by"] == "CLIP org/clip"
    assert found["Caption edits"] == "rules and the bundled language model"
    assert found["Made by"] == "counterfactory 9.9"
    assert drawn.draws_on_gpu
    assert drawn.bands("count") == {"margin": (0.1, None)}
    assert drawn.bands("full") == {}
    assert [fact.label for fact in versions(drawn)] == ["counterfactory", "torch"]
    assert {f.label: f.value for f in settings(drawn)}["images.candidates"] == "3"


@pytest.mark.parametrize("device", ["cpu", None])
def test_a_cpu_is_no_gpu(device: str | None) -> None:
    assert not record({}, image_model={"device": device}).draws_on_gpu
    assert not record({}).draws_on_gpu


def test_damage_is_named(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    for text in ("{", "[]", '{"config": 7}'):
        layout.run_json.write_text(text)
        with pytest.raises(ShardCorruptError, match=r"run\.json is damaged"):
            read_run_facts(layout)
    layout.run_json.write_text(json.dumps({"config": {"seed": 3}}))
    assert read_run_facts(layout).text("seed") == "3"
