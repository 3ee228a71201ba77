"""Compounds are closed up; what may be a dash is left alone."""

from __future__ import annotations

import pytest

from pipeline.sources.hyphens import join_hyphens


@pytest.mark.parametrize(
    ("spaced", "joined"),
    [
        ("a snow - capped peak", "a snow-capped peak"),
        ("a hand - made bowl", "a hand-made bowl"),
        ("a two - story house", "a two-story house"),
        ("a 19th - century church", "a 19th-century church"),
        ("a black - white photo", "a black-white photo"),
        ("a brightly - painted door", "a brightly-painted door"),
        ("the Self - Made man", "the Self-Made man"),
        ("standing side - by - side", "standing side-by-side"),
        ("a state - of - the - art view", "a state-of-the-art view"),
        ("a three - year - old boy", "a three-year-old boy"),
    ],
)
def test_a_compound_is_one_word(spaced: str, joined: str) -> None:
    assert join_hyphens(spaced) == joined
    assert join_hyphens(joined) == joined


@pytest.mark.parametrize(
    "text",
    [
        "my kitchen - what do you think",
        "flowers - painted by a child",
        "a cake - inspired by autumn",
        "red - a colour",
        "a dog-eared book",
        "nothing to join",
        "",
    ],
)
def test_a_dash_stays(text: str) -> None:
    assert join_hyphens(text) == text
