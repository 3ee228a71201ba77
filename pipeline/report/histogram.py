"""Histograms of scores, counted as a stream in bounded memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pipeline.core.scores import SCORES
from pipeline.report.model import BandOf, Histogram, ScoreChart

FINE_BINS: Final = 4096
"""Bins over a score's whole range while counting; the chart merges them."""

CHART_BINS: Final = 32
"""Most bins of a chart."""

FEWEST: Final = 10
"""Pictures from which a histogram is drawn: fewer are no distribution."""


class ScoreTally:
    """Counts scores by group, kept and refused apart.

    A score outside its range counts at the end of the range.
    """

    __slots__ = ("_bins",)

    def __init__(self) -> None:
        # score → group → (kept, refused), each a count by fine bin
        self._bins: dict[str, dict[str, tuple[dict[int, int], dict[int, int]]]] = {}

    def add(self, score: str, group: str, value: float, *, is_kept: bool) -> None:
        """Count one picture's score; a score of no known name is left out."""
        known = SCORES.get(score)
        if known is None:
            return
        share = (value - known.least) / (known.most - known.least)
        fine = min(FINE_BINS - 1, max(0, int(share * FINE_BINS)))
        groups = self._bins.setdefault(score, {})
        kept, refused = groups.setdefault(group, ({}, {}))
        bins = kept if is_kept else refused
        bins[fine] = bins.get(fine, 0) + 1

    def charts(self, bands: BandOf) -> tuple[ScoreChart, ...]:
        """A chart for each score of enough pictures, in the order of :data:`SCORES`."""
        return tuple(
            _chart(name, large, len(self._bins[name]) - len(large), bands)
            for name in SCORES
            if (large := _large(self._bins.get(name, {})))
        )

    @property
    def is_empty(self) -> bool:
        """Whether no score was counted."""
        return not self._bins


_Groups = Mapping[str, tuple[dict[int, int], dict[int, int]]]


def _large(groups: _Groups) -> _Groups:
    """The groups of which there is a histogram."""
    return {
        group: both
        for group, both in groups.items()
        if sum(sum(bins.values()) for bins in both) >= FEWEST
    }


def _chart(name: str, groups: _Groups, left_out: int, bands: BandOf) -> ScoreChart:
    known = SCORES[name]
    width = (known.most - known.least) / FINE_BINS
    ends = {group: bands.get(group, {}).get(name, (None, None)) for group in groups}
    shown = [fine for both in groups.values() for bins in both for fine in bins]
    # A band that no picture reached is drawn in all the same, unless it is so far off that the
    # bars would shrink to one; then it goes to the end of the chart.
    around = (max(shown) - min(shown)) // 2 + 1
    edges = [
        int((e - known.least) / width) for band in ends.values() for e in band if e is not None
    ]
    near = range(max(0, min(shown) - around), min(FINE_BINS, max(shown) + around))
    shown += [edge for edge in edges if edge in near]
    first, last = min(shown), max(shown)
    step = -(-(last - first + 1) // CHART_BINS)
    count = -(-(last - first + 1) // step)

    def merged(bins: Mapping[int, int]) -> tuple[int, ...]:
        coarse = [0] * count
        for fine, number in bins.items():
            coarse[(fine - first) // step] += number
        return tuple(coarse)

    return ScoreChart(
        name=name,
        meaning=known.meaning,
        low=known.least + first * width,
        high=known.least + (first + step * count) * width,
        histograms=tuple(
            Histogram(group, merged(kept), merged(refused), *ends[group])
            for group, (kept, refused) in sorted(
                groups.items(), key=lambda pair: (ends[pair[0]] == (None, None), pair[0])
            )
        ),
        left_out=left_out,
    )
