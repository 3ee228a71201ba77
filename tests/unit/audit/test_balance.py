"""Which words replace which, and how often back."""

from __future__ import annotations

from pipeline.audit.balance import BalanceCount, EditWords, changed_words


def test_skewed_pairs_are_marked_with_both_directions() -> None:
    edits = [EditWords("object", "man", "woman", True) for _ in range(22)]
    edits += [EditWords("object", "woman", "man", True) for _ in range(3)]
    edits += [EditWords("object", "woman", "man", False) for _ in range(19)]
    edits += [EditWords("object", "dog", "cat", True), EditWords("object", "cat", "dog", True)]
    counted = BalanceCount()
    for edit in edits:
        counted.add(edit)
    balance = counted.balance()
    worst = balance.pairs[0]
    assert (worst.old, worst.new, worst.there, worst.back) == ("man", "woman", 22, 3)
    assert (worst.there_before, worst.back_before) == (22, 22)
    assert worst.is_marked
    assert [p.is_marked for p in balance.pairs] == [True, False]
    words = {s.old: (s.there, s.back) for s in balance.words}
    assert words["man"] == (22, 3)
    assert words["woman"] == (3, 22)


def test_changed_words() -> None:
    assert changed_words("a red dog runs", "a blue dog runs") == ("red", "blue")
    assert changed_words("a dog", "a dog asleep") == ("", "asleep")
    assert changed_words("a a", "a a a") == ("", "a")
