"""The wording of a contrast."""

from __future__ import annotations

import pytest

from tests.integration.edits.caption_edits import edits, proposals
from tests.integration.edits.rules.negation.both_sides import CONTRAST

pytestmark = pytest.mark.integration


def test_both_wordings_hold_the_same_words() -> None:
    found = edits(CONTRAST, "a dog, seen from above, sitting near a red car")
    assert len(found) > 1
    for edit in found:
        assert edit.subkind == "both_sides"
        words = [
            sorted(side.replace(",", "").replace(" an ", " a ").split())
            for side in (edit.factual, edit.caption)
        ]
        assert words[0] == words[1]


def test_the_wording_keeps_all_of_the_caption() -> None:
    text = "a boy on a horse in winter"
    made = proposals(CONTRAST, text)
    assert made
    for proposal in made:
        assert proposal.wording is not None
        remaining = iter(proposal.wording.text.replace(",", "").split())
        assert [word for word in text.split() if word not in remaining] == []


def test_an_article_is_repaired_on_both_sides() -> None:
    found = edits(CONTRAST, "an elephant eating grass")
    assert any(edit.caption.startswith(("a ", "one ")) for edit in found)
    for edit in found:
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
