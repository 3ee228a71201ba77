"""One in the place of several, and several in that of one."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.count.rule import CountRule


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("some children are riding on a train", "one child is riding on a train"),
        ("a group of horses in a field", "a single horse in a field"),
        ("a bunch of zebras out in the wild", "a zebra out in the wild"),
        ("several people fly kites in a field", "a single person flies kites in a field"),
        ("a couple of elephants in the grass", "four elephants in the grass"),
        ("two people standing on a beach", "one person standing on a beach"),
        ("two people standing on a beach", "five people standing on a beach"),
        ("a young person on skis", "two young people on skis"),
        ("a child is riding on a train", "some children are riding on a train"),
    ],
)  # fmt: skip
def test_several_become_one_and_one_several(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(CountRule(), factual)


@pytest.mark.parametrize(
    ("factual", "noun"),
    [
        ("a group of people around a table", "person"),
        ("some horses and cows in a field", "horse"),
        ("a plate of some cookies", "cookie"),
        ("some sheep in a field", "sheep"),
    ],
)
def test_several_stay_where_one_makes_no_sense(rewrite, factual: str, noun: str) -> None:
    made = rewrite(CountRule(), factual)
    assert not [text for text in made if f"one {noun}" in text or f"single {noun}" in text]
