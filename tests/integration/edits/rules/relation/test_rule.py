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
        ("a man beside a dog wearing sunglasses", "a man far from a dog wearing sunglasses"),
        ("passenger airplane above the clouds", "passenger airplane below the clouds"),
        ("workers standing behind the table", "workers standing in front of the table"),
        ("cat standing in front of a fence", "cat standing behind a fence"),
        ("big mushroom in the basket", "big mushroom next to the basket"),
        ("a squirrel sitting on top of a box", "a squirrel sitting next to a box"),
        ("a man walks down the stairs", "a man walks up the stairs"),
        ("children walking into a building", "children walking out of a building"),
        ("a man is walking towards the house", "a man is walking away from the house"),
        ("men sitting outside a cafe", "men sitting inside a cafe"),
        ("farmer on a hill with cows in the background",
         "farmer on a hill with cows in the foreground"),
        ("white cat looking to the left", "white cat looking to the right"),
        ("a girl is playing outdoors", "a girl is playing indoors"),
        ("the singer performs on stage during festival",
         "the singer performs in front of the stage during festival"),
        ("a girl standing at the top of the stairs", "a girl standing at the bottom of the stairs"),
        ("a woman looking at the camera", "a woman looking away from the camera"),
        ("actor poses on the red carpet", "actor poses next to the red carpet"),
        ("a man holding a sign in his hands", "a man holding a sign above his head"),
        ("a woman with a basket on her head", "a woman with a basket in her hands"),
        ("a girl with a cat on her lap", "a girl with a cat next to her"),
        ("a butterfly on a flower", "a butterfly next to a flower"),
        ("a child on his tricycle", "a child next to his tricycle"),
        ("a car driving on a road", "a car driving next to a road"),
        ("a woman sitting on a rug", "a woman sitting next to a rug"),
        ("people walking to the church", "people walking away from the church"),
    ],
)  # fmt: skip
def test_a_visible_relation_turns_into_one_that_excludes_it(text: str, expected: str) -> None:
    assert expected in captions(RULE, text)


@pytest.mark.parametrize(
    "text",
    [
        "a boat on the lake",
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
        "penny for the guy on a street",
    ],
)
def test_what_is_no_place_or_cannot_change_stays_alone(text: str) -> None:
    found = captions(RULE, text)
    # A boat may still be drawn beside the lake, never under it.
    assert not any(" under " in c or " below " in c for c in found)
    assert not found or "boat" in text


def test_a_girl_who_reads_on_a_chair_is_not_put_under_it_like_her_book() -> None:
    found = captions(RULE, "a girl reading a book sitting on a rocking chair by the fireplace.")
    assert not any("sitting under" in caption for caption in found)


def test_a_bare_stage_gains_its_article_within_the_one_piece() -> None:
    (piece,) = edits(RULE, "person performs on stage")[0].replacements
    assert piece.old == "on"
    assert piece.new.endswith(" the")


def test_a_capital_stays_a_capital() -> None:
    assert captions(RULE, "Cat On A Table") == {"Cat Under A Table", "Cat Next To A Table"}


def test_every_edit_is_one_relation() -> None:
    found = edits(RULE, "two dogs on a bench next to a car in a park")
    assert len(found) > 1
    for edit in found:
        assert edit.kind is EditKind.RELATION
        assert len(edit.replacements) == 1


@pytest.mark.parametrize(
    ("text", "both_true"),
    [
        ("couple sitting under a tree", {"behind", "next to"}),
        ("an old bench next to a wall", {"behind", "in front of"}),
        ("people standing on a street", {"next to"}),
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
