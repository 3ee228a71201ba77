"""What selection is worth: drawn pairs of the world before and after it, by the world's reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.config.scores import SelectionConfig
from pipeline.core.ids import JsonValue
from pipeline.core.records import RenderedSet
from pipeline.core.scores import CONTROL, Group, group_of
from pipeline.evaluation.controls import MINIMAL, ControlSet
from pipeline.evaluation.renderer import Shares
from pipeline.selection.bands import resolve_bands
from pipeline.selection.fit_bands import (
    RIGHT,
    Bound,
    FilterResult,
    LabelledPicture,
    evaluate_bounds,
)
from pipeline.selection.selector import Selector


@dataclass(frozen=True, slots=True)
class SelectionReport:
    """Pairs of one kind, drawn with several candidates.

    Attributes:
        kind: One of the world's kinds of edits.
        drawn: Right ones among all candidates: what a run without selection may keep.
        first: Right ones among the first candidates: what it does keep.
        best: Sets with a right candidate: more no selection can find.
        accepted: Right ones among the pairs that selection kept.
        kept: Sets of which it kept a pair.
        wrong: What is wrong with the wrong ones that it kept, with how often.
        filters: Reason → what this bound alone does to all candidates.
    """

    kind: str
    drawn: Shares
    first: Shares
    best: Shares
    accepted: Shares
    kept: Shares
    wrong: Mapping[str, int]
    filters: Mapping[str, FilterResult]

    def to_json(self) -> dict[str, JsonValue]:
        """For the report."""
        shares = {name: getattr(self, name).to_json()
                  for name in ("drawn", "first", "best", "accepted", "kept")}  # fmt: skip
        filters = {
            reason: {"refused_wrong": judged.wrong - judged.wrong_kept,
                     "refused_right": judged.right - judged.right_kept,
                     "wrong": judged.wrong, "right": judged.right}
            for reason, judged in self.filters.items()
        }  # fmt: skip
        return {"kind": self.kind, **shares, "wrong": dict(self.wrong), "filters": filters}


def evaluate_selection(
    kind: str, sets: Sequence[ControlSet], config: SelectionConfig
) -> SelectionReport:
    """Choose for measured sets of one kind as a run does, and count what is right.

    Raises:
        StageContractError: A bounded score was not measured.
    """
    selector = Selector(config)
    outcomes = []
    for one in sets:
        result = selector.select(one.rendered)
        outcomes.append(result if isinstance(result, RenderedSet) else None)
    chosen = [_kept_label(one, result) for one, result in zip(sets, outcomes, strict=True)]
    found = [label for label in chosen if label is not None]
    edited = [
        [label for (variant, _), label in one.labels.items() if variant == MINIMAL] for one in sets
    ]
    labels = [label for of_set in edited for label in of_set]
    return SelectionReport(
        kind,
        drawn=Shares(labels.count(RIGHT), len(labels)),
        first=Shares(sum(one.labels[MINIMAL, 0] == RIGHT for one in sets), len(sets)),
        best=Shares(sum(RIGHT in of_set for of_set in edited), len(sets)),
        accepted=Shares(found.count(RIGHT), len(found)),
        kept=Shares(len(found), len(sets)),
        wrong=dict(sorted(Counter(label for label in found if label != RIGHT).items())),
        filters=_filters(sets, config),
    )


def _kept_label(one: ControlSet, result: RenderedSet | None) -> str | None:
    """What the kept edit is; None where none was kept."""
    if result is None:
        return None
    kept = [image for image in result.images if image.variant == MINIMAL]
    return one.labels[MINIMAL, kept[0].candidate] if kept else None


def _filters(sets: Sequence[ControlSet], config: SelectionConfig) -> dict[str, FilterResult]:
    """What each bound does by itself to the pictures that it bounds."""
    found: dict[str, FilterResult] = {}
    for variant in (CONTROL, MINIMAL):
        pictures = []
        bounds: list[Bound] = []
        for one in sets:
            group = group_of(one.rendered.cfset, variant)
            bounds = bounds or _bounds(config, group)
            pictures += [
                LabelledPicture(group, image.scores, one.labels[variant, image.candidate])
                for image in one.rendered.candidates
                if image.variant == variant
            ]
        prefix = "control " if variant == CONTROL else ""
        for bound in bounds:
            found[prefix + bound.reason] = evaluate_bounds(pictures, (bound,))
    return found


def _bounds(config: SelectionConfig, group: Group) -> list[Bound]:
    bounds = []
    for name, (least, most) in resolve_bands(config.bands, group).items():
        if least is not None:
            bounds.append(Bound(name, True, least))
        if most is not None:
            bounds.append(Bound(name, False, most))
    return bounds
