"""The wording of a contrast."""

from __future__ import annotations

import pytest

from tests.integration.edits.caption_edits import edits, proposals
from tests.integration.edits.rules.negation.both_sides import CONTRAST

pytestmark = pytest.mark.integration


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
