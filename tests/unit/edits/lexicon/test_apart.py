"""Words that captions hardly hold together."""

from __future__ import annotations

from pipeline.edits.lexicon.apart import Apart, load_apart


def test_a_group_is_asked_where_too_little_is_known_of_a_word() -> None:
    apart = Apart(
        captions=100,
        counts={"bed": 20, "@beds": 30, "beach": 20, "cot": 1, "pier": 1, "@shores": 30},
        words={"beach": frozenset({"bed"}), "@beds": frozenset({"@shores", "beach"})},
    )
    assert apart.keeps_apart(["bed"], ["beach"])
    assert apart.keeps_apart(["beach"], ["bed"])
    assert apart.keeps_apart(["cot", "@beds"], ["beach", "@shores"])
    assert apart.keeps_apart(["cot", "@beds"], ["pier", "@shores"])
    assert not apart.keeps_apart(["cot"], ["pier"])
    # Of both words much is known, and nothing against them: the groups do not count.
    known = apart.model_copy(update={"words": {"@beds": frozenset({"@shores"})}})
    assert not known.keeps_apart(["bed", "@beds"], ["beach", "@shores"])


def test_what_is_shipped_knows_what_is_never_seen_together() -> None:
    apart = load_apart()
    assert apart.keeps_apart(["zebra", "@big_wild_animals"], ["kitchen", "@rooms"])
    assert apart.keeps_apart(["bed", "@table_and_bed"], ["beach", "@seaside_and_ground"])
    assert not apart.keeps_apart(["dog", "@pets"], ["sofa", "@seats"])
