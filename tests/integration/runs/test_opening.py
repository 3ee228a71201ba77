"""Which setting opens what: each stage has the parts that the config names, and no others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.config.loading import load_config
from pipeline.config.run import RunConfig
from pipeline.core.errors import ConfigError
from pipeline.runs.opening import (
    load_edit_stage,
    name_edit_stage,
    open_edit_stage,
    open_questions,
    open_score_stage,
    open_text_checks,
)

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[3]


def config(**flags: object) -> RunConfig:
    given = {"checks.wordnet": "off"} | {
        key.replace("__", "."): value for key, value in flags.items()
    }
    return load_config(given, environ={})


def test_a_stage_is_named_without_its_parser_and_loaded_once() -> None:
    stage = name_edit_stage(config(), {})
    named = stage.fingerprint
    assert load_edit_stage(stage, config()) is stage
    assert stage.fingerprint == named == open_edit_stage(config(), {}).fingerprint
    assert stage.load() is False, "nothing is missing any more"


NAMED = """
import sys
from pipeline.config.run import RunConfig
from pipeline.runs.opening import name_edit_stage
name_edit_stage(RunConfig(), {}).fingerprint
print(sorted({"spacy", "lemminflect", "torch", "openai"} & set(sys.modules)))
"""


def test_naming_a_stage_loads_no_heavy_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NAMED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_where_edits_are_chosen_more_are_written() -> None:
    plain, capped = config(), config(checks__pair_cap=2)
    assert name_edit_stage(plain, {}).fingerprint != name_edit_stage(capped, {}).fingerprint
    one = config(checks__pair_cap=2, checks__candidates=1)
    assert name_edit_stage(plain, {}).fingerprint == name_edit_stage(one, {}).fingerprint


def test_a_language_model_without_a_key_is_refused(tmp_path: Path) -> None:
    asked = config(llm__provider="openai", llm__cache_dir=str(tmp_path))
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        name_edit_stage(asked, {})
    stage = name_edit_stage(asked, {"OPENAI_API_KEY": "k"})
    assert stage.fingerprint != name_edit_stage(config(), {}).fingerprint
    stage.close()


def test_the_checks_count_with_the_image_models_tokenizers_where_it_draws() -> None:
    plain = open_text_checks(config()).description()
    assert (plain["tokens"], plain["wordnet"], plain["fluency"]) == ("lower bound", None, None)
    drawn = config(images__renderer="sdxl", images__model="builtin:tiny", edits__max_minimal=2)
    described = open_text_checks(drawn).description()
    assert (described["tokens"], described["max_minimal"]) == ("image model", 2)


def test_pixels_are_measured_always_and_the_rest_where_it_is_named(tmp_path: Path) -> None:
    plain = open_score_stage(config(), {})
    assert plain.description() == {"names": ["contrast", "detail", "change", "hash_distance"]}
    named = config(
        scores__clip="builtin:world", scores__device="cpu", scores__questions="org/vlm",
        scores__questions_url="http://127.0.0.1:9/v1", llm__cache_dir=str(tmp_path),
    )  # fmt: skip
    stage = open_score_stage(named, {})
    described = stage.description()
    assert described["questions"] == "org/vlm"
    assert {"image_text", "margin", "questions"} <= set(described["names"])
    stage.close()


def test_questions_go_to_the_model_of_the_scores_and_need_its_key(tmp_path: Path) -> None:
    asked = config(scores__questions="gpt-4o", llm__provider="local", llm__cache_dir=str(tmp_path))
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        open_questions(asked, {})
    scorer = open_questions(asked, {"OPENAI_API_KEY": "k"})
    assert scorer.model == "gpt-4o"
    scorer.close()
