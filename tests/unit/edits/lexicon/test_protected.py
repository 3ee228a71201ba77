"""Protected phrases, found on whole words, the longest first."""

from __future__ import annotations

from pipeline.edits.lexicon.files import read_table
from pipeline.edits.lexicon.protected import Protected


def test_phrases_are_found_in_both_numbers_the_longest_first() -> None:
    table = {
        "placeholders": "person | film | film\n character", "everyday": "film",
        "frozen": "hot dog | santa's hat | lone", "unreal": "toy", "unseen": "love",
    }  # fmt: skip
    found = read_table("protected", table, Protected)
    words = ["two", "hot", "dogs", "and", "a", "film", "character", "of", "films"]
    assert list(found.find(found.frozen, words)) == [(1, 3)]
    # "films" is an everyday word, but a phrase's plural is still a stand-in.
    assert list(found.find(found.placeholders, words)) == [(5, 7)]
    assert list(found.find(found.placeholders, ["film", "characters"])) == [(0, 2)]
    assert list(found.find(found.frozen, ["a", "santa", "'s", "hat"])) == [(1, 4)]
    assert "lone" not in found.frozen
