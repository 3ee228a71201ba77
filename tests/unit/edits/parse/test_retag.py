"""Corrections of the tagger."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.parsed_caption import parsed_caption
from pipeline.edits.rules.object.rule import ObjectRule


@pytest.mark.parametrize(
    ("text", "word", "tag"),
    [
        ("bridge disappearing into the fog", "bridge", "NN"),
        ("cowboy talking on a cell phone at person in a city", "cowboy", "NN"),
        ("giant christmas tree in the town square", "christmas", "NN"),
        ("woman's feet on the white sand beach in shallow water", "sand", "NN"),
    ],
)
def test_everyday_words_are_no_names(parse, text: str, word: str, tag: str) -> None:
    parsed = parsed_caption(parse(text))
    token = parsed.lower.index(word)
    assert (parsed.tags[token], parsed.pos[token]) == (tag, "NOUN")
    assert token not in parsed.protected


def test_a_word_beside_a_name_stays_part_of_it(parse) -> None:
    parsed = parsed_caption(parse("koa kea hotel & resort: view from pool."))
    assert parsed.lower.index("kea") in parsed.protected


def test_a_subject_is_no_compound_of_its_verb(rewrite) -> None:
    horse = rewrite(ObjectRule(), "horse grazing in a field")
    assert "cow grazing in a field" in horse
    biking = rewrite(ObjectRule(), "mountain biking on a trail")
    assert biking == []
