"""The functions of the public API, where they need no model."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfactory import PipelineError, RunConfig, load_config, read_samples, verify
from pipeline.core.errors import ConfigError
from pipeline.shards.layout import RunLayout
from tests.unit.shards.shard_records import make_set, store_run


def test_settings_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text("seed = 1\n[source]\nlimit = 10\nshard_size = 7\n")
    environ = {"COUNTERFACTORY_SEED": "2", "COUNTERFACTORY_SOURCE__LIMIT": "20", "HOME": "x"}
    config = load_config({"seed": 3}, file=file, environ=environ)
    assert isinstance(config, RunConfig)
    assert (config.seed, config.source.limit, config.source.shard_size) == (3, 20, 7)
    assert load_config(file=str(file), environ={}).seed == 1


def test_the_environment_is_the_processs_unless_one_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COUNTERFACTORY_SEED", "5")
    assert load_config().seed == 5
    assert load_config(environ={}).seed == 0


def test_settings_may_be_named_or_nested() -> None:
    named = load_config({"images.renderer": "sdxl", "images.steps": 3}, environ={})
    nested = load_config({"images": {"renderer": "sdxl", "steps": 3}}, environ={})
    assert named == nested
    assert named.images.renderer == "sdxl"


def test_a_mistyped_setting_is_an_error_of_ours() -> None:
    with pytest.raises(PipelineError, match=r"did you mean images\.steps"):
        load_config({"images.stepz": 3}, environ={})


def test_samples_come_from_a_run_from_tars_and_from_several(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path / "run")
    store_run(layout)
    captions = [make_set(i).anchor.caption for i in (0, 1, 2, 4, 5, 6)]
    for source in (str(layout.root), layout.root, layout.tars(), map(str, layout.tars())):
        assert [s.document.caption for s in read_samples(source)] == captions
    assert [s.document.caption for s in read_samples(layout.tar(1))] == captions[3:]


def test_what_cannot_be_read_is_an_error_at_the_call(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing does not exist"):
        read_samples(tmp_path / "nothing")


def test_verify_lists_what_is_wrong(tmp_path: Path) -> None:
    layout = RunLayout(tmp_path / "run")
    store_run(layout)
    assert verify(layout.root) == []
    layout.tar(1).unlink()
    (fault,) = verify(str(layout.root))
    assert (fault.path, fault.what) == (layout.tar(1), "the file is missing")
