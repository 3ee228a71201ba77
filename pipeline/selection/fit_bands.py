"""Fits bands to pictures that are known to be right or wrong. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from pipeline.config.scores import Band
from pipeline.core.scores import SCORES, Group

RIGHT: Final = "right"
"""Label of a picture that should be kept."""

QUANTILES: Final = (0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
"""Where bounds are tried: the shares of the right pictures that each of them would lose."""

MIN_RIGHT: Final = 12
"""Fewest right pictures of a group from which its bounds can be fitted."""


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """One picture with what was measured of it and whether it is right.

    Attributes:
        group: What it was drawn for.
        scores: Name → value.
        label: "right", or what is wrong with it, such as "no edit".
        unit: What must not be parted when some pictures are held back, such as the anchor.
    """

    group: Group
    scores: Mapping[str, float]
    label: str
    unit: str = ""


_Values = np.ndarray[tuple[int], np.dtype[np.float64]]
_Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


class Bound(NamedTuple):
    """One end of a band."""

    score: str
    is_least: bool
    value: float

    def refuses(self, value: float) -> bool:
        """Whether a picture with this score is refused; the bound itself passes."""
        return value < self.value if self.is_least else value > self.value

    @property
    def reason(self) -> str:
        """The slug of its refusals."""
        return f"image.{self.score}_{'low' if self.is_least else 'high'}"


@dataclass(frozen=True, slots=True)
class FilterResult:
    """How a filter does on labelled pictures.

    Attributes:
        right: Pictures that are right.
        right_kept: Those of them that it keeps.
        wrong: Pictures that are not.
        wrong_kept: Those of them that it keeps all the same.
        kept_by_label: Label → kept and all pictures of it.
    """

    right: int
    right_kept: int
    wrong: int
    wrong_kept: int
    kept_by_label: Mapping[str, tuple[int, int]] = field(default_factory=dict, hash=False)

    @property
    def precision(self) -> float:
        """Share of the kept pictures that are right; 0 where none is kept."""
        kept = self.right_kept + self.wrong_kept
        return self.right_kept / kept if kept else 0.0

    @property
    def recall(self) -> float:
        """Share of the right pictures that are kept; 0 where there are none."""
        return self.right_kept / self.right if self.right else 0.0

    @property
    def before(self) -> float:
        """Share of all pictures that are right: the precision of keeping everything."""
        both = self.right + self.wrong
        return self.right / both if both else 0.0


def fit_bounds(
    pictures: Sequence[LabelledPicture],
    scores: Sequence[str],
    *,
    precision: float,
    min_recall: float,
) -> tuple[Bound, ...]:
    """The bounds that refuse most wrong pictures for the fewest right ones.

    One bound is laid or moved at a time: the one whose wrong refusals outweigh its right ones
    most, until `precision` of what is kept is right, or more would cost so many right pictures
    that less than `min_recall` of them is kept. Bounds lie midway between the last right
    picture that passes and the next value, so that they do not hang on one picture.

    Args:
        pictures: Of one group.
        scores: Names of those that all of them have.
        precision: Wanted share of right pictures among the kept ones.
        min_recall: Smallest share of the right pictures that may be kept.

    Returns:
        At most two bounds a score; none where too few pictures are right or none is wrong.
    """
    right = np.array([picture.label == RIGHT for picture in pictures])
    if right.sum() < MIN_RIGHT or right.all():
        return ()
    values = {name: np.array([p.scores[name] for p in pictures]) for name in scores}
    tried = [bound for name in scores for bound in _candidate_bounds(name, values[name], right)]
    refusals = [_refused(bound, values[bound.score]) for bound in tried]
    chosen: dict[tuple[str, bool], int] = {}
    # One or two pictures are chance, and no reason for a bound.
    fewest = max(2, math.ceil(0.01 * (~right).sum()))
    kept = np.ones(len(pictures), dtype=np.bool_)
    while kept[~right].any() and right[kept].mean() < precision:
        best, best_worth = None, 0.0
        for index, bound in enumerate(tried):
            lost = kept & refusals[index]
            wrong_lost, right_lost = int((lost & ~right).sum()), int((lost & right).sum())
            if wrong_lost < fewest or (kept & right).sum() - right_lost < min_recall * right.sum():
                continue
            # The odds of a refusal against the odds of a picture, with a little doubt.
            worth = wrong_lost / (right_lost + 0.5) * (1 + 0.1 * (_key(bound) in chosen))
            if worth > best_worth:
                best, best_worth = index, worth
        if best is None:
            break
        chosen[_key(tried[best])] = best
        kept &= ~refusals[best]
    return _relax([tried[index] for index in chosen.values()], values, right)


def _relax(
    bounds: Sequence[Bound], values: Mapping[str, _Values], right: _Mask
) -> tuple[Bound, ...]:
    """The bounds moved out as far as they let no further wrong picture in.

    One that refuses no wrong picture which the others pass is dropped: it could only cost right
    ones, here or elsewhere.
    """
    left = list(bounds)
    # Those that do least first: what they leave to the others may let them go altogether.
    for bound in sorted(
        bounds, key=lambda one: (_refused_by_this_alone(one, left, values, right).sum(), one)
    ):
        alone = _refused_by_this_alone(bound, left, values, right)
        place = left.index(bound)
        if not alone.any():
            del left[place]
            continue
        scores = values[bound.score]
        nearest = scores[alone].max() if bound.is_least else scores[alone].min()
        inside = scores[scores > nearest] if bound.is_least else scores[scores < nearest]
        edge = inside.min() if bound.is_least else inside.max()
        left[place] = bound._replace(value=_midway(edge, nearest))
    return tuple(sorted(left))


def _refused_by_this_alone(
    bound: Bound, bounds: Sequence[Bound], values: Mapping[str, _Values], right: _Mask
) -> _Mask:
    """The wrong pictures that this bound refuses and the others do not."""
    found = _refused(bound, values[bound.score]) & ~right
    for other in bounds:
        if other != bound:
            found &= ~_refused(other, values[other.score])
    return found


def _midway(edge: float, beyond: float) -> float:
    """A bound between the last value that passes and the first that does not."""
    return round(float(edge + beyond) / 2, 4)


def _key(bound: Bound) -> tuple[str, bool]:
    return bound.score, bound.is_least


def _candidate_bounds(
    name: str, values: _Values,
    right: _Mask,
) -> list[Bound]:  # fmt: skip
    """Bounds of a score that lose a given share of the right pictures."""
    ordered = np.sort(values[right])
    found = []
    for share in QUANTILES:
        lost = int(share * len(ordered))
        for is_least in (True, False):
            edge = ordered[lost] if is_least else ordered[len(ordered) - 1 - lost]
            beyond = values[values < edge] if is_least else values[values > edge]
            if len(beyond):
                next_value = beyond.max() if is_least else beyond.min()
                found.append(Bound(name, is_least, _midway(edge, next_value)))
    return list(dict.fromkeys(found))


def _refused(bound: Bound, values: _Values) -> _Mask:
    return values < bound.value if bound.is_least else values > bound.value


def evaluate_bounds(pictures: Sequence[LabelledPicture], bounds: Sequence[Bound]) -> FilterResult:
    """What the bounds keep of labelled pictures."""
    by_label: dict[str, list[int]] = {}
    for picture in pictures:
        keeps = not any(bound.refuses(picture.scores[bound.score]) for bound in bounds)
        counts = by_label.setdefault(picture.label, [0, 0])
        counts[0] += keeps
        counts[1] += 1
    right_kept, right = by_label.get(RIGHT, [0, 0])
    kept = sum(counts[0] for counts in by_label.values())
    return FilterResult(
        right=right,
        right_kept=right_kept,
        wrong=len(pictures) - right,
        wrong_kept=kept - right_kept,
        kept_by_label={label: (k, n) for label, (k, n) in sorted(by_label.items())},
    )


def bands_of(bounds: Sequence[Bound]) -> dict[str, Band]:
    """Bounds as a table of bands, in the order of the known scores."""
    found: dict[str, list[float | None]] = {}
    for bound in bounds:
        found.setdefault(bound.score, [None, None])[0 if bound.is_least else 1] = bound.value
    return {name: (found[name][0], found[name][1]) for name in SCORES if name in found}


def common_scores(pictures: Sequence[LabelledPicture]) -> tuple[str, ...]:
    """Scores that every picture has, in the order of the known ones."""
    return tuple(name for name in SCORES if all(name in p.scores for p in pictures))


def bands_toml(table: Mapping[str, Mapping[str, Band]], comments: Sequence[str]) -> str:
    """A bands file: a table for each group, with comments at its head.

    TOML has no null: an open end is written as an infinity.
    """
    lines = [f"# {comment}" for comment in comments]
    for group in sorted(table):
        lines += ["", f"[{_quoted(group)}]"]
        for name, (least, most) in table[group].items():
            low = "-inf" if least is None else f"{least:g}"
            high = "inf" if most is None else f"{most:g}"
            lines.append(f"{name} = [{low}, {high}]")
    return "\n".join(lines) + "\n"


def _quoted(group: str) -> str:
    return f'"{group}"' if "." in group else group
