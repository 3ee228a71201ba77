"""The stages of a run are opened once, described, and closed together."""

from __future__ import annotations

import pytest

from pipeline.config.loading import load_config
from pipeline.core.errors import ConfigError
from pipeline.runs.components import Components

pytestmark = pytest.mark.integration

PICTURES = {
    "images.renderer": "sdxl",
    "images.model": "builtin:tiny",
    "images.candidates": 2,
    "images.batch_size": 3,
}


def test_a_stage_is_opened_once_and_anew_after_closing() -> None:
    with Components(load_config({}, environ={}), {}) as components:
        stage = components.edit_stage()
        assert components.edit_stage() is stage
        checks = components.text_checks()
        assert components.text_checks() is checks
    components.close()
    assert components.edit_stage() is not stage
    components.close()


def test_a_run_of_captions_has_no_pictures_to_describe() -> None:
    with Components(load_config({}, environ={}), {}) as components:
        assert list(components.stage_fingerprints()) == ["edits", "text_checks"]
        assert list(components.provenance()) == ["text_checks"]
        assert components.spend is None
        with pytest.raises(ConfigError, match=r"images\.renderer is none"):
            components.renderer()


def test_a_run_that_chooses_pictures_describes_every_stage() -> None:
    with Components(load_config(PICTURES, environ={}), {}) as components:
        stages = components.stage_fingerprints()
        assert list(stages) == ["edits", "text_checks", "render", "scores", "selection"]
        assert len(set(map(str, stages.values()))) == 5
        facts = components.provenance()
        assert list(facts) == ["text_checks", "image_model", "scores", "selection"]
        render = components.render_stage()
        assert render.batch_size == 3
        assert render.renderer is components.renderer()
        # A shard remembers what it kept, so each gets a selector of its own.
        assert components.selector() is not components.selector()
