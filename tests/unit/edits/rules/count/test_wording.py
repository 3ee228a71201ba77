"""The factual wording with "one", and numbers that differ at a glance."""

from __future__ import annotations

import pytest

from pipeline.edits.apply.proposal import apply
from pipeline.edits.apply.select import PlaceLimit
from pipeline.edits.parse.parsed_caption import parsed_caption
from pipeline.edits.rules.count.rule import CountRule


def test_a_numeral_goes_up_as_readily_as_down(parse) -> None:
    doc = parse("four boats on a lake")
    assert parsed_caption(doc).tags[0] == "CD"
    smaller = {"one", "two", "three"}
    proposals = list(CountRule().propose(doc))
    down = sum(p.weight for p in proposals if p.pieces[0].text in smaller)
    up = sum(p.weight for p in proposals if p.pieces[0].text not in smaller)
    assert down == pytest.approx(up)


@pytest.mark.parametrize(
    ("caption", "factual", "counterfactual"),
    [
        ("a dog on the beach", "one dog on the beach", "two dogs on the beach"),
        ("A dog runs on the beach", "One dog runs on the beach", "Two dogs run on the beach"),
        (
            "an old boat near an island",
            "one old boat near an island",
            "two old boats near an island",
        ),
        ("old boat on a lake", "one old boat on a lake", "two old boats on a lake"),
    ],
)
def test_several_replace_the_wording_with_one(parse, caption, factual, counterfactual) -> None:
    """The number alone must not tell which caption is the factual one."""
    doc = parse(caption)
    made = {
        (edit.factual, edit.caption, edit.old.split()[0])
        for edit in (apply(doc, proposal) for proposal in CountRule().propose(doc))
    }
    assert (factual, counterfactual, "one") in made


def test_both_wordings_of_a_count_are_of_one_place(parse) -> None:
    doc = parse("a dog on the beach")
    limit = PlaceLimit()
    proposals = list(CountRule().propose(doc))
    assert {p.wording is None for p in proposals} == {True, False}
    limit.keep(proposals[0])
    assert not any(limit.allows(p) for p in proposals)


@pytest.mark.parametrize(
    ("caption", "some"),
    [
        ("a boat on a lake", "boats on a lake"),
        ("A young man sits on a bench in the park.", "Young men sit on a bench in the park."),
        ("A hot dog on a plate", "Hot dogs on a plate"),
        ("young woman walking on a beach", "young women walking on a beach"),
        ("person attends the premiere", "people attend the premiere"),
    ],
)
def test_one_becomes_some_and_some_become_one(parse, rewrite, caption: str, some: str) -> None:
    assert some in rewrite(CountRule(), caption)
    back = rewrite(CountRule(), some)
    assert any(one.lower().startswith(("a ", "an ")) for one in back)
