"""Which of the neutral variants of a caption are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from spacy.tokens import Doc

from pipeline.core.records import Anchor, FullCaption, NeutralCaption
from pipeline.edits.apply.case import plain_text
from pipeline.edits.complete.vocabulary import Vocabulary
from pipeline.edits.neutral.writer import rewordings, write_neutral

CAPTION = "A man and a woman are sitting on a sofa."


@pytest.fixture
def write(parse: Callable[[str], Doc]) -> Callable[..., list[str]]:
    def texts(caption: str = CAPTION, most: int = 8, name: str = "a", **wishes: Any) -> list[str]:
        anchor = Anchor(name, caption, caption, "cc_tsv", "a:1")
        given = {"run_seed": 0} | wishes
        return [
            one.caption for one in write_neutral(parse(plain_text(caption)), anchor, most, **given)
        ]

    return texts


def test_no_more_than_wanted_each_of_another_rule_where_there_are(parse, write) -> None:
    all_of_it = write()
    # "Two joined by and" is no subject whose "are" may go.
    assert set(all_of_it) == {
        "A woman and a man are sitting on a sofa.",
        "A man and a woman are sitting on a couch.",
    }
    assert write(most=1) == all_of_it[:1]
    assert write(most=0) == []
    rules = [one.rule for one, _ in rewordings(parse(CAPTION))]
    assert len(rules) == len(set(rules)) == 2 or "synonym" in rules


def test_equal_seeds_give_equal_variants_and_rare_forms_are_rare(write) -> None:
    assert write(run_seed=3) == write(run_seed=3)
    drawn = [write("a dog on the grass", name=str(number)) for number in range(600)]
    there = sum("there is a dog on the grass" in texts for texts in drawn)
    assert 5 <= there <= 45, "0.035 of them"


def test_what_means_something_else_in_the_set_is_never_neutral(write) -> None:
    taken = "A woman and a man are sitting on a sofa."
    assert write(taken=[FullCaption(taken, "rules")]) == [
        "A man and a woman are sitting on a couch."
    ]


def test_a_small_vocabulary_keeps_strange_words_out(write) -> None:
    assert write(vocabulary=Vocabulary(frozenset({"dog"}))) == [
        "A woman and a man are sitting on a sofa."
    ]


def test_capitals_are_kept(write) -> None:
    assert write("A MAN AND A WOMAN ARE STANDING") == ["A WOMAN AND A MAN ARE STANDING"]


def test_captions_that_describe_nothing_have_none(write) -> None:
    for caption in ("how to hold a cat and a dog", "find a sofa near your home"):
        assert write(caption) == []


def test_a_variant_knows_its_kind() -> None:
    assert NeutralCaption("a dog", "clause.there").kind == "clause"
    with pytest.raises(ValueError, match="needs a caption"):
        NeutralCaption(" ", "synonym")
