"""Fits the bands of a run's selection to pictures that are known to be right or wrong."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.config.scores import BandTable
from pipeline.core.errors import ConfigError
from pipeline.core.ids import content_id
from pipeline.core.scores import Group
from pipeline.selection.fit_bands import (
    RIGHT,
    Bound,
    FilterResult,
    LabelledPicture,
    bands_of,
    common_scores,
    evaluate_bounds,
    fit_bounds,
)
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_manifest
from pipeline.shards.sidecar import read_sidecar

LABEL_COLUMNS = ("key", "variant", "label")


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
    """What was fitted, as `selection.bands` takes it."""
    return {one.group: bands_of(one.bounds) for one in fitted if one.bounds}


def read_labelled(run: Path, labels: Path) -> list[LabelledPicture]:
    """Join a person's labels with the scores that a run stored.

    Args:
        run: A complete run that measured its pictures.
        labels: CSV with the columns key, variant, label and, where not the kept candidate is
            meant, candidate; or JSON lines with those names. "right" marks a good picture, any
            other word names a fault.

    Raises:
        ConfigError: A file is missing or does not parse, a label names no picture of the run,
            or the run has no scores.
    """
    layout = RunLayout(run)
    manifest = read_manifest(layout) if layout.run_json.exists() else None
    if manifest is None:
        raise ConfigError(f"{run} is no complete run; name a run directory with a manifest.json")
    wanted = _read_labels(labels)
    found: list[LabelledPicture] = []
    found_names: set[tuple[str, str, int | None]] = set()
    groups: dict[str, Group] = {}
    for receipt in manifest.shards:
        for row in read_sidecar(layout.sidecar(receipt.shard_id)):
            if row.item == "anchor":
                groups = {}
            if row.item == "edit" and row.variant:
                groups[row.variant] = Group(row.kind or "", row.subkind or "")
            if row.item != "image" or row.variant is None:
                continue
            names = [(row.anchor_id, row.variant, row.candidate)]
            if row.status == "made":
                names.append((row.anchor_id, row.variant, None))
            for name in names:
                if name in wanted:
                    found_names.add(name)
                    # Of a set that was rejected as a whole the sidecar has no edits.
                    kind = row.kind or row.variant.rstrip("0123456789")
                    group = groups.get(row.variant) or Group(kind)
                    found.append(LabelledPicture(group, row.scores, wanted[name], row.anchor_id))
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


def _read_labels(file: Path) -> dict[tuple[str, str, int | None], str]:
    """Labels by anchor, variant and candidate; None is the candidate that was kept."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"labels {file} cannot be read: {error}") from error
    rows: list[tuple[int, Mapping[str, object]]] = []
    if file.suffix in {".jsonl", ".json"}:
        for number, line in enumerate(text.splitlines(), start=1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise ConfigError(f"labels {file}:{number} is no JSON: {error}") from error
            rows.append((number, row if isinstance(row, dict) else {}))
    else:
        rows = [(number, row) for number, row in enumerate(csv.DictReader(text.splitlines()), 2)]
    found: dict[tuple[str, str, int | None], str] = {}
    for number, row in rows:
        if not all(isinstance(row.get(name), str) and row[name] for name in LABEL_COLUMNS):
            raise ConfigError(f"labels {file}:{number} needs {', '.join(LABEL_COLUMNS)}")
        candidate = str(row.get("candidate") or "")
        if candidate and not candidate.isdigit():
            raise ConfigError(f"labels {file}:{number}: candidate {candidate!r} is no number")
        name = (str(row["key"]), str(row["variant"]), int(candidate) if candidate else None)
        found[name] = str(row["label"])
    if not found:
        raise ConfigError(f"labels {file} holds no labels")
    return found


__all__ = [
    "RIGHT",
    "Fitted",
    "band_table",
    "fit_groups",
    "group_key",
    "read_labelled",
]
