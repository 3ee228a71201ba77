"""Relations in space that exclude each other."""

from __future__ import annotations

import pytest

from pipeline.core.records import EditKind
from pipeline.edits.rules.relation.rule import RelationRule
from tests.integration.edits.caption_edits import captions, edits

pytestmark = pytest.mark.integration
RULE = RelationRule()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a rabbit sitting underneath a table.", "a rabbit sitting on a table."),
        ("a cat on the table", "a cat under the table"),
        ("a man walks down the stairs", "a man walks up the stairs"),
        ("men sitting outside a cafe", "men sitting in a cafe"),
        ("farmer on a hill with cows in the background",
         "farmer on a hill with cows in the foreground"),
        ("white cat looking to the left", "white cat looking to the right"),
        ("a girl is playing outdoors", "a girl is playing indoors"),
        ("a child on his tricycle", "a child next to his tricycle"),
        ("a man walking down the street", "a man walking across the street"),
        ("a woman standing in front of a bus", "a woman standing behind a bus"),
        ("a leopard in a tree", "a leopard under a tree"),
        ("monks in a temple", "monks in front of a temple"),
        ("a man and child next to a horse", "a man and child on a horse"),
    ],
)  # fmt: skip
def test_a_visible_relation_turns_into_one_that_excludes_it(text: str, expected: str) -> None:
    assert expected in captions(RULE, text)


@pytest.mark.parametrize(
    "text",
    [
        "a festival on saturday",
        "a couple in love",
        "bridge under construction",
        "fashion over the years",
        "person behind the wheel of a car",
        "a look behind the scenes",
        "woman sits in front of the mirror",
        "the player watches from the bench",
        "you will find a cat on the table",
        "students in school",
        "a man riding on a horse",
        "view over the city",
        "an eagle flying over the mountains",
        "yellow fish swimming in the water",
        "weddings by person on the beach",
        "actor in a pink house and patterned skirt",
        "actor looked down at the photographer",
        "a walk in the park",
        "person was a partner in the building of this playhouse",
        "a frog in rain forest",
        "a man tried to walk across the street",
        "portrait of a woman outdoors in a park",
        "employee and customer in branch",
        "a speeding ambulance in the city",
        "silver ornament on golden a plate",
    ],
)
def test_what_is_no_place_or_cannot_change_stays_alone(text: str) -> None:
    assert captions(RULE, text) == set()


def test_a_girl_who_reads_on_a_chair_is_not_put_under_it_like_her_book() -> None:
    found = captions(RULE, "a girl reading a book sitting on a rocking chair by the fireplace.")
    assert not any("sitting under" in caption for caption in found)


def test_a_capital_stays_a_capital() -> None:
    assert "Cat Under A Table" in captions(RULE, "Cat On A Table")


def test_every_edit_is_one_relation() -> None:
    found = edits(RULE, "a dog is sitting next to a bench, and a cat under a table")
    assert len(found) > 1
    for edit in found:
        assert edit.kind is EditKind.RELATION
        assert len(edit.replacements) == 1


@pytest.mark.parametrize(
    ("text", "both_true"),
    [
        # With two relations in a row only one that leaves the other alone is changed.
        ("two dogs on a bench next to a car in a park", {"in", "next to"}),
        ("couple sitting under a tree", {"behind", "next to"}),
        ("an old bench next to a wall", {"behind", "in front of"}),
        ("a man on a bed", {"behind"}),
        ("a girl sitting on a sofa in front of a tree", {"in front of"}),
        ("a boy hiding behind a tree", {"in front of"}),
        ("an old man sitting on a bench", {"under"}),
        ("seamless pattern with birds in the forest", {"in front of", "outside"}),
        ("an eagle perches on a tree", {"next to", "under"}),
        ("police officers stand guard at the airport", {"outside"}),
        ("people waiting at the stadium", {"outside"}),
        ("soldiers standing guard in the house", {"outside"}),
        ("a house in the fields", {"next to"}),
        ("a cottage in a meadow", {"next to"}),
        ("a woman relaxing on the beach", {"far from"}),
        ("a man sitting near the shore", {"far from"}),
        ("a red car with mountains in the background", {"foreground"}),
    ],
)
def test_no_relation_turns_into_one_that_may_hold_as_well(text: str, both_true: set[str]) -> None:
    assert not both_true & {edit.new for edit in edits(RULE, text)}
