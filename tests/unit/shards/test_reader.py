"""Stored samples are read back whole, from a run or from its tars."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError, ShardCorruptError
from pipeline.core.records import Sample
from pipeline.shards.layout import RunLayout
from pipeline.shards.reader import iterate_samples, tars_at
from pipeline.shards.tarball import TarWriter
from tests.unit.shards.shard_records import draw, make_set, own_image, store, store_run


def test_a_run_gives_every_sample_in_order_with_its_pictures(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    store_run(layout)
    samples = list(iterate_samples(layout))
    assert [s.document.caption for s in samples] == [
        make_set(i).anchor.caption for i in (0, 1, 2, 4, 5, 6)
    ]
    assert [s.path for s in samples] == [layout.tar(0)] * 3 + [layout.tar(1)] * 3
    captions_only, drawn, own = samples[:3]
    assert captions_only.image("factual") is None
    assert drawn.image("factual") == drawn.image("control") == drawn.fields["jpg"]
    assert own.image("factual") == own_image(2).data
    assert own.image("min0") == own.fields["min0.jpg"]
    assert own.image("min7") is None


def test_only_the_samples_that_are_asked_for(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    store_run(layout)
    keys = {make_set(i).anchor.anchor_id for i in (1, 5)}
    assert {s.key for s in iterate_samples(layout, keys)} == keys


def test_a_path_names_the_tars_of_a_run_or_one_of_them(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path / "run")
    store_run(layout)
    assert tars_at(layout.root) == [layout.tar(0), layout.tar(1)]
    assert tars_at(layout.tar(1)) == [layout.tar(1)]
    with pytest.raises(ConfigError, match="neither does not exist"):
        tars_at(tmp_path / "neither")
    with pytest.raises(ConfigError, match=r"is neither a run directory nor a \.tar"):
        tars_at(tmp_path)


def test_a_sample_without_a_valid_json_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    for fields, what in (((("txt", b"a dog"),), "has no json"), ((("json", b"{}"),), "not valid")):
        with path.open("wb") as file:
            tar = TarWriter(file)
            tar.add(Sample("00aa", fields))
            tar.finish()
        with pytest.raises(ShardCorruptError, match=rf"a\.tar: at byte 0: .*00aa.* {what}"):
            list(iterate_samples([path]))


def test_a_picture_that_the_json_names_and_the_tar_lacks_is_damage(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path)
    store(layout, 0, [draw(make_set(0))])
    (sample,) = iterate_samples(layout)
    fields = tuple((name, data) for name, data in sample.fields.items() if name != "min0.jpg")
    with layout.tar(0).open("wb") as file:
        tar = TarWriter(file)
        tar.add(Sample(sample.key, fields))
        tar.finish()
    (lacking,) = iterate_samples(layout)
    with pytest.raises(ShardCorruptError, match=r"lacks 'min0\.jpg', the picture of min0"):
        lacking.image("min0")
