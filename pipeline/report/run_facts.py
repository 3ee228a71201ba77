"""What run.json says of a run, for a person."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from pipeline.config.prices import Price, find_price
from pipeline.config.scores import Band, BandTable
from pipeline.core.scores import CONTROL, Group
from pipeline.report.model import Fact
from pipeline.selection.bands import resolve_bands
from pipeline.shards.layout import RunLayout
from pipeline.shards.run_json import FINGERPRINT_KEY, RunRecord, read_run_json

FACTUAL = "factual"

SHORT = 12
"""Characters of a hash that are shown."""


class RunFacts(RunRecord):
    """What run.json says, as the report asks for it."""

    @property
    def draws_on_gpu(self) -> bool:
        """Whether the pictures were drawn on an accelerator."""
        device = self.table("image_model").get("device")
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


def read_run_facts(layout: RunLayout) -> RunFacts:
    """Read run.json.

    Raises:
        ConfigError: There is no run.
        ShardCorruptError: Its run.json is damaged.
    """
    return RunFacts(read_run_json(layout).tree)


def facts(record: RunFacts) -> tuple[Fact, ...]:
    """What the run is: where its captions come from, and who edited, drew and judged."""
    return tuple(Fact(label, value) for label, value in _facts(record) if value)


def _facts(record: RunFacts) -> Iterator[tuple[str, str]]:
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
    yield "Config fingerprint", str(record.tree.get(FINGERPRINT_KEY, ""))
    if versions := record.table("versions"):
        yield "Made by", f"counterfactory {versions.get('counterfactory', '')}"


def _editors(record: RunFacts) -> str:
    provider = record.text("llm.provider", "none")
    if provider == "none":
        return "rules alone"
    model = "the bundled language model" if provider == "local" else record.text("llm.model")
    return f"rules and {model}"


def _image_model(record: RunFacts) -> str:
    name = record.text("images.model")
    revision = record.text("images.revision")
    weights = record.table("image_model").get("weights")
    return (
        name
        + (f" @ {revision}" if revision else "")
        + (f", weights {weights[:SHORT]}" if isinstance(weights, str) else "")
    )


def _drawing(record: RunFacts) -> str:
    text = record.text
    candidates = text("images.candidates", "1")
    return (
        f"{text('images.width_px')} × {text('images.height_px')} px, {text('images.steps')} steps, "
        f"guidance {text('images.guidance_scale')}, {text('images.strategy').replace('_', ' ')}"
        + (f", {candidates} candidates each" if candidates != "1" else "")
    )


def settings(record: RunFacts) -> tuple[Fact, ...]:
    """The resolved config, a line for each key."""
    return tuple(
        Fact(key, json.dumps(value, ensure_ascii=False)) for key, value in record.config.items()
    )


def versions(record: RunFacts) -> tuple[Fact, ...]:
    """The libraries."""
    return tuple(Fact(name, str(value)) for name, value in record.table("versions").items())
