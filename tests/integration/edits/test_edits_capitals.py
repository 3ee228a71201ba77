"""Everything made of a caption has the capitals of the caption."""

from __future__ import annotations

import json
from pathlib import Path

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


INPUTS = Path(__file__).parents[2] / "data" / "inputs"


@pytest.mark.integration
@pytest.mark.parametrize("name", ["caps.jsonl", "title.jsonl"])
def test_no_edit_shows_itself_by_its_letters(stage: EditStage, name: str) -> None:
    captions = [json.loads(line)["caption"] for line in (INPUTS / name).read_text().splitlines()]
    captions += ["TWO BLACK CATS ON A SOFA", "Two Women Walking in the Park With Their Dogs"]
    made = 0
    for result in stage.run([Anchor("ab", text, text, "cc_tsv", "f:1") for text in captions]):
        assert isinstance(result, CounterfactualSet), result
        factual = result.anchor.caption
        small = {word for word in factual.split() if word.islower()}
        for text in [e.caption for e in result.minimal] + [f.caption for f in result.full]:
            made += 1
            if factual.isupper():
                assert text.isupper(), text
            else:
                words = [word for word in text.split() if word[0].isalpha()]
                assert all(w[0].isupper() or (small and len(w) < 5) for w in words), text
    assert made > 30
