"""Ways in which a picture is made."""

from __future__ import annotations

from pipeline.edits.lexicon.pictures import load_pictures


def test_each_family_labels_its_ways() -> None:
    table = load_pictures()
    assert {(way.subkind, way.ends) for ways in table.ways.values() for way in ways} == {
        ("technique", False), ("technique", True), ("viewpoint", False), ("viewpoint", True),
    }  # fmt: skip
    assert table.ways["oil", "painting"][0].behind >= {"of"}


def test_no_way_becomes_itself() -> None:
    ways = load_pictures().ways
    assert len(ways) > 20
    for words, found in ways.items():
        assert all(" ".join(words) not in way.becomes for way in found), words


def test_the_opposite_of_the_opposite_viewpoint_is_the_same_one() -> None:
    opposite = load_pictures().seen_from.opposite
    assert opposite
    for said, other in opposite.items():
        back = opposite[tuple(other.split())]
        assert opposite[tuple(back.split())] == other, said
