"""Edits of the world's captions stay within what its image model can draw."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from pipeline.config.edits import EditsConfig
from pipeline.core.records import Anchor, CounterfactualSet
from pipeline.edits.complete.vocabulary import WORLD, load_vocabulary
from pipeline.edits.stage import EditStage

pytestmark = pytest.mark.integration


def anchors(count: int) -> list[Anchor]:
    sample = files("pipeline.sources").joinpath("sample/world_sample.jsonl").read_text("utf-8")
    texts = [json.loads(line)["caption"] for line in sample.splitlines()[:count]]
    return [Anchor(f"w{i}", text, text, "tabular", f"w:{i}") for i, text in enumerate(texts)]


def test_every_edit_keeps_to_the_vocabulary() -> None:
    stage = EditStage(EditsConfig(vocabulary=WORLD), run_seed=0)
    vocabulary = load_vocabulary(WORLD)
    made = 0
    for result in stage.run(anchors(80)):
        if not isinstance(result, CounterfactualSet):
            continue
        made += 1
        for text in result.captions().values():
            assert vocabulary.unknown_word(text, result.anchor.caption) is None, text
    assert made >= 70


def test_the_vocabulary_is_part_of_the_stages_name() -> None:
    with_words = EditStage(EditsConfig(vocabulary=WORLD), run_seed=0)
    assert with_words.fingerprint != EditStage(EditsConfig(), run_seed=0).fingerprint
