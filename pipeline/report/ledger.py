"""The ledger: what became of every row, caption and picture, by kind and reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.core.scores import CONTROL
from pipeline.core.truth import has_own_picture
from pipeline.report.histogram import ScoreTally
from pipeline.report.model import INCOMPLETE, Funnel, KindYield, Loss, ScoreChart, Spending, Step
from pipeline.report.run_facts import RunFacts
from pipeline.shards.columns import SCORE_PREFIX, Value, read_columns, score_names
from pipeline.shards.counts import ShardCounts
from pipeline.shards.layout import RunLayout

SOURCE_AREA = "source."
PICTURE_AREA = "image."
FULL = "full"
UNKNOWN = "unknown"

_COLUMNS = ("item", "status", "variant", "kind", "subkind", "reason")


@dataclass(slots=True)
class KindCount:
    """Counts of one kind while they grow."""

    captions: int = 0
    pictures: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    pictures_refused: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Anchor:
    """The rows of one anchor while they are read."""

    is_made: bool = False
    groups: dict[str, tuple[str, str]] = field(default_factory=dict)  # variant → kind, subkind
    drawn: set[str] = field(default_factory=set)
    why: dict[str, str] = field(default_factory=dict)  # variant → reason of its last refusal
    lost: dict[str, str] = field(default_factory=dict)  # variant → kind, of refused pictures


class Ledger:
    """Adds up sidecars, one row after the other, in bounded memory."""

    def __init__(self, record: RunFacts) -> None:
        self._record = record
        self.kinds: defaultdict[str, KindCount] = defaultdict(KindCount)
        self.controls_refused: Counter[str] = Counter()
        self.missing: Counter[str] = Counter()
        self.complete = 0
        self._scores = ScoreTally()
        self._subkinds = {name for name in record.band_table if "." in name}
        self._groups: set[str] = set()
        self._anchor = _Anchor()

    def add_sidecar(self, path: Path) -> None:
        """Count every row of a shard.

        Raises:
            ShardCorruptError: The sidecar is missing or damaged.
        """
        scores = score_names(path)
        for values in read_columns(path, (*_COLUMNS, *(SCORE_PREFIX + s for s in scores))):
            measured = dict(zip(scores, values[len(_COLUMNS) :], strict=True))
            self._add(values[: len(_COLUMNS)], measured)
        self._close()

    def _add(self, values: tuple[Value, ...], scores: Mapping[str, Value]) -> None:
        item, status, variant, kind, subkind, reason = (
            None if value is None else str(value) for value in values
        )
        is_made = status == "made"
        if item == "anchor":
            self._close()
            self._anchor = _Anchor(is_made)
        elif item in {"edit", "full"}:
            group = FULL if item == "full" else kind or UNKNOWN
            if is_made:
                self.kinds[group].captions += 1
                self._anchor.groups[variant or ""] = (group, subkind or "")
            else:
                self.kinds[group].refused[reason or UNKNOWN] += 1
        elif item == "image":
            self._add_picture(variant or "", kind, is_made, reason or UNKNOWN)
            self._add_scores(variant or "", kind, is_made, scores)

    def _group(self, variant: str, kind: str | None) -> tuple[str, str]:
        if variant == CONTROL:
            return CONTROL, ""
        whole = FULL if variant.startswith(FULL) else UNKNOWN
        return self._anchor.groups.get(variant, (kind or whole, ""))

    def _add_picture(self, variant: str, kind: str | None, is_made: bool, reason: str) -> None:
        group, _ = self._group(variant, kind)
        if group == CONTROL:
            if not is_made:
                self.controls_refused[reason] += 1
        elif is_made:
            self.kinds[group].pictures += 1
            self._anchor.drawn.add(variant)
        else:
            self.kinds[group].pictures_refused[reason] += 1
            self._anchor.why[variant] = reason
            self._anchor.lost[variant] = group

    def _add_scores(
        self, variant: str, kind: str | None, is_made: bool, scores: Mapping[str, Value]
    ) -> None:
        group, subkind = self._group(variant, kind)
        # Where a band is for a subkind, it has a histogram of its own.
        label = f"{group}.{subkind}" if f"{group}.{subkind}" in self._subkinds else group
        for name, value in scores.items():
            if isinstance(value, int | float) and value == value:  # a NaN is no score
                self._groups.add(label)
                self._scores.add(name, label, float(value), is_kept=is_made)

    def _close(self) -> None:
        """Count what is known of an anchor only after its last row."""
        anchor, self._anchor = self._anchor, _Anchor()
        if not anchor.is_made:
            # Captions of a set that was rejected for its pictures: they have no rows of their
            # own, but their refused pictures do.
            for variant, kind in anchor.lost.items():
                self.kinds[kind].captions += 1
                self.missing[anchor.why[variant]] += 1
            return
        shown = {name for name, (kind, _) in anchor.groups.items() if has_own_picture(kind)}
        lacking = shown - anchor.drawn
        self.complete += not lacking
        self.missing.update(anchor.why.get(variant, "not drawn") for variant in lacking)
        if shares := len(anchor.groups) - len(shown):
            self.missing["shares the factual picture"] += shares

    @property
    def has_scores(self) -> bool:
        """Whether a picture was measured."""
        return not self._scores.is_empty

    def charts(self) -> tuple[ScoreChart, ...]:
        """Score histograms with the bands of the run."""
        bands = {
            label: self._record.bands(*label.split(".", 1)) if "." in label
            else self._record.bands(label)
            for label in self._groups
        }  # fmt: skip
        return self._scores.charts(bands)


def losses(reasons: Mapping[str, int]) -> tuple[Loss, ...]:
    """Reasons with their counts, the most frequent first."""
    ordered = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Loss(reason, count) for reason, count in ordered if count)


def row_funnel(counts: ShardCounts, ledger: Ledger, *, has_pictures: bool) -> Funnel:
    """From source rows to sets, with what was lost on the way to each step."""

    def area(*, of_source: bool, of_pictures: bool) -> dict[str, int]:
        return {
            reason: count
            for reason, count in counts.rejected.items()
            if reason.startswith(SOURCE_AREA) == of_source
            and reason.startswith(PICTURE_AREA) == of_pictures
        }

    source = area(of_source=True, of_pictures=False)
    text = area(of_source=False, of_pictures=False)
    pictures = area(of_source=False, of_pictures=True)
    readable = counts.rows - sum(source.values())
    edited = readable - sum(text.values())
    steps = [
        Step("rows read", counts.rows),
        Step("usable anchors", readable, losses(source)),
        Step("anchors with counterfactual captions", edited, losses(text)),
    ]
    if has_pictures:
        steps.append(Step("sets kept, with pictures", counts.samples, losses(pictures)))
        short = Counter({INCOMPLETE: counts.samples - ledger.complete})
        steps.append(Step("complete sets: every caption has one", ledger.complete, losses(short)))
    return Funnel("Rows become sets", tuple(steps))


def caption_funnel(yields: Iterable[KindYield], ledger: Ledger, *, has_pictures: bool) -> Funnel:
    """From proposed captions to captions with a picture."""
    kinds = list(yields)
    refused: Counter[str] = Counter()
    for kind in kinds:
        refused.update({loss.reason: loss.count for loss in kind.losses})
    steps = [
        Step("captions proposed", sum(kind.proposed for kind in kinds)),
        Step("captions accepted", sum(kind.captions for kind in kinds), losses(refused)),
    ]
    if has_pictures:
        pictured = sum(kind.pictures for kind in kinds)
        steps.append(Step("captions with a picture", pictured, losses(ledger.missing)))
    return Funnel("Captions become pairs", tuple(steps))


def answer_funnels(counts: ShardCounts) -> tuple[Funnel, ...]:
    """What became of what a language model was asked and of what it wrote; none without one."""
    said = counts.answers
    if not said.asked:
        return ()
    asked = (
        Step("captions asked about", said.asked),
        Step("answers read", said.read + said.repaired, losses(said.lost)),
        Step("answers read at once", said.read, losses({"asked again": said.repaired})),
    )
    refused = sum(said.refused.values())
    wrote = (
        Step("counterfactuals checked", said.kept + refused),
        Step("counterfactuals kept", said.kept, losses(said.refused)),
    )
    title = "A language model's"
    return Funnel(f"{title} answers", asked), Funnel(f"{title} counterfactuals", wrote)


def kind_yields(
    counts: ShardCounts, ledger: Ledger, record: RunFacts, order: Iterable[str]
) -> tuple[KindYield, ...]:
    """A line for each kind of which something was proposed, in the given order."""
    known = [*order, FULL]
    names = [*known, *sorted(set(ledger.kinds) - set(known))]
    return tuple(
        _yield(name, ledger.kinds[name], counts, record)
        for name in names
        if name in ledger.kinds
    )  # fmt: skip


def _yield(name: str, count: KindCount, counts: ShardCounts, record: RunFacts) -> KindYield:
    tokens_in = tokens_out = 0
    usd: float | None = 0.0
    for label, used in counts.tokens.items():
        stage, _, kind = label.partition("/")
        if kind != name:
            continue
        tokens_in += used.tokens_in
        tokens_out += used.tokens_out
        _, price = record.price(stage)
        spent = price.cost_usd(used.tokens_in, used.tokens_out) if price else None
        usd = None if usd is None or spent is None else usd + spent
    return KindYield(
        kind=name,
        proposed=count.captions + count.refused.total(),
        captions=count.captions,
        pictures=count.pictures,
        losses=losses(count.refused),
        picture_losses=losses(count.pictures_refused),
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        usd=usd,
    )


def spending(counts: ShardCounts, record: RunFacts) -> tuple[Spending, ...]:
    """Language-model tokens by the stage that asked."""
    return tuple(_spending(counts, record))


def _spending(counts: ShardCounts, record: RunFacts) -> Iterator[Spending]:
    stages = sorted({label.partition("/")[0] for label in counts.tokens})
    for stage in stages:
        used = [u for label, u in counts.tokens.items() if label.partition("/")[0] == stage]
        tokens_in = sum(u.tokens_in for u in used)
        tokens_out = sum(u.tokens_out for u in used)
        model, price = record.price(stage)
        usd = price.cost_usd(tokens_in, tokens_out) if price else None
        yield Spending(stage, model, tokens_in, tokens_out, usd)


def add_all(ledger: Ledger, layout: RunLayout, shard_ids: Iterable[int]) -> None:
    """Count the sidecars of the shards.

    Raises:
        ShardCorruptError: One is missing or damaged.
    """
    for shard_id in shard_ids:
        ledger.add_sidecar(layout.sidecar(shard_id))
