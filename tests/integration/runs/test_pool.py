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

CAPTIONS = (
    "a brown dog running on the beach",
    "a small red car on the sandy beach",
    "the meaning of life and how to find it",
    *(f"a photo of thing number {n} for sale" for n in range(10)),
    "a brown dog sleeping on a sofa",
    "a brown dog swimming in a lake",
    "a small blue car in the dark forest",
)
"""Two of a kind stand in different shards, too far apart to be of one picture."""


@pytest.fixture(scope="module")
def captions_tsv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("captions") / "captions.tsv"
    path.write_text("".join(f"{c}\thttp://x/{n}.jpg\n" for n, c in enumerate(CAPTIONS)), "utf-8")
    return path


def config_of(output: Path, captions: Path, **edits: object) -> RunConfig:
    return RunConfig(
        output=str(output),
        source=SourceConfig(input=str(captions), shard_size=8),
        images=ImagesConfig(renderer="none"),
        # Without kinds that several edits are made of, other captions are all there is.
        edits={"pool_size": 400, "kinds": ["negation"], **edits},
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, captions_tsv: Path) -> RunLayout:
    config = config_of(tmp_path_factory.mktemp("pooled") / "run", captions_tsv)
    run_config(config, {})
    return RunLayout(Path(str(config.output)))


def test_complete_counterfactuals_are_captions_of_other_shards_too(run: RunLayout) -> None:
    assert verify_run(run) == []
    mined = {
        cfset.anchor.caption: full
        for n in (0, 1)
        for cfset in sets(run, n)
        for full in cfset.full
        if full.rule == "full.mined"
    }
    assert mined[CAPTIONS[0]].caption in CAPTIONS[13:15]
    assert mined[CAPTIONS[1]].caption == CAPTIONS[15]
    assert mined[CAPTIONS[15]].caption == CAPTIONS[1]
    assert all(len(one.contradicts) >= 2 for one in mined.values())


def sets(layout: RunLayout, shard_id: int):
    return [found for found in read_captions(layout, shard_id) if hasattr(found, "full")]


def test_one_without_is_told_why(run: RunLayout) -> None:
    reasons = [r for n in (0, 1) for s in sets(run, n) if not s.full for r in s.refused]
    assert any(r.reason == "text.no_full" and r.item == "full" and r.detail for r in reasons)


def test_a_lost_pool_is_made_again_with_the_same_bytes(run: RunLayout, captions_tsv: Path) -> None:
    before = run.pool.read_bytes()
    run.pool.unlink()
    config = config_of(run.root, captions_tsv)
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


def test_a_vocabulary_and_no_complete_ones_need_no_pool(tmp_path: Path, captions_tsv: Path) -> None:
    for name, edits in (("words", {"vocabulary": "builtin:world"}), ("none", {"max_full": 0})):
        config = config_of(tmp_path / name, captions_tsv, **edits)
        with Components(config, {}) as components:
            open_job(config, components)
        assert not RunLayout(tmp_path / name).pool.exists()
