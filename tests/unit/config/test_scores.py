"""Bands in the config, and which runs measure."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.loading import build_config, load_config
from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError


def test_a_file_of_bands_stands_in_the_config_with_its_content(tmp_path: Path) -> None:
    path = tmp_path / "bands.toml"
    path.write_text(
        "[default]\ncontrast = [3, inf]\n[attribute.colour]\nchange = [0.01, 0.5]\n"
        '["attribute.size"]\nchange = [-inf, 0.2]\n[count]\ndetail = [1, 9]\n'
    )
    config = load_config({"selection.bands": str(path)}, environ={})
    assert config.selection.bands == {
        "default": {"contrast": (3, None)},
        "attribute.colour": {"change": (0.01, 0.5)},
        "attribute.size": {"change": (None, 0.2)},
        "count": {"detail": (1, 9)},
    }
    assert str(tmp_path) not in str(config.product())
    again = build_config({"selection": {"bands": config.product()["selection.bands"]}})
    assert again.fingerprint == config.fingerprint
    assert config.fingerprint != RunConfig().fingerprint


def test_bands_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "bands.toml"
    with pytest.raises(ConfigError, match="file of bands .*bands.toml does not exist"):
        load_config({"selection.bands": str(path)}, environ={})
    path.write_text("[count\n")
    with pytest.raises(ConfigError, match="bands.toml cannot be read"):
        load_config({"selection.bands": str(path)}, environ={})


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ({"bands": {"colour": {"change": [0, 1]}}}, "'colour' is no kind"),
        ({"bands": {"full.x": {"change": [0, 1]}}}, "'full.x' is no kind"),
        ({"bands": {"count": {"blur": [0, 1]}}}, "no score 'blur'"),
        ({"bands": {"count": {"change": [2, 1]}}}, "2.0 is above 1.0"),
        ({"bands": {"count": {"change": [float("nan"), 1]}}}, "nan is no bound"),
        ({"bands": {"control": {"change": [0, 1]}}}, "'control' have no such score"),
        ({"bands": {"full": {"question_edit": [0, 1]}}}, "'full' have no such score"),
        ({"bands": {"count": {"margin": [0, 1]}}}, "scores.clip is 'none'"),
        ({"rank": "image_text"}, "selection.rank is image_text, but scores.clip is 'none'"),
    ],
)
def test_bands_that_bound_nothing_are_refused(selection: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build_config({"selection": selection})


def test_only_a_run_that_draws_and_chooses_measures() -> None:
    assert not build_config({"selection": {"bands": {"count": {"change": [0, 1]}}}}).selects
    assert not build_config({"images": {"renderer": "sdxl"}}).selects
    chosen = build_config({"images": {"renderer": "sdxl", "candidates": 2}})
    assert chosen.selects
    assert chosen.measured == ("contrast", "detail", "change", "hash_distance")
    assert build_config({"images": {"renderer": "sdxl"}, "scores": {"nsfw": "builtin"}}).selects
