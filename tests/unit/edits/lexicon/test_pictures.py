"""Ways in which a picture is made."""

from __future__ import annotations

from pipeline.edits.lexicon.pictures import load_pictures


def test_each_family_labels_its_ways() -> None:
    table = load_pictures()
    found = [style for styles in table.styles.values() for style in styles]
    assert {style.subkind for style in found} == {"technique", "viewpoint"}
    assert table.styles["oil", "painting"][0].behind >= {"of"}


def test_no_way_becomes_itself() -> None:
    styles = load_pictures().styles
    assert len(styles) > 20
    for words, found in styles.items():
        assert all(" ".join(words) not in style.becomes for style in found), words


def test_the_opposite_of_the_opposite_viewpoint_is_the_same_one() -> None:
    opposite = load_pictures().seen_from.opposite
    assert opposite
    for said, other in opposite.items():
        back = opposite[tuple(other.split())]
        assert opposite[tuple(back.split())] == other, said
