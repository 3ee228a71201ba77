from __future__ import annotations

from collections.abc import Iterator

import pytest
from spacy.tokens import Doc

from pipeline.core.records import EditKind, Role
from pipeline.edits.apply.proposal import Proposal
from pipeline.edits.parse.phrases import chunks_by_start
from pipeline.edits.parse.word_tree import word_tree
from pipeline.edits.rules.negation.contrast import ContrastWordings
from pipeline.edits.rules.negation.rule import NegationRule
from tests.integration.edits.caption_edits import edits, proposals

pytestmark = pytest.mark.integration
RULE = NegationRule()


class BothSides:
    """The wordings on both sides alone, also where a bare negation stands before them."""

    name = "negation"
    kind = EditKind.NEGATION

    def __init__(self) -> None:
        self._contrast = ContrastWordings(self.name)

    def propose(self, doc: Doc) -> Iterator[Proposal]:
        words = word_tree(doc)
        return self._contrast.propose(doc, words, chunks_by_start(words))


CONTRAST = BothSides()


def one_sided(text: str) -> set[str]:
    return {edit.caption for edit in edits(RULE, text) if edit.subkind != "both_sides"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a man wearing a hat", "a man not wearing a hat"),
        ("a dog is running on the beach", "a dog is not running on the beach"),
        ("a girl with an umbrella", "a girl without an umbrella"),
        ("there are boats on the lake", "there are no boats on the lake"),
        ("there is a dog in this photo", "there is no dog in this photo"),
        ("a child plays with a ball", "a child does not play with a ball"),
        ("sheep are grazing in a field", "sheep are not grazing in a field"),
        ("the door is open", "the door is not open"),
        ("a bowl filled with fruit", "a bowl not filled with fruit"),
        ("girl in white clothes holds a basket", "girl in white clothes does not hold a basket"),
        (
            "a girl with blue jeans sitting on a pumpkin",
            "a girl with blue jeans not sitting on a pumpkin",
        ),
        ("tomatoes and cucumbers on a plate", "tomatoes without cucumbers on a plate"),
        ("the house has a red roof", "the house does not have a red roof"),
        ("a man in front of a house", "a man not in front of a house"),
        ("man and woman walking near the river", "man and woman not walking near the river"),
        ("a woman in a red dress", "a woman not in a red dress"),
        ("a cat on a sofa", "a cat not on a sofa"),
        ("actor poses with his dog", "actor poses without his dog"),
        ("a girl with a crow on her shoulder", "a girl without a crow on her shoulder"),
    ],
)
def test_a_negation_is_added(text: str, expected: str) -> None:
    assert expected in one_sided(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("portrait of a goat without horns", "portrait of a goat with horns"),
        ("a man without a shirt", "a man with a shirt"),
        ("there are no lights inside the room", "there are lights inside the room"),
        ("a woman not wearing a hat", "a woman wearing a hat"),
        ("it isn't raining on the street", "it is raining on the street"),
    ],
)
def test_a_negation_is_removed(text: str, expected: str) -> None:
    assert expected in one_sided(text)


@pytest.mark.parametrize(
    "text",
    [
        "a house with a view",
        "a girl with blue eyes",
        "a woman with a hat and a scarf",
        "a man with hands on his hips",
        "beauty with or without makeup is nothing to lie about",
        "no celebration is complete without dessert",
        "smiling because it is not raining anymore",
        "handmade wooden wall hanging clock is made from wood",
        "happy man drinking coffee and dancing in the kitchen",
        "what is the dog wearing a hat doing?",
        "you should wear a hat",
        "show up to a date with flowers",
        "there's a dog somewhere in this photo",
        "person stands combine metal and carved wood tops",
        "a child having fun playing with leaves",
        "the living room looks into the family room",
        "he looks dashing in a suit",
        "cricket player plays a shot",
        "a log home filled with rustic charm",
        "views of the water and beach",
        "a group of men and women",
        "salt and pepper shakers",
        "a man on a mission",
        "she speaks for the trees",
        "dried noodles and foods at a market",
        "a hall inside the hotel and casino",
    ],
)
def test_what_is_unseen_doubtful_or_unclear_gets_no_bare_negation(text: str) -> None:
    assert one_sided(text) == set()


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("a man on a horse", ("horse", "on")),
        ("a dog running on the beach", ("dog", "beach", "running")),
        ("a woman holding a cup", ("cup",)),
        ("a red car", ("car", "red")),
        ("a man sitting on a bench", ("sitting", "bench", "on")),
    ],
)
def test_both_sides_deny_something(text: str, phrases: tuple[str, ...]) -> None:
    found = edits(CONTRAST, text)
    assert found
    for edit in found:
        for side in (edit.factual, edit.caption):
            assert any(word in side for word in ("not ", "rather than ", "instead of "))
        said, _, denied = edit.old.partition(", not ")
        assert said in (*phrases, "one")
        assert edit.new == f"{denied}, not {said}"


def test_both_wordings_hold_the_same_words() -> None:
    for edit in edits(CONTRAST, "a dog, seen from above, sitting near a red car"):
        if edit.subkind == "both_sides":
            strip = str.maketrans("", "", ",")
            words = [
                sorted(side.translate(strip).replace(" an ", " a ").split())
                for side in (edit.factual, edit.caption)
            ]
            assert words[0] == words[1]


def test_the_wording_keeps_all_of_the_caption() -> None:
    text = "a boy on a horse in winter"
    for proposal in proposals(CONTRAST, text):
        if proposal.wording is not None:
            remaining = iter(proposal.wording.text.replace(",", "").split())
            assert all(word in remaining for word in text.split())


def test_an_article_is_repaired_on_both_sides() -> None:
    for edit in edits(CONTRAST, "an elephant eating grass"):
        for side in (edit.factual, edit.caption):
            for wrong in (
                " a elephant",
                "an lion",
                "an tiger",
                "an zebra",
                "an giraffe",
                "an bear",
            ):
                assert wrong not in f" {side}"


def test_a_negated_caption_is_not_negated_again() -> None:
    assert not any(e.subkind == "both_sides" for e in edits(RULE, "a dog without a collar"))


def test_ordinals_are_not_contrasted() -> None:
    text = "single beds in a room on the first floor"
    assert not any("floor" in edit.old for edit in edits(CONTRAST, text))


def test_a_camera_that_is_looked_into_is_not_contrasted() -> None:
    for edit in edits(CONTRAST, "a cat looking at a camera"):
        assert "camera" not in edit.old


def test_wordings_are_the_same_every_time() -> None:
    text = "a man on a horse near a red barn"
    assert [e.caption for e in edits(RULE, text)] == [e.caption for e in edits(RULE, text)]


def test_decisive_pieces() -> None:
    for edit in edits(RULE, "a man on a horse near a red barn"):
        decisive = sum(piece.role is Role.EDIT for piece in edit.replacements)
        assert decisive == (2 if edit.subkind == "both_sides" else 1)


@pytest.mark.parametrize(
    "text",
    [
        "actor at the premiere during festival",
        "residents became upset by a plan to remove beavers",
        "a look upstream from a shore",
        "after swimming in the river",
        "actor performs on stage during the summer",
        "woman standing on a wild beach",
        "a person obsessed with lizards",
        "the match was won for the second year running by a club",
    ],
)
def test_what_a_picture_does_not_tell_apart_is_not_contrasted(text: str) -> None:
    assert not any(" not a" in e.factual or "instead of" in e.factual or "rather than" in e.factual
                   for e in edits(CONTRAST, text))  # fmt: skip


def test_a_contrast_does_not_take_what_follows_from_its_noun() -> None:
    for text in ("a man driving a motorcycle with a trailer", "a fox with pink hair in a forest"):
        for edit in edits(CONTRAST, text):
            where = edit.factual.find("rather than")
            assert where < 0 or "sitting" in edit.factual


def test_wordings_on_both_sides_stand_back_where_a_bare_negation_fits() -> None:
    plain = {"man", "woman", "boy", "girl", "farmer", "tourist", "student", "worker", "chef"}
    kinds = [{e.subkind for e in edits(RULE, f"a {who} wearing a hat")} for who in sorted(plain)]
    assert all("one_sided" in kind for kind in kinds)
    assert 0 < sum("both_sides" in kind for kind in kinds) < len(kinds)
    assert {e.subkind for e in edits(RULE, "a red car")} == {"both_sides"}


def test_a_contrast_may_offer_several_denied_things() -> None:
    text = "a dog on a beach"
    one = [p for p in proposals(RULE, text) if p.wording is not None]
    several = [p for p in proposals(NegationRule(3), text) if p.wording is not None]
    assert len(one) == 1
    assert len({p.new for p in several}) == 3
    assert {p.place for p in several} == {one[0].place}
    assert several[0].new == one[0].new


@pytest.mark.parametrize(
    ("text", "adjective"),
    [("a large sign marks the northern end", "large"), ("entertainment in a small yard", "small")],
)
def test_a_quality_is_denied_beside_its_opposite(text: str, adjective: str) -> None:
    (edit,) = [e for e in edits(CONTRAST, text) if e.rule.endswith("quality")]
    denied = edit.new.split(",")[0]
    assert f"{adjective}, not {denied}," in edit.factual
    assert f"{denied}, not {adjective}," in edit.caption


@pytest.mark.parametrize(
    "text",
    [
        "a young woman near a house",
        "yellow, red and large leaves, small stones, and sand",
        "a very large sign at the end",
    ],
)
def test_age_lists_and_degrees_are_not_denied(text: str) -> None:
    assert not [e for e in edits(CONTRAST, text) if e.rule.endswith("quality")]
