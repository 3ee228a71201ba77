"""Nouns in groups: what contradicts itself is an error, and no exchange leaves its kind."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.errors import ConfigError
from pipeline.edits.lexicon import load_lexicon
from pipeline.edits.lexicon.files import read_table
from pipeline.edits.lexicon.objects import NounGroups, Nouns, read_nouns

NOUNS = load_lexicon().nouns


def nouns(**groups: dict[str, Any]) -> Nouns:
    tables = {name: {"class": "animal", **entry} for name, entry in groups.items()}
    return read_nouns(read_table("objects", tables, NounGroups).root)


def test_a_noun_is_found_by_each_form_and_exchanged_within_its_group() -> None:
    found = nouns(
        pets={"members": ["dog", "cat"], "sources": ["puppy"], "kin": [["dog", "puppy"]]},
        farm={"fixed": ["cow"], "also": ["cat"]},
    )
    assert found.forms["dogs"] == (found.by_lemma["dog"], True)
    assert [n.lemma for n in found.exchanges(found.by_lemma["dog"])] == ["cat"]
    assert [n.lemma for n in found.exchanges(found.by_lemma["puppy"])] == ["cat"]
    assert list(found.exchanges(found.by_lemma["cow"])) == []


@pytest.mark.parametrize(
    ("groups", "says"),
    [
        ({"pets": {"members": ["dog"]}, "beasts": {"members": ["dog"]}},
         r"\[beasts\] 'dog' is in \[pets\] too"),
        ({"pets": {"members": ["dog"], "kin": [["dog", "puppyy"]]}}, r"\[pets\].*puppyy"),
        ({"pets": {"members": ["dog"], "mass": ["hay"]}}, r"pets.*hay"),
        ({"pets": {"members": ["cat"], "singly": ["dog"]}}, r"\[pets\].*dog"),
        ({"pets": {"members": ["cat"], "bars": {"dog": ["water"]}}}, r"\[pets\].*dog"),
        ({"pets": {"members": ["cat"], "bars": ["dog"]}}, r"\[pets\].*bars.*dog"),
    ],
)  # fmt: skip
def test_a_contradiction_is_an_error(groups: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        nouns(**groups)


@pytest.mark.parametrize(
    ("one", "other"),
    [("dog", "puppy"), ("car", "taxi"), ("boat", "sailboat"), ("beach", "shore"),
     ("sofa", "couch"), ("fall", "autumn"), ("coffee", "tea"), ("tree", "palm tree")],
)  # fmt: skip
def test_things_that_resemble_or_include_each_other_are_never_exchanged(
    one: str, other: str
) -> None:
    assert other not in {noun.lemma for noun in NOUNS.exchanges(NOUNS.by_lemma[one])}
    assert one not in {noun.lemma for noun in NOUNS.exchanges(NOUNS.by_lemma[other])}


def test_every_exchange_keeps_number_and_mass() -> None:
    pairs = [(n, other) for n in NOUNS.by_lemma.values() for other in NOUNS.exchanges(n)]
    assert len(pairs) > 1000
    for noun, other in pairs:
        assert other.mass == noun.mass
        assert other.lemma != noun.lemma


def test_what_is_only_replaced_comes_back_but_not_in_the_place_of_what_resembles_it() -> None:
    found = nouns(
        pets={
            "members": ["dog", "cat"],
            "sources": ["puppy", "terrier", "parrot"],
            "kin": [["dog", "puppy", "terrier"]],
        },
        birds={"sources": ["bird", "sea bird"], "also": ["cat"]},
    )

    def returns(lemma: str) -> set[str]:
        return {noun.lemma for noun in found.returns(found.by_lemma[lemma])}

    assert returns("cat") == {"puppy", "terrier", "parrot", "bird", "sea bird"}
    assert returns("dog") == {"parrot"}
    assert returns("puppy") == {"parrot"}
    assert returns("bird") == set()


def test_people_do_not_come_back_for_a_tourist_may_be_a_pedestrian() -> None:
    assert NOUNS.returns(NOUNS.by_lemma["tourist"]) == ()
