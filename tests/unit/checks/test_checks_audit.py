"""The arithmetic of the audits, on numbers whose answer is known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pipeline.audit.balance import BalanceCount, EditWords, changed_words
from pipeline.audit.overlap import CaptionIndex, PictureIndex, words_of
from pipeline.audit.pixels import STATISTICS, pixel_statistics
from pipeline.audit.probe import area_under_curve, fit_logistic, probe_pairs
from pipeline.audit.text import TextPair, guess_by_length, guess_by_words


def test_area_under_the_curve_counts_pairs_and_halves_ties() -> None:
    scores, positive = np.array([0.1, 0.4, 0.4, 0.9]), np.array([False, False, True, True])
    pairs = [(p, n) for p in scores[positive] for n in scores[~positive]]
    counted = sum((p > n) + 0.5 * (p == n) for p, n in pairs) / len(pairs)
    assert area_under_curve(scores, positive) == counted


def test_the_logistic_fit_has_no_slope_left() -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(120, 6))
    labels = np.sign(rows[:, :1] + rng.normal(size=(120, 1)))
    weights = fit_logistic(rows, labels)
    slope = rows.T @ (labels / (1 + np.exp(labels * (rows @ weights)))) - weights
    assert np.abs(slope).max() < 1e-3


def test_a_probe_finds_what_is_there_and_nothing_else() -> None:
    rng = np.random.default_rng(2)
    factual, other = rng.normal(size=(2, 150, 10))
    folds = [i % 5 for i in range(150)]
    # One draw of noise may look like something by chance; many of them must not on average.
    nothing = [
        probe_pairs(*rng.normal(size=(2, 150, 10)), folds, features="x", contrast="y")
        for _ in range(12)
    ]
    assert not [probe for probe in nothing if probe.is_marked]
    assert 0.46 < np.mean([probe.auc for probe in nothing]) < 0.54
    other[:, 3] += 1.0
    names = [f"f{i}" for i in range(10)]
    found = probe_pairs(factual, other, folds, features="x", contrast="y", names=names)
    assert found.is_marked
    assert found.telling[0][0] == "f3"
    expected = probe_pairs(factual, other, folds, features="x", contrast="y", is_expected=True)
    assert not expected.is_marked


def test_a_set_is_held_out_with_both_its_pictures() -> None:
    """Pictures that are alike within a set, and random between: nothing can be learned."""
    rng = np.random.default_rng(3)
    content = rng.normal(size=(100, 8))
    factual, other = (content + 1e-3 * rng.normal(size=content.shape) for _ in range(2))
    found = probe_pairs(factual, other, [i % 5 for i in range(100)], features="", contrast="")
    assert not found.is_marked


def test_too_few_sets_for_a_probe() -> None:
    with pytest.raises(ValueError, match="needs 5 sets"):
        probe_pairs(np.ones((3, 2)), np.ones((3, 2)), [0, 1, 2], features="", contrast="")


def test_length_and_words_give_away_what_they_give_away() -> None:
    longer = [TextPair(f"{i}", "count", "a dog", "a dog now") for i in range(40)]
    assert all(g.is_marked and g.accuracy == 1 for g in guess_by_length(longer))
    assert guess_by_words(longer)[0].accuracy == 1
    both = [TextPair(f"{i}", "count", *(("a dog", "a cat")[:: 1 - 2 * (i % 2)])) for i in range(60)]
    assert not any(g.is_marked for g in (*guess_by_length(both), *guess_by_words(both)))


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


def test_near_captions_are_those_that_a_full_comparison_finds() -> None:
    rng = np.random.default_rng(4)
    vocabulary = [f"w{i}" for i in range(14)]
    texts = [" ".join(rng.choice(vocabulary, rng.integers(5, 11))) for _ in range(90)]
    # Some that differ from an indexed one in a word at its end, as edits do.
    texts += [f"{text} {vocabulary[i % 14]}" for i, text in enumerate(texts[:30])]
    index = CaptionIndex([(str(i), text) for i, text in enumerate(texts[:60])])
    found = {text: index.find("x", text) for text in texts[60:]}
    near = 0
    for text, match in found.items():
        known = frozenset(words_of(text))
        best = max(
            len(known & set(words_of(t))) / len(known | set(words_of(t))) for t in texts[:60]
        )
        expected = best >= 0.8 and len(known) >= 5
        assert (match is not None) == (expected or text in texts[:60])
        near += match is not None
    assert near > 5


def test_pictures_within_four_bits_match() -> None:
    index = PictureIndex([("a", 0), ("b", (1 << 64) - 1)])
    found = {
        m.here: m for m in index.find_all([("x", 0b1111), ("y", 0b11111), ("z", (1 << 64) - 1)])
    }
    assert set(found) == {"x", "z"}
    assert found["x"].there == "a"
    assert found["z"].likeness == 1


def test_pixel_statistics_see_a_blur() -> None:
    rng = np.random.default_rng(5)
    sharp = rng.integers(0, 256, (48, 64, 3), dtype=np.uint8)
    soft = ((sharp.astype(int) + np.roll(sharp, 1, 1)) // 2).astype(np.uint8)
    one, other = (
        dict(zip(STATISTICS, pixel_statistics(p, 900), strict=True)) for p in (sharp, soft)
    )
    assert other["sharpness"] < one["sharpness"]
    assert other["steps of 1 px"] < one["steps of 1 px"]
    assert abs(other["red mean"] - one["red mean"]) < 1
    flat = pixel_statistics(np.zeros((16, 16, 3), np.uint8), 300)
    assert np.isfinite(flat).all()
    assert all(a != b for a, b in itertools.pairwise(STATISTICS))
