"""What the cards are made from, and what must not be taken for granted."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.loading import build_config
from pipeline.core.errors import ShardCorruptError
from pipeline.dataset_card.facts import CardFacts, gather_facts, limits, public_input
from pipeline.shards.atomic import write_json
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest
from tests.unit.shards.shard_records import store_run


def gathered(root: Path, tree: dict[str, object]) -> CardFacts:
    layout = RunLayout(root)
    store_run(layout)
    write_json(layout.run_json, {"config": build_config(tree).product()})
    manifest = read_manifest(layout)
    assert manifest is not None
    return gather_facts(layout, manifest)


def test_numbers_and_files_are_those_of_the_manifest(tmp_path: Path) -> None:
    facts = gathered(tmp_path, {})
    assert (facts.rows, facts.samples, facts.images) == (8, 6, 16)
    assert facts.kinds == {"attribute": (6, 0), "causal_order": (6, 0), "count": (0, 6)}
    assert facts.full == (6, 0)
    assert [file.path for file in facts.files[:3]] == [
        "captions/000000.jsonl", "shards/000000.parquet", "shards/000000.tar",
    ]  # fmt: skip
    assert facts.title == "Conceptual Captions, with counterfactuals"
    assert facts.licence == "Conceptual Captions: free for any purpose; acknowledge Google LLC"
    assert facts.description.endswith("; captions only, no pictures.")


def test_a_source_of_the_users_has_their_name_and_licence_or_none(tmp_path: Path) -> None:
    own = {"kind": "tabular", "input": "/home/me/birds.csv"}
    facts = gathered(tmp_path / "a", {"source": own})
    assert (facts.title, facts.licence) == ("birds.csv, with counterfactuals", None)
    named = {**own, "name": "Birds", "license": "cc0-1.0"}
    facts = gathered(tmp_path / "b", {"source": named})
    assert (facts.title, facts.licence) == ("Birds, with counterfactuals", "cc0-1.0")


def test_limits_follow_from_what_the_run_left_out(tmp_path: Path) -> None:
    plain = "\n".join(limits(gathered(tmp_path / "a", {})))
    assert "not balanced by likelihood" in plain
    assert "image model" not in plain
    drawn = {"images": {"renderer": "sdxl", "model": "builtin:world"}}
    text = "\n".join(limits(gathered(tmp_path / "b", drawn)))
    assert "procedural world" in text
    assert "No model compared the pictures with their captions" in text
    assert "Train with `control.jpg`" in text, "two anchors of the run have their own picture"


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("/home/me/data/a.tsv", "a.tsv"),
        ("C:\\data\\a.tsv", "a.tsv"),
        ("https://host/a.tsv?key=secret#x", "https://host/a.tsv"),
        ("sample:cc3m", "sample:cc3m"),
    ],
)
def test_an_input_loses_its_folders_and_its_secrets(name: str, public: str) -> None:
    assert public_input(name) == public


def test_a_damaged_run_json_is_named(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    store_run(layout)
    manifest = read_manifest(layout)
    assert manifest is not None
    layout.run_json.write_text("[]")
    with pytest.raises(ShardCorruptError, match=r"run\.json is damaged"):
        gather_facts(layout, manifest)
