"""Captions that begin with a capital keep one, wherever the edit stands."""

from __future__ import annotations

import pytest

from pipeline.config.edits import EditsConfig
from pipeline.core.records import Anchor, CounterfactualSet
from pipeline.edits.stage import EditStage

CAPTIONS = (
    "A young woman sitting on a bench in a park.",
    "Two dogs running on the beach.",
    "Red car parked in front of a white house.",
    "A man in a red hat is riding a brown horse.",
    "Woman holding a cup of coffee.",
    "Three children are playing soccer in the park.",
    "White flowers on a black background.",
    "Young boy standing next to a wooden door.",
)


@pytest.fixture(scope="module")
def stage() -> EditStage:
    return EditStage(EditsConfig(max_minimal=32))


@pytest.mark.integration
@pytest.mark.parametrize("caption", CAPTIONS)
def test_the_first_letter_alone_is_a_capital(stage: EditStage, caption: str) -> None:
    (made,) = stage.run([Anchor("ab", caption, caption, "cc_tsv", "f:1")])
    assert isinstance(made, CounterfactualSet)
    assert len(made.minimal) >= 4
    for text in [edit.caption for edit in made.minimal] + [full.caption for full in made.full]:
        assert text[0].isupper(), text
        assert text[1:].islower(), text
