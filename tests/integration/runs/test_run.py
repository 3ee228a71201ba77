"""A whole run: by one process, by several ranks one after the other, by another executor."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.loading import load_config
from pipeline.config.run import RunConfig, fingerprints_of
from pipeline.core.errors import ShardCorruptError
from pipeline.runs.components import Components
from pipeline.runs.job import Job, Pending
from pipeline.runs.rank import Rank
from pipeline.runs.run import run_config
from pipeline.runs.shard import write_shard_captions, write_shard_images
from pipeline.shards.layout import RunLayout
from pipeline.shards.run_json import read_run_json
from pipeline.shards.verify import verify_run
from pipeline.stores.kept_blocks import kept_blocks

pytestmark = pytest.mark.integration


def config_of(root: Path) -> RunConfig:
    flags = {"source.limit": 20, "source.shard_size": 4, "output": str(root)}
    return load_config(flags, environ={})


def files_of(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not path.name.startswith(".lock")
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    root = tmp_path_factory.mktemp("whole") / "run"
    outcome = run_config(config_of(root), {})
    assert outcome.manifest is not None
    assert outcome.manifest.counts.samples > 0
    assert (outcome.resumed_shards, outcome.spend) == (0, None)
    return files_of(root)


def test_the_last_rank_finishes_the_run(tmp_path: Path, whole: dict[str, bytes]) -> None:
    config = config_of(tmp_path / "run")
    first = run_config(config, {}, rank=Rank(0, 2, 0))
    assert first.manifest is None
    again = run_config(config, {}, rank=Rank(0, 2, 0))
    assert again.resumed_shards == 3
    last = run_config(config, {}, rank=Rank(1, 2, 1))
    assert last.manifest is not None
    assert files_of(tmp_path / "run") == whole


def test_a_run_of_an_older_version_goes_on_under_its_name(
    tmp_path: Path, whole: dict[str, bytes]
) -> None:
    """Older versions counted the input's address in."""
    config = config_of(tmp_path / "run")
    layout = RunLayout(tmp_path / "run")
    run_config(config, {})
    named = fingerprints_of(read_run_json(layout).config)
    newer, older = (name.encode() for name in named)
    layout.run_json.write_bytes(layout.run_json.read_bytes().replace(newer, older))
    for path in (*layout.shards_dir.iterdir(), layout.manifest_json):
        path.unlink()
    outcome = run_config(config, {})
    assert outcome.manifest is not None
    assert outcome.manifest.config_fingerprint.encode() == older
    assert verify_run(layout) == []
    made = files_of(layout.root)
    tar = "shards/000000.tar"
    assert made[tar] == whole[tar].replace(newer, older) != whole[tar]


def test_the_same_input_elsewhere_is_the_same_run(tmp_path: Path) -> None:
    made = []
    for name in ("here/a.tsv", "there/b/a.tsv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text("a red car on a street\thttp://e.x/1\n", "utf-8")
        flags = {"source.input": str(path), "output": str(tmp_path / f"run-{len(made)}")}
        config = load_config(flags, environ={})
        run_config(config, {})
        made.append(files_of(tmp_path / f"run-{len(made)}"))
        # It is taken up with the input at its other place, too.
        moved = config.model_copy(
            update={"source": config.source.model_copy(update={"input": str(path)})}
        )
        again = run_config(moved.model_copy(update={"output": str(tmp_path / "run-0")}), {})
        assert again.resumed_shards == 1
    differing = {name for name in made[0] if made[0][name] != made[1].get(name)}
    assert made[0].keys() == made[1].keys()
    assert differing <= {"run.json", "README.md", "croissant.json"}


class InOrder:
    """One shard after the other: the simplest executor there can be."""

    def __init__(self, job: Job, components: Components) -> None:
        self.job, self.components = job, components

    def run(self, left: Pending, /) -> None:
        for shard_id in left.shards:
            if shard_id in left.captions:
                write_shard_captions(self.job, shard_id, self.components)
            write_shard_images(self.job, shard_id, self.components)


def test_after_a_run_inputs_are_not_kept_any_more(tmp_path: Path) -> None:
    run_config(config_of(tmp_path / "run"), {})
    assert kept_blocks("s3://b/a", 1, "etag") is None


def test_another_executor_gives_the_same_bytes(tmp_path: Path, whole: dict[str, bytes]) -> None:
    outcome = run_config(config_of(tmp_path / "run"), {}, executor=InOrder)
    assert outcome.manifest is not None
    assert files_of(tmp_path / "run") == whole


def test_an_executor_that_leaves_a_shard_out_is_found_out(tmp_path: Path) -> None:
    class Forgetful(InOrder):
        def run(self, left: Pending, /) -> None:
            super().run(Pending(left.captions, left.shards[:-1]))

    with pytest.raises(ShardCorruptError):
        run_config(config_of(tmp_path / "run"), {}, executor=Forgetful)
    assert not (tmp_path / "run" / "manifest.json").exists()
