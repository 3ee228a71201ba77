"""What run.json says of a run, for a person."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pipeline.config.prices import Price, find_price
from pipeline.config.scores import Band, BandTable
from pipeline.core.errors import ConfigError
from pipeline.core.ids import JsonValue
from pipeline.core.scores import CONTROL, Group
from pipeline.report.model import Fact
from pipeline.selection.bands import resolve_bands
from pipeline.shards.layout import RunLayout

FACTUAL = "factual"

SHORT = 12
"""Characters of a hash that are shown."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """run.json, read.

    Attributes:
        tree: All of it.
        config: The resolved config, `section.key` → value.
    """

    tree: Mapping[str, JsonValue]
    config: Mapping[str, JsonValue]

    def text(self, key: str, default: str = "") -> str:
        """A setting as text."""
        value = self.config.get(key)
        return default if value is None else str(value)

    @property
    def has_pictures(self) -> bool:
        """Whether the run draws."""
        return self.text("images.renderer", "none") != "none"

    @property
    def draws_on_gpu(self) -> bool:
        """Whether the pictures were drawn on an accelerator."""
        model = self.tree.get("image_model")
        device = model.get("device") if isinstance(model, dict) else None
        return isinstance(device, str) and device.split(":")[0] not in {"cpu", ""}

    @property
    def band_table(self) -> BandTable:
        """Which pictures → score → least and most, as the config has it."""
        table = self.config.get("selection.bands") or {}
        if not isinstance(table, dict):
            return {}
        stored = cast(Mapping[str, Mapping[str, Sequence[float | None]]], table)
        return {
            group: {score: (ends[0], ends[1]) for score, ends in bands.items()}
            for group, bands in stored.items()
        }

    def bands(self, group: str, subkind: str = "") -> dict[str, Band]:
        """The bands that hold for one group of pictures; "factual" goes by the control's.

        A drawn factual picture is the control; an anchor's own picture has no scores.
        """
        kind = CONTROL if group == FACTUAL else group
        return resolve_bands(self.band_table, Group(kind, subkind))

    def price(self, stage: str) -> tuple[str, Price | None]:
        """The model that a stage asked, and its list price; None where that is not known."""
        if stage == "questions":
            model = self.text("scores.questions")
        elif self.text("llm.provider") == "local":
            return "the bundled model", Price(0.0, 0.0)
        else:
            model = self.text("llm.model")
        price = find_price(model, {}, needed=False)
        return model, price if price != Price(0.0, 0.0) else None


def read_record(layout: RunLayout) -> RunRecord:
    """Read run.json.

    Raises:
        ConfigError: There is no run, or its run.json is damaged.
    """
    path = layout.run_json
    if not path.exists():
        what = "does not exist" if not layout.root.exists() else "is no run directory"
        raise ConfigError(f"{layout.root} {what}: there is no {path.name} in it")
    try:
        tree = json.loads(path.read_text("utf-8"))
        config = tree["config"]
        if not isinstance(config, dict):
            raise TypeError("its config is no table")
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"{path} is damaged ({error}); restore it from a copy") from error
    return RunRecord(tree, config)


def facts(record: RunRecord) -> tuple[Fact, ...]:
    """What the run is: where its captions come from, and who edited, drew and judged."""
    return tuple(Fact(label, value) for label, value in _facts(record) if value)


def _facts(record: RunRecord) -> Iterator[tuple[str, str]]:
    text = record.text
    limit = text("source.limit")
    yield "Source", f"{text('source.input')}{f', first {limit} rows' if limit else ''}"
    yield "Caption edits", _editors(record)
    if record.has_pictures:
        yield "Image model", _image_model(record)
        yield "Drawing", _drawing(record)
    scorers = [
        f"{label} {text(key)}" if text(key) != "builtin" else label
        for key, label in (
            ("scores.clip", "CLIP"),
            ("scores.nsfw", "NSFW"),
            ("scores.questions", "questions to"),
        )
        if text(key, "none") != "none"
    ]
    if record.has_pictures:
        yield "Scored by", ", ".join(scorers)
    yield "Run seed", text("seed")
    yield "Config fingerprint", str(record.tree.get("config_fingerprint", ""))
    versions = record.tree.get("versions")
    if isinstance(versions, dict):
        yield "Made by", f"counterfactory {versions.get('counterfactory', '')}"


def _editors(record: RunRecord) -> str:
    provider = record.text("llm.provider", "none")
    if provider == "none":
        return "rules alone"
    model = "the bundled language model" if provider == "local" else record.text("llm.model")
    return f"rules and {model}"


def _image_model(record: RunRecord) -> str:
    name = record.text("images.model")
    revision = record.text("images.revision")
    model = record.tree.get("image_model")
    weights = model.get("weights") if isinstance(model, dict) else None
    return (
        name
        + (f" @ {revision}" if revision else "")
        + (f", weights {weights[:SHORT]}" if isinstance(weights, str) else "")
    )


def _drawing(record: RunRecord) -> str:
    text = record.text
    candidates = text("images.candidates", "1")
    return (
        f"{text('images.width_px')} × {text('images.height_px')} px, {text('images.steps')} steps, "
        f"guidance {text('images.guidance_scale')}, {text('images.strategy').replace('_', ' ')}"
        + (f", {candidates} candidates each" if candidates != "1" else "")
    )


def settings(record: RunRecord) -> tuple[Fact, ...]:
    """The resolved config, a line for each key."""
    return tuple(
        Fact(key, json.dumps(value, ensure_ascii=False)) for key, value in record.config.items()
    )


def versions(record: RunRecord) -> tuple[Fact, ...]:
    """The libraries."""
    found = record.tree.get("versions")
    return tuple(Fact(k, str(v)) for k, v in found.items()) if isinstance(found, dict) else ()
