"""The pool on disk: made once with the partition, the same for every launch of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.images import ImagesConfig
from pipeline.config.run import RunConfig
from pipeline.config.source import SourceConfig
from pipeline.core.errors import ShardCorruptError
from pipeline.runs.components import Components
from pipeline.runs.job import open_job
from pipeline.runs.pool import read_pool
from pipeline.runs.run import run_config
from pipeline.shards.captions import read_captions
from pipeline.shards.layout import RunLayout
from pipeline.shards.verify import verify_run


def config_of(output: Path, **edits: object) -> RunConfig:
    return RunConfig(
        output=str(output),
        source=SourceConfig(limit=300, shard_size=150),
        images=ImagesConfig(renderer="none"),
        edits={"pool_size": 400, **edits},
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunLayout:
    config = config_of(tmp_path_factory.mktemp("pooled") / "run")
    run_config(config, {})
    return RunLayout(Path(str(config.output)))


def test_complete_counterfactuals_are_captions_of_other_shards_too(run: RunLayout) -> None:
    assert verify_run(run) == []
    of_shard = [{a.caption.lower().rstrip(" .") for a in anchors(run, n)} for n in (0, 1)]
    full = [f for n in (0, 1) for s in sets(run, n) for f in s.full]
    assert full
    texts = [one.caption.lower().rstrip(" .") for one in full]
    assert any(text in of_shard[0] for text in texts)
    assert any(text in of_shard[1] for text in texts)
    assert all(len(one.contradicts) >= 2 and one.rule == "full.mined" for one in full)


def anchors(layout: RunLayout, shard_id: int):
    return [cfset.anchor for cfset in sets(layout, shard_id)]


def sets(layout: RunLayout, shard_id: int):
    return [found for found in read_captions(layout, shard_id) if hasattr(found, "full")]


def test_one_without_is_told_why(run: RunLayout) -> None:
    reasons = [r for n in (0, 1) for s in sets(run, n) if not s.full for r in s.refused]
    assert any(r.reason == "text.no_full" and r.item == "full" and r.detail for r in reasons)


def test_a_lost_pool_is_made_again_with_the_same_bytes(run: RunLayout) -> None:
    before = run.pool.read_bytes()
    run.pool.unlink()
    config = config_of(run.root)
    with Components(config, {}) as components:
        open_job(config, components)
    assert run.pool.read_bytes() == before


def test_a_damaged_pool_is_refused_with_the_remedy(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    layout.pool.write_text('{"captions": 1}\n')
    with pytest.raises(ShardCorruptError, match="delete it and run again"):
        read_pool(layout)
    layout.pool.unlink()
    with pytest.raises(ShardCorruptError, match=r"pool.jsonl"):
        read_pool(layout)


def test_a_vocabulary_and_no_complete_ones_need_no_pool(tmp_path: Path) -> None:
    for name, edits in (("words", {"vocabulary": "builtin:world"}), ("none", {"max_full": 0})):
        config = config_of(tmp_path / name, **edits)
        with Components(config, {}) as components:
            open_job(config, components)
        assert not RunLayout(tmp_path / name).pool.exists()
