"""Nouns that other words hold."""

from __future__ import annotations

import pytest

from pipeline.config.edits import EditsConfig
from pipeline.core.records import EditKind
from pipeline.edits.stage import EditStage


@pytest.fixture(scope="module")
def stage() -> EditStage:
    return EditStage(EditsConfig())


def exchanged(stage: EditStage, caption: str) -> set[str]:
    (doc,) = stage.parser.parse([caption])
    return {p.old for p in stage.propose(doc) if p.kind is EditKind.OBJECT}


@pytest.mark.integration
def test_an_institution_is_left_alone(stage: EditStage) -> None:
    caption = "state school holds up its second place trophy in the division on saturday."
    assert not {"school", "state school"} & exchanged(stage, caption)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("caption", "building"),
    [("a castle overlooks the valley", "castle"), ("an old church stands on a hill", "church")],
)
def test_a_building_that_is_depicted_still_changes(
    stage: EditStage, caption: str, building: str
) -> None:
    assert building in exchanged(stage, caption)
