"""Everything made of a caption has the capitals of the caption."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.config.edits import EditsConfig
from pipeline.core.records import Anchor, CounterfactualSet
from pipeline.edits.stage import EditStage


@pytest.fixture(scope="module")
def stage() -> EditStage:
    return EditStage(EditsConfig(max_minimal=32, balance="off"))


INPUTS = Path(__file__).parents[3] / "data" / "inputs"


@pytest.mark.integration
@pytest.mark.parametrize("name", ["caps.jsonl", "title.jsonl"])
def test_no_edit_shows_itself_by_its_letters(stage: EditStage, name: str) -> None:
    captions = [json.loads(line)["caption"] for line in (INPUTS / name).read_text().splitlines()]
    captions += ["TWO BLACK CATS ON A SOFA", "Two Women Walking in the Park With Their Dogs"]
    made = 0
    for result in stage.run([Anchor("ab", text, text, "cc_tsv", "f:1") for text in captions]):
        if not isinstance(result, CounterfactualSet):
            continue
        factual = result.anchor.caption
        small = {word for word in factual.split() if word.islower()}
        for text in [e.caption for e in result.minimal] + [f.caption for f in result.full]:
            made += 1
            if factual.isupper():
                assert text.isupper(), text
            else:
                words = [word for word in text.split() if word[0].isalpha()]
                assert all(w[0].isupper() or (small and len(w) < 5) for w in words), text
    assert made > 20
