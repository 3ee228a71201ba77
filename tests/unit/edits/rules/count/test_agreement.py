"""Repairs that another number demands, and captions that would need more."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.count.rule import CountRule


@pytest.mark.parametrize(
    "factual",
    [
        "plants in pots",
        "people practicing in a small group between the rows",
        "trees cover the hill",
        "protesters clash with police",
        "stairs leading to the tower",
        "women with umbrellas",
        "stacked bottles on a shelf",
        "customers, some of whom are regulars",
        "twin girls playing in a park",
        "dice half an onion and cook it",
        "women prefer dancers",
        "commuters riding scooters on the street",
        "newspapers report on the protest",
    ],
)
def test_what_is_said_of_several_is_not_said_of_one(rewrite, factual: str) -> None:
    assert not any(text.startswith("a single") for text in rewrite(CountRule(), factual))


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("a man waves flags in the street", "two men wave flags in the street"),
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


def test_leaves_that_fell_are_no_verb(rewrite) -> None:
    found = rewrite(CountRule(), "cup of coffee on a table surrounded by fallen autumn leaves")
    assert found
    assert all(caption.endswith("leaves") for caption in found)


def test_what_is_in_a_row_is_several(rewrite) -> None:
    assert rewrite(CountRule(), "yellow pencils in a row from shortest to longest") == []
