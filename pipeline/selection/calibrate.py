"""Fits the bands of a run's selection to pictures that are known to be right or wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.config.scores import BandTable
from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.ids import content_id
from pipeline.core.scores import Group
from pipeline.selection.fit_bands import (
    MIN_RIGHT,
    RIGHT,
    Bound,
    FilterResult,
    LabelledPicture,
    bands_of,
    common_scores,
    evaluate_bounds,
    fit_bounds,
)
from pipeline.selection.labels import PictureName, read_labels
from pipeline.shards.captions import find_captions
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest
from pipeline.shards.sidecar import read_sidecar
from pipeline.shards.sidecar_rows import SidecarRow


@dataclass(frozen=True, slots=True)
class Fitted:
    """The bounds of one group, with what they do.

    Attributes:
        group: Key of a bands table, such as "attribute.colour".
        bounds: Fitted on all pictures.
        in_sample: What they do on these.
        held_out: What bounds that are fitted in the same way on either half of the units do on
            the other half: cross-validation in two folds.
        by_bound: What each bound alone does on all pictures.
    """

    group: str
    bounds: tuple[Bound, ...]
    in_sample: FilterResult
    held_out: FilterResult
    by_bound: Mapping[str, FilterResult]


def fit_groups(
    pictures: Sequence[LabelledPicture], *, precision: float = 0.97, min_recall: float = 0.7
) -> list[Fitted]:
    """Fit every group, and evaluate the fitting on pictures that it did not see.

    For that, each half of the units is judged by bounds that are fitted to the other; which half
    a unit is in, a hash of its name says.

    Args:
        pictures: Of all groups.
        precision: Wanted share of right pictures among the kept ones.
        min_recall: Smallest share of the right pictures that may be kept.
    """
    groups: dict[str, list[LabelledPicture]] = defaultdict(list)
    for picture in pictures:
        groups[group_key(picture.group)].append(picture)
    found = []
    for key in sorted(groups):
        members = groups[key]
        scores = _encoder_scores(common_scores(members))
        folds: tuple[list[LabelledPicture], list[LabelledPicture]] = ([], [])
        for picture in members:
            folds[int(content_id("calibrate", picture.unit)[-1], 16) % 2].append(picture)
        fit = partial(fit_bounds, scores=scores, precision=precision, min_recall=min_recall)
        bounds = fit(members)
        found.append(
            Fitted(
                key,
                bounds,
                evaluate_bounds(members, bounds),
                _merge(
                    evaluate_bounds(folds[1], fit(folds[0])),
                    evaluate_bounds(folds[0], fit(folds[1])),
                ),
                {bound.reason: evaluate_bounds(members, (bound,)) for bound in bounds},
            )
        )
    return found


def _merge(one: FilterResult, other: FilterResult) -> FilterResult:
    """What two filters do, each on pictures of its own."""
    by_label: dict[str, tuple[int, int]] = {}
    for judged in (one, other):
        for label, (kept, asked) in judged.kept_by_label.items():
            before = by_label.get(label, (0, 0))
            by_label[label] = before[0] + kept, before[1] + asked
    return FilterResult(
        right=one.right + other.right,
        right_kept=one.right_kept + other.right_kept,
        wrong=one.wrong + other.wrong,
        wrong_kept=one.wrong_kept + other.wrong_kept,
        kept_by_label=dict(sorted(by_label.items())),
    )


def _encoder_scores(scores: Sequence[str]) -> tuple[str, ...]:
    """What to bound: where an encoder looked, not what a picture's texture happens to be.

    Sharpness and contrast follow the scene more than the edit, so a bound that they fit by is
    most often chance; an encoder refuses spoilt pictures as well.
    """
    if "image_text" not in scores:
        return tuple(scores)
    return tuple(name for name in scores if name not in {"contrast", "detail", "hash_distance"})


def group_key(group: Group) -> str:
    """The key under which a group's bands are fitted: attributes by subkind, others by kind."""
    if group.kind == "attribute" and group.subkind:
        return f"{group.kind}.{group.subkind}"
    return group.kind


def band_table(fitted: Sequence[Fitted]) -> BandTable:
    """What was fitted, as `selection.bands` takes it; never empty.

    Raises:
        PermanentError: No group has a single bound; the message says what each of them lacks.
    """
    found = {one.group: bands_of(one.bounds) for one in fitted if one.bounds}
    if not found:
        lacking = "\n".join(f"  {one.group}: {what_is_lacking(one)}" for one in fitted)
        raise PermanentError(
            "no bands could be fitted, so none are written:\n"
            f"{lacking or '  no pictures'}\nlabel more pictures, right and wrong ones"
        )
    return found


def what_is_lacking(one: Fitted) -> str:
    """Why a group got no bounds; empty where it got some."""
    if one.bounds:
        return ""
    right, wrong = one.in_sample.right, one.in_sample.wrong
    if right < MIN_RIGHT:
        return f"{right} of its {right + wrong} pictures are right, and {MIN_RIGHT} are needed"
    if not wrong:
        return f"all of its {right} pictures are right, and some wrong ones are needed"
    return f"no score tells its {right} right pictures from its {wrong} wrong ones"


def read_labelled(run: Path, labels: Path) -> list[LabelledPicture]:
    """Join a person's labels with the scores that a run stored.

    Args:
        run: A complete run that measured its pictures.
        labels: CSV with the columns key, variant, label and, where not the kept candidate is
            meant, candidate; or JSON lines with those names. The label is "right" or "wrong";
            behind "wrong" may stand what is wrong.

    Raises:
        ConfigError: A file is missing or does not parse, a label names no picture of the run,
            or the run has no scores.
    """
    layout = RunLayout(run)
    manifest = read_manifest(layout) if layout.run_json.exists() else None
    if manifest is None:
        raise ConfigError(f"{run} is no complete run; name a run directory with a manifest.json")
    wanted = read_labels(labels)
    found: list[LabelledPicture] = []
    found_names: set[PictureName] = set()
    for receipt in manifest.shards:
        for name, group, scores in _measured(layout, receipt.shard_id, wanted.keys()):
            found_names.add(name)
            found.append(LabelledPicture(group, scores, wanted[name], name[0]))
    missing = sorted(set(wanted) - found_names, key=str)
    if missing:
        key, variant, candidate = missing[0]
        which = variant if candidate is None else f"{variant}, candidate {candidate}"
        raise ConfigError(
            f"{labels}: {len(missing)} labels name no picture of {run}, the first {key} {which}; "
            "take keys, variants and candidates from the run's sidecars"
        )
    if not any(picture.scores for picture in found):
        raise ConfigError(f"{run} has no scores: run with scores.clip or images.candidates set")
    return found


def _measured(
    layout: RunLayout, shard_id: int, wanted: Collection[PictureName]
) -> Iterator[tuple[PictureName, Group, Mapping[str, float]]]:
    """The wanted pictures of a shard, each with what it was drawn for and its scores."""
    anchor_ids = {anchor_id for anchor_id, _, _ in wanted}
    lost: set[str] = set()
    pictures: list[SidecarRow] = []
    groups: dict[tuple[str, str], Group] = {}
    for row in read_sidecar(layout.sidecar(shard_id)):
        if row.anchor_id not in anchor_ids:
            continue
        if row.item == "anchor" and row.status != "made":
            lost.add(row.anchor_id)
        elif row.item == "edit" and row.status == "made" and row.variant:
            groups[row.anchor_id, row.variant] = Group(row.kind or "", row.subkind or "")
        elif row.item == "image" and row.variant:
            pictures.append(row)
    # Of a set that was rejected for its pictures the sidecar has no edits.
    for anchor_id, cfset in find_captions(layout, shard_id, lost).items():
        for index, edit in enumerate(cfset.minimal):
            groups[anchor_id, f"min{index}"] = Group(str(edit.kind), edit.subkind)
    for row in pictures:
        variant = row.variant or ""
        kind = row.kind or variant.rstrip("0123456789")
        for candidate in (row.candidate, *([None] if row.status == "made" else ())):
            if (name := (row.anchor_id, variant, candidate)) in wanted:
                yield name, groups.get((row.anchor_id, variant), Group(kind)), row.scores


__all__ = [
    "RIGHT",
    "Fitted",
    "band_table",
    "fit_groups",
    "group_key",
    "read_labelled",
    "what_is_lacking",
]
