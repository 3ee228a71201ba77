"""The number of roles that are placeholders for a name."""

from __future__ import annotations

import pytest

from pipeline.edits.apply.proposal import apply
from pipeline.edits.rules.count.rule import CountRule


@pytest.mark.parametrize(
    ("caption", "factual", "counterfactual"),
    [
        (
            "actor attends the premiere",
            "one actor attends the premiere",
            "two actors attend the premiere",
        ),
        (
            "a football player runs on the pitch",
            "one football player runs on the pitch",
            "three football players run on the pitch",
        ),
        (
            "pop artist performing on stage",
            "pop artist performing on stage",
            "two pop artists performing on stage",
        ),
        (
            "tennis player at a tournament",
            "one tennis player at a tournament",
            "four tennis players at a tournament",
        ),
    ],
)
def test_the_number_of_a_placeholder_changes(parse, caption, factual, counterfactual) -> None:
    doc = parse(caption)
    edits = [apply(doc, proposal) for proposal in CountRule().propose(doc)]
    assert (factual, counterfactual) in {(edit.factual, edit.caption) for edit in edits}


@pytest.mark.parametrize(
    "caption",
    [
        "actor as a historical figure",
        "actor attends the premiere with person",
        "football player celebrates scoring a goal",
        "actor and politician attend the premiere",
        "politician delivers a speech",
        "actor in the role of a king",
        "artist of the month",
    ],
)
def test_a_role_that_is_one_persons_own_is_not_counted(rewrite, caption: str) -> None:
    assert rewrite(CountRule(), caption) == []
