from __future__ import annotations

import pytest

from pipeline.core.records import EditKind
from pipeline.text_checks.blind_guess import BlindPair, blind_accuracy, report_blind_accuracy


def pairs(kind: EditKind, right: int, wrong: int, ties: int = 0) -> list[BlindPair]:
    return (
        [BlindPair(kind, 10.0, 12.0)] * right
        + [BlindPair(kind, 12.0, 10.0)] * wrong
        + [BlindPair(kind, 11.0, 11.0)] * ties
    )


def test_accuracy_counts_the_likelier_factual_captions_by_kind() -> None:
    found = blind_accuracy([*pairs(EditKind.SWAP, 9, 1), *pairs(EditKind.OBJECT, 4, 4, ties=2)])
    assert list(found) == [EditKind.OBJECT, EditKind.SWAP]
    assert found[EditKind.SWAP].accuracy == pytest.approx(0.9)
    assert found[EditKind.OBJECT].accuracy == pytest.approx(0.5)
    assert found[EditKind.OBJECT].pairs == 10


def test_the_interval_is_wilsons() -> None:
    """81 of 263: the example of Newcombe (1998), 0.2553 to 0.3662."""
    one = blind_accuracy(pairs(EditKind.COUNT, 81, 182))[EditKind.COUNT]
    assert one.low == pytest.approx(0.2553, abs=1e-4)
    assert one.high == pytest.approx(0.3662, abs=1e-4)


def test_the_report_names_every_kind_and_share() -> None:
    text = report_blind_accuracy(blind_accuracy(pairs(EditKind.ACTION, 3, 1)))
    assert "action" in text
    assert "75.0%" in text


def test_no_pairs_no_lines() -> None:
    assert blind_accuracy([]) == {}
