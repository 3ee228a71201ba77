"""How a caption says how many there are, and what it could say instead."""

from __future__ import annotations

import pytest

from pipeline.edits.parse.parsed_caption import parsed_caption
from pipeline.edits.rules.count.quantity import other_numbers, quantity_of
from pipeline.edits.rules.count.rule import CountRule


@pytest.mark.parametrize(
    ("text", "noun", "said", "other"),
    [
        ("three boats on a lake", "boat", "three", "five"),
        ("two boats on a lake", "boat", "two", "many"),
        ("an old boat on a lake", "boat", "an", "several"),
        ("a dog on a beach", "dog", "a", "a group of"),
        ("old boat on a lake", "boat", "", "two"),
        ("boats on a lake", "boat", "", "a"),
        ("some old boats on a lake", "boat", "some", "one"),
        ("a large group of old boats on a lake", "boat", "a large group of", "a single"),
    ],
)
def test_what_says_the_number(parse, text: str, noun: str, said: str, other: str) -> None:
    parsed = parsed_caption(parse(text))
    (mention,) = (one for one in parsed.mentions.values() if one.noun.lemma == noun)
    quantity = quantity_of(parsed, mention)
    assert quantity is not None
    assert quantity.said == said
    assert other in quantity.others
    assert not said or said not in quantity.others


def test_numbers_differ_at_a_glance() -> None:
    assert other_numbers(2) == (1, 3, 4, 5)
    assert 7 not in other_numbers(6)


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("some children are riding on a train", "one child is riding on a train"),
        ("a group of horses in a field", "a single horse in a field"),
        ("a bunch of zebras out in the wild", "a zebra out in the wild"),
        ("several people fly kites in a field", "a single person flies kites in a field"),
        ("a child is riding on a train", "some children are riding on a train"),
        ("a child is riding on a train", "a group of children are riding on a train"),
        ("a young person on skis", "two young people on skis"),
        ("two people standing on a beach", "several people standing on a beach"),
        ("several people standing on a beach", "two people standing on a beach"),
        ("a stack of pancakes on a plate", "a pancake on a plate"),
        ("a few boats are on a lake", "one boat is on a lake"),
    ],
)
def test_several_become_one_and_one_several(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(CountRule(), factual)


@pytest.mark.parametrize(
    ("factual", "noun"),
    [
        ("a group of people around a table", "person"),
        ("some horses and cows in a field", "horse"),
        ("a plate of some cookies", "cookie"),
        ("some sheep in a field", "sheep"),
        ("sheep in a field", "sheep"),
        ("fish on a healthy reef", "fish"),
        ("pretty young women are eating in a cafe", "woman"),
    ],
)
def test_several_stay_where_one_makes_no_sense(rewrite, factual: str, noun: str) -> None:
    made = rewrite(CountRule(), factual)
    assert not [text for text in made if f"one {noun}" in text or f"single {noun}" in text]
