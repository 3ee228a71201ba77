"""The two stages of a shard: what they write, what they tell, and what stops them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from pipeline import __version__
from pipeline.config.loading import load_config
from pipeline.core.errors import ConfigError, ShardCorruptError
from pipeline.core.progress import Silent, Step, Stopped
from pipeline.core.records import CounterfactualSet
from pipeline.core.stage import Rejected
from pipeline.runs import shard as module
from pipeline.runs.components import Components
from pipeline.runs.job import Job, open_job
from pipeline.runs.shard import (
    sample_provenance,
    with_images,
    write_shard_captions,
    write_shard_images,
)
from pipeline.shards.captions import read_captions
from pipeline.shards.manifest import read_receipt

pytestmark = pytest.mark.integration


class Noting(Silent):
    """Keeps what it is told, and asks to stop after so many anchors."""

    def __init__(self, most: int = 10**9) -> None:
        self.told: Counter[Step] = Counter()
        self.measures: list[tuple[int, str, dict[str, int]]] = []
        self._most = most

    def advance(self, step: Step, amount: int, /) -> None:
        self.told[step] += amount

    def measured(self, shard_id: int, stage: str, seconds: float, made: dict[str, int], /) -> None:
        self.measures.append((shard_id, stage, dict(made)))

    @property
    def stopping(self) -> bool:
        return self.told[Step.ANCHORS] >= self._most


@pytest.fixture(scope="module")
def components() -> Iterator[Components]:
    with Components(load_config({"checks.wordnet": "off"}, environ={}), {}) as components:
        yield components


def job_in(folder: Path, components: Components) -> Job:
    flags = {"source.limit": 7, "source.shard_size": 5, "output": str(folder)}
    return open_job(load_config(flags | {"checks.wordnet": "off"}, environ={}), components)


def test_a_shard_is_its_rows_in_order_and_the_observer_hears_of_each(
    tmp_path: Path, components: Components
) -> None:
    job = job_in(tmp_path / "run", components)
    noting = Noting()
    write_shard_captions(job, 0, components, noting)
    results = list(read_captions(job.layout, 0))
    assert len(results) == 5
    sets = [one for one in results if isinstance(one, CounterfactualSet)]
    receipt = write_shard_images(job, 0, components, noting)
    assert receipt == read_receipt(job.layout, 0)
    assert receipt.counts.samples == len(sets)
    assert noting.told[Step.ANCHORS] == 5
    assert noting.told[Step.EDITS] == sum(len(one.minimal) + len(one.full) for one in sets) > 0
    assert noting.told[Step.SHARDS] == 1
    assert noting.measures == [(0, "captions", {"rows": 5}), (0, "images", {"images": 0})]


def test_batches_do_not_change_the_bytes(
    tmp_path: Path, components: Components, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_in(tmp_path / "run", components)
    write_shard_captions(job, 0, components)
    before = job.layout.captions(0).read_bytes()
    monkeypatch.setattr(module, "CAPTION_BATCH", 2)
    write_shard_captions(job, 0, components)
    assert job.layout.captions(0).read_bytes() == before


def test_a_stop_between_batches_leaves_nothing_of_the_shard(
    tmp_path: Path, components: Components, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_in(tmp_path / "run", components)
    monkeypatch.setattr(module, "CAPTION_BATCH", 2)
    noting = Noting(most=2)
    with pytest.raises(Stopped, match="the same command goes on from there"):
        write_shard_captions(job, 0, components, noting)
    assert noting.told[Step.ANCHORS] == 2
    assert not job.layout.captions(0).exists()
    write_shard_captions(job, 0, components)
    with pytest.raises(Stopped):
        write_shard_images(job, 0, components, noting)
    assert not list(job.layout.shards_dir.glob("*.tar"))


def test_pictures_need_whole_captions(tmp_path: Path, components: Components) -> None:
    job = job_in(tmp_path / "run", components)
    with pytest.raises(ShardCorruptError, match="000001.jsonl is missing or damaged; run again"):
        write_shard_images(job, 1, components)


def test_captions_get_their_own_pictures_back_and_only_those(
    tmp_path: Path, components: Components
) -> None:
    rows = []
    for name in ("red", "blue"):
        Image.new("RGB", (8, 8), name).save(tmp_path / f"{name}.png")
        rows.append({"caption": f"a {name} car in a street", "picture": f"{name}.png"})
    table = tmp_path / "rows.jsonl"
    table.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    flags = {
        "source.kind": "tabular", "source.input": str(table), "source.image_column": "picture",
        "checks.wordnet": "off", "output": str(tmp_path / "run"),
    }  # fmt: skip
    job = open_job(load_config(flags, environ={}), components)
    write_shard_captions(job, 0, components)
    joined = [one for one in with_images(job, 0) if isinstance(one, CounterfactualSet)]
    assert [one.anchor.image.data for one in joined if one.anchor.image] == [
        (tmp_path / f"{name}.png").read_bytes() for name in ("red", "blue")
    ]
    (tmp_path / "blue.png").unlink()
    lost = list(with_images(job, 0))[1]
    assert isinstance(lost, Rejected)
    assert lost.reason.startswith("source.")
    rows[0]["caption"] = "a green car in a street"
    table.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    with pytest.raises(ConfigError, match="rows.jsonl:1 is another row now; restore it"):
        list(with_images(job, 0))


def test_a_sample_names_the_model_only_where_it_was_drawn() -> None:
    plain = load_config({"seed": 3}, environ={})
    assert sample_provenance(plain, plain.fingerprint) == {
        "tool": f"counterfactory {__version__}",
        "config_fingerprint": plain.fingerprint,
        "run_seed": 3,
    }
    drawn = load_config({"images.renderer": "sdxl", "images.model": "/home/me/tuned"}, environ={})
    assert "/home" not in str(sample_provenance(drawn, "f")["image_model"])
    assert "scorers" not in sample_provenance(drawn, "f"), "nothing was measured"
    flags = {"images.renderer": "sdxl", "scores.clip": "/home/me/clip", "scores.nsfw": "builtin"}
    scored = sample_provenance(load_config(flags, environ={}), "f")
    assert scored["scorers"] == {"pixels": "builtin", "clip": "clip", "nsfw": "builtin"}
