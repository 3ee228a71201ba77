"""Near duplicates in other data."""

from __future__ import annotations

import numpy as np

from pipeline.audit.overlap import CaptionIndex, PictureIndex
from pipeline.core.words import words_of


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
