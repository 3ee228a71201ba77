"""Whether a classifier that is trained on captions alone finds the counterfactual one.

The yardstick for "no shortcut": it reads no picture, and is judged on sets that it was not
trained on. Guesses that nobody trained (length, a language model's likelihood) miss what a
model learns from the data themselves, such as a word that only ever comes in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pipeline.audit.text import FOLDS, LEAK, LEAST_PAIRS, Z_999, TextPair, fold_of
from pipeline.core.errors import ConfigError
from pipeline.core.words import words_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

Reader = Callable[[str], list[str]]
"""What a probe reads of a caption: its features, one string for each time that one occurs."""

PENALTY: Final = 1.0
"""Inverse strength of the squared penalty on the coefficients, scikit-learn's default."""

LEAST_OF_SUBKIND: Final = 50
"""Pairs that a subkind needs for a line of its own."""

RESAMPLES: Final = 1000
TELLING: Final = 6

CHARACTERS: Final = (2, 5)
"""Shortest and longest run of characters that :func:`characters` reads."""

BY_WEIGHT: Final = "by weight"
"""Said of a probe for which every edit counts by its weight."""

LENGTHS: Final = 20.0
"""Characters that count as one unit of length, so that it weighs as a word does."""


@dataclass(frozen=True, slots=True)
class CaptionProbe:
    """How often a trained probe finds the counterfactual of two captions.

    Attributes:
        features: What it reads.
        kind: Edit kind, "full", or "all".
        subkind: Finer label; empty for the whole kind.
        pairs: Pairs of captions.
        accuracy: Share of held-out pairs that it gets right, in [0, 1]; a tie counts half.
        low: Lower end of the 95 % interval, by resampling sets (Efron, 1979).
        high: Upper end.
        is_marked: Whether it is far above half, and not by chance.
        telling: The features that weigh most, with their sign: above zero, it marks the
            counterfactual.
    """

    features: str
    kind: str
    subkind: str
    pairs: int
    accuracy: float
    low: float
    high: float
    is_marked: bool
    telling: tuple[tuple[str, float], ...] = ()


def words_and_pairs(caption: str) -> list[str]:
    """Words and pairs of neighbouring words, with the ends of the caption."""
    words = ["^", *words_of(caption), "$"]
    return words[1:-1] + [f"{one} {two}" for one, two in zip(words, words[1:], strict=False)]


def characters(caption: str) -> list[str]:
    """Runs of two to five characters, punctuation, capitals and spaces among them."""
    text = f" {caption} "
    low, high = CHARACTERS
    return [text[i : i + n] for n in range(low, high + 1) for i in range(len(text) - n + 1)]


def probe_captions(
    pairs: Sequence[TextPair],
    read: Reader = words_and_pairs,
    *,
    features: str = "words, word pairs, length",
    has_length: bool = True,
) -> list[CaptionProbe]:
    """Train and judge a probe for each kind, the commoner subkinds, and all kinds together.

    The same for the same pairs. A set is never on both sides of a split. Where pairs have
    weights, every probe is trained and judged a second time by them, as a training is that
    heeds them.

    Args:
        pairs: Factual wordings and their counterfactuals.
        read: What the probe reads of a caption.
        features: What that is, for the result.
        has_length: Whether it is also told the numbers of words and characters.

    Raises:
        ConfigError: scikit-learn is not installed.
    """
    groups: dict[tuple[str, str], list[TextPair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.kind, ""].append(pair)
        if pair.subkind:
            groups[pair.kind, pair.subkind].append(pair)
    lines = []
    for (kind, subkind), found in sorted(groups.items()):
        is_whole = len(found) == len(groups[kind, ""])
        if subkind and (is_whole or len(found) < LEAST_OF_SUBKIND):
            continue
        lines += _probes(found, read, features, (kind, subkind), has_length)
    if sum(not subkind for _, subkind in groups) > 1:
        lines += _probes(pairs, read, features, ("all", ""), has_length)
    return lines


def _probes(
    pairs: Sequence[TextPair],
    read: Reader,
    features: str,
    name: tuple[str, str],
    has_length: bool,
) -> list[CaptionProbe]:
    """The line of one group of pairs, and one by weight where some weigh less than others."""
    weights = np.array([pair.weight for pair in pairs])
    lines = _probe(pairs, read, features, name, has_length, np.ones(len(pairs)))
    if weights.min() < 1:
        lines += _probe(pairs, read, f"{features}, {BY_WEIGHT}", name, has_length, weights)
    return lines


def _probe(
    pairs: Sequence[TextPair],
    read: Reader,
    features: str,
    name: tuple[str, str],
    has_length: bool,
    weights: NDArray[np.float64],
) -> list[CaptionProbe]:
    """The line of one group of pairs; none where there are too few sets to hold some out."""
    sets = sorted({pair.anchor_id for pair in pairs})
    folds = np.array([fold_of(pair.anchor_id) for pair in pairs])
    if len(sets) < LEAST_PAIRS or len(set(folds)) < FOLDS:
        return []
    rows, names = _differences(pairs, read, has_length)
    points = np.zeros(len(pairs))
    for fold in range(FOLDS):
        out = folds == fold
        scores = rows[out] @ _fit(rows[~out], weights[~out])
        # Rounded, so that a tie is one whatever the order of the sum.
        points[out] = (1 + np.sign(np.round(scores, 9))) / 2
    numbers = {key: number for number, key in enumerate(sets)}
    of_set = np.array([numbers[pair.anchor_id] for pair in pairs])
    drawn = _resampled(points, weights, of_set, len(sets))
    low, high = np.quantile(drawn, (0.025, 0.975))
    accuracy = float(np.average(points, weights=weights))
    beyond = accuracy - Z_999 * float(drawn.std())
    telling = _fit(rows, weights)
    first = np.argsort(-np.abs(telling), kind="stable")[:TELLING]
    return [
        CaptionProbe(
            features, *name, len(pairs), accuracy, float(low), float(high),
            bool(accuracy >= 0.5 + LEAK and beyond > 0.5),
            tuple((names[i], round(float(telling[i]), 2)) for i in first),
        )
    ]  # fmt: skip


def _differences(
    pairs: Sequence[TextPair], read: Reader, has_length: bool
) -> tuple[csr_matrix, list[str]]:
    """(pairs, features) counts in the counterfactual less those in the factual wording."""
    vectorizer_of = _sklearn()[0]
    vectorizer = vectorizer_of(analyzer=read, dtype=np.float64)
    texts = [pair.factual for pair in pairs] + [pair.caption for pair in pairs]
    counts = vectorizer.fit_transform(texts)
    rows = (counts[len(pairs) :] - counts[: len(pairs)]).tocsr()
    rows.eliminate_zeros()
    names = list(vectorizer.get_feature_names_out())
    if has_length:
        from scipy.sparse import csr_matrix as matrix
        from scipy.sparse import hstack

        lengths = [
            [
                len(words_of(pair.caption)) - len(words_of(pair.factual)),
                (len(pair.caption) - len(pair.factual)) / LENGTHS,
            ]
            for pair in pairs
        ]
        rows = hstack([rows, matrix(np.array(lengths, dtype=np.float64))]).tocsr()
        names += ["(more words)", "(longer)"]
    return rows, names


def _fit(rows: csr_matrix, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coefficients of a logistic regression that takes each difference with either sign."""
    from scipy.sparse import vstack

    _, regression = _sklearn()
    both = vstack([rows, -rows])
    sides = np.repeat([1, 0], rows.shape[0])
    # The problem is symmetric, so that it has no intercept to fit.
    model = regression(C=PENALTY, fit_intercept=False, solver="liblinear", random_state=0)
    found = model.fit(both, sides, sample_weight=np.concatenate([weights, weights]))
    return np.asarray(found.coef_[0], dtype=np.float64)


def _resampled(
    points: NDArray[np.float64],
    weights: NDArray[np.float64],
    of_set: NDArray[np.int64],
    sets: int,
) -> NDArray[np.float64]:
    """Accuracies of as many sets drawn with replacement, over and over."""
    right = np.bincount(of_set, weights=points * weights, minlength=sets)
    pairs = np.bincount(of_set, weights=weights, minlength=sets)
    chosen = np.random.default_rng(0).integers(0, sets, (RESAMPLES, sets))
    return np.asarray(right[chosen].sum(axis=1) / pairs[chosen].sum(axis=1))


def _sklearn() -> tuple[type, type]:
    """The vectorizer and the regression."""
    try:
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise ConfigError(
            "the trained probe of captions needs scikit-learn; pip install 'counterfactory[audit]'"
        ) from error
    return CountVectorizer, LogisticRegression
