"""What the report says, as plain records; :mod:`pipeline.report.page` turns them into HTML.

Every text in here is data from captions, files and models and is shown as text, never read
as markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pipeline.report.gallery_model import Gallery
from pipeline.shards.timings import Effort

INCOMPLETE: Final = "incomplete"
"""A loss that is no reason but this status: the funnel leads to the sets that have it."""


@dataclass(frozen=True, slots=True)
class Loss:
    """How many were lost for one reason."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a funnel.

    Attributes:
        label: What is left here.
        count: How many.
        losses: Why the others of the step before are not here, the most frequent first.
    """

    label: str
    count: int
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class Funnel:
    """From what went in to what was kept."""

    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class KindYield:
    """What became of one kind of counterfactual.

    Attributes:
        kind: Edit kind, or "full".
        proposed: Captions that were proposed.
        captions: Those that the checks on text let through.
        pictures: Those of them with a picture in the shards.
        losses: Refused captions by reason.
        picture_losses: Refused pictures by reason; each candidate counts.
        tokens_in: Language-model tokens read for the kind.
        tokens_out: Language-model tokens written.
        usd: What they cost; None where no price is known.
    """

    kind: str
    proposed: int
    captions: int
    pictures: int
    losses: tuple[Loss, ...] = ()
    picture_losses: tuple[Loss, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float | None = None


@dataclass(frozen=True, slots=True)
class Spending:
    """Language-model tokens of one stage.

    Attributes:
        stage: Who asked.
        model: Who answered.
        tokens_in: Tokens read.
        tokens_out: Tokens written.
        usd: What they cost; None where no price is known.
    """

    stage: str
    model: str
    tokens_in: int
    tokens_out: int
    usd: float | None


@dataclass(frozen=True, slots=True)
class Histogram:
    """How one score is spread over the pictures of one group.

    Attributes:
        group: Edit kind, kind and subkind, "full" or "control".
        kept: Pictures in each bin that were kept.
        refused: Pictures in each bin that were refused.
        least: Lower end of the band; None for no bound.
        most: Upper end of the band; None for no bound.
    """

    group: str
    kept: tuple[int, ...]
    refused: tuple[int, ...]
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class ScoreChart:
    """One score, by group.

    Attributes:
        name: Name of the score.
        meaning: One line about it.
        low: Left end of the first bin.
        high: Right end of the last one.
        histograms: All with the same bins.
        left_out: Groups of too few pictures for a histogram.
    """

    name: str
    meaning: str
    low: float
    high: float
    histograms: tuple[Histogram, ...]
    left_out: int = 0

    @property
    def is_bounded(self) -> bool:
        """Whether a band of this run uses the score."""
        return any(h.least is not None or h.most is not None for h in self.histograms)


@dataclass(frozen=True, slots=True)
class Fact:
    """A line about the run: a label and what it says."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A large number: what it counts, the number, and what it is to be compared with."""

    label: str
    value: str
    note: str


BandOf = Mapping[str, Mapping[str, tuple[float | None, float | None]]]
"""Group of a card, or group and subkind with a dot → score → least and most."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """Everything on the page.

    Attributes:
        name: Name of the run directory.
        fingerprint: Of the run's config: marks that a reader sets belong to it.
        summary: What the run made, in a sentence.
        facts: What it is.
        settings: The resolved config, key and value.
        versions: Of the libraries.
        shards: Finished shards.
        shards_planned: All shards of the run.
        has_pictures: False for a caption-only run.
        figures: The large numbers at the top.
        funnels: Rows, then captions.
        yields: A line for each kind.
        spending: Language-model tokens by stage.
        efforts: Times, as far as they are known.
        charts: A chart for each score; empty for a run without scores.
        bands: As they apply to each group of cards.
        gallery: What the sets look like.
        notes: What a reader must know about the numbers.
    """

    name: str
    fingerprint: str
    summary: str
    facts: tuple[Fact, ...]
    settings: tuple[Fact, ...]
    versions: tuple[Fact, ...]
    shards: int
    shards_planned: int
    has_pictures: bool
    figures: tuple[Figure, ...]
    funnels: tuple[Funnel, ...]
    yields: tuple[KindYield, ...]
    spending: tuple[Spending, ...]
    efforts: tuple[Effort, ...]
    charts: tuple[ScoreChart, ...]
    bands: BandOf
    gallery: Gallery
    notes: tuple[str, ...] = ()
