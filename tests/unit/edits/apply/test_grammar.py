from __future__ import annotations

import pytest

from pipeline.edits.apply.grammar import article_for
from pipeline.edits.rules.object.rule import ObjectRule


@pytest.mark.parametrize(
    ("word", "article"),
    [("hour", "an"), ("unicorn", "a"), ("umbrella", "an"), ("house", "a"), ("owl", "an"),
     ("uniform", "a"), ("European", "a"), ("one-eyed", "a"), ("SUV", "an"), ("UFO", "a"),
     ("unusual", "an"), ("ukulele", "a"), ("honest", "an"), ("8", "an"), ("university", "a"),
     ("unidentified", "an"), ("orange", "an"), ("used", "a"), ("ugly", "an")],
)  # fmt: skip
def test_article_follows_the_sound(word: str, article: str) -> None:
    assert article_for(word) == article


def test_article_is_repaired_in_both_directions(rewrite) -> None:
    assert "an elephant in the zoo" in rewrite(ObjectRule(), "a lion in the zoo")
    assert "a lion in the zoo" in rewrite(ObjectRule(), "an elephant in the zoo")
