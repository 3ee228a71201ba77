from __future__ import annotations

import pytest

from pipeline.edits.apply.grammar import article_for
from pipeline.edits.rules.count.rule import CountRule
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


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("a man sells flags in the street", "two men sell flags in the street"),
        ("a dog is running on the beach", "two dogs are running on the beach"),
        ("there is a boat near the island", "there are two boats near the island"),
        ("there's a dog in the garden", "there are two dogs in the garden"),
        ("two dogs are running on the beach", "one dog is running on the beach"),
        ("two women wave at the camera", "one woman waves at the camera"),
        ("an owl sits on a branch", "two owls sit on a branch"),
        ("a child who plays in the sand", "two children who play in the sand"),
        (
            "employees leave the office and walk home",
            "a single employee leaves the office and walks home",
        ),
        ("monkeys walk down the road", "a single monkey walks down the road"),
    ],
)
def test_verbs_agree_with_the_new_number(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(CountRule(), factual)
