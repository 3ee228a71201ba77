"""Counts: what the rule makes of a caption, and how it names it."""

from __future__ import annotations

import pytest

from pipeline.edits.rules.count.rule import CountRule


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("tulips in a glass vase", "a single tulip in a glass vase"),
        ("people in the main square", "a single person in the main square"),
        ("happy people walking in the park", "a single happy person walking in the park"),
        ("multiple boats in the harbour", "two boats in the harbour"),
        ("two women drinking coffee in a cafe", "three women drinking coffee in a cafe"),
        ("a boy playing football on the beach", "two boys playing football on the beach"),
        ("puppies sleeping under a blanket", "a single puppy sleeping under a blanket"),
    ],
)
def test_numbers_change(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(CountRule(), factual)


@pytest.mark.parametrize(
    ("factual", "old", "new"),
    [
        ("a young man on the beach", "a man", "two men"),
        ("young woman on the beach", "woman", "two women"),
        ("dogs on the beach", "dogs", "a single dog"),
        ("three boats on a lake", "three boats", "five boats"),
        ("an adobe house in the desert", "a house", "two houses"),
        ("people on the beach", "people", "a single person"),
    ],
)
def test_a_count_is_named_by_number_and_noun(parse, factual: str, old: str, new: str) -> None:
    named = {(p.old, p.new) for p in CountRule().propose(parse(factual))}
    assert (old, new) in named


def test_one_and_a_single_are_both_put_in(rewrite) -> None:
    made = rewrite(CountRule(), "dogs on the beach")
    assert {"a single dog on the beach", "one dog on the beach"} <= set(made)


def test_half_a_thing_is_not_counted(rewrite) -> None:
    assert rewrite(CountRule(), "close up macro photograph of half a lemon .") == []


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("three boats on a lake", "five boats on a lake"),
        ("a squirrel on a bench in a park", "two squirrels on a bench in a park"),
        ("many boats in the harbour", "two boats in the harbour"),
        ("young woman seated on the beach", "two young women seated on the beach"),
        ("drawing of a boy smiling", "drawing of three boys smiling"),
        ("children running on the shoreline", "a single child running on the shoreline"),
        ("people walking on the street", "a single person walking on the street"),
        ("a fox running in the snow", "two foxes running in the snow"),
    ],
)
def test_counts_change(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(CountRule(), factual)


@pytest.mark.parametrize(
    "factual",
    [
        "two weeks ago in the city",
        "the best of the 10 years",
        "a woman in a red dress",
        "a man with his dog",
        "one of the boats",
        "a pair of shoes",
        "friends having fun",
        "a bride and groom in the countryside",
        "senior portraits of person, a student",
        "person is a proud mom",
        "the first tank on white",
        "white rice with chopsticks",
        "red brick wall on the background",
    ],
)
def test_counts_leave_these_alone(rewrite, factual: str) -> None:
    assert rewrite(CountRule(), factual) == []


@pytest.mark.parametrize(
    ("factual", "expected"),
    [
        ("bottle of wine in an engraved box", "two bottles of wine in an engraved box"),
        ("mugs of coffee on a side table", "a single mug of coffee on a side table"),
        ("statues of military commander and person",
         "a single statue of military commander and person"),
        ("athlete warms up during a training session",
         "two athletes warm up during a training session"),
        ("rugby player running during a training session",
         "three rugby players running during a training session"),
        ("actor seen on the streets.", "two actors seen on the streets."),
        ("group of mannequins in a store window", "a single mannequin in a store window"),
        ("unidentified objects in the sky", "a single unidentified object in the sky"),
    ],
)  # fmt: skip
def test_numbers_of_wholes_roles_and_subjects_change(rewrite, factual: str, expected: str) -> None:
    assert expected in rewrite(CountRule(), factual)


@pytest.mark.parametrize(
    "factual",
    [
        "researchers have found that the hair allows the insect to travel",
        "person in action in singles on day",
        "actor and his wife at festival",
        "a bowl of the finest soup",
        "koi swimming in a swirl.",
    ],
)
def test_numbers_that_stay(rewrite, factual: str) -> None:
    assert rewrite(CountRule(), factual) == []


def test_a_bare_plural_says_that_there_are_several(rewrite) -> None:
    assert "boats on a lake" in rewrite(CountRule(), "a boat on a lake")
    made = rewrite(CountRule(), "a fish in a lake")
    assert "two fish in a lake" in made
    assert "fish in a lake" not in made, "one fish may be meant"


@pytest.mark.parametrize(
    "factual",
    [
        # Captions have one of them there, or several.
        "a man on a skateboard jumping over a stairway",
        "a model walks the runway during the show",
        "people gather around a table",
        # Of some of those that are counted something else is said.
        "two youths in coats, one eating and the other laughing",
        "three skiers and two are shaking hands",
        # In a list that is said of all.
        "shoppers and visitors crowd the square",
    ],
)
def test_a_number_that_the_rest_speaks_against_stays(rewrite, factual: str) -> None:
    assert rewrite(CountRule(), factual) == []


@pytest.mark.parametrize(
    "factual",
    [
        "a pediatric nurse does everything for children",
        "children interacting in a playground",
        "flowers in a kaleidoscope",
        "similar houses on a hill",
        "women meeting on a street",
        "people standing in line on a hill",
        "a pilot standing on a beach",
    ],
)
def test_what_holds_in_general_or_of_several_together_stays(rewrite, factual: str) -> None:
    assert not any(c.startswith(("one", "two", "a single")) for c in rewrite(CountRule(), factual))
