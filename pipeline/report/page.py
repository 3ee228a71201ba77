"""The report as one HTML file that asks nothing of the network.

Captions, scores and thumbnails stand in it as JSON in inert `<script type="application/json">`
blocks, with `<`, `>` and `&` escaped; the page's own script puts them on the screen as text.
Its Content-Security-Policy forbids every request and every script but that one, by hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Any, BinaryIO, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.core.scores import SCORES
from pipeline.report.gallery_model import Card, Segment, SetEntry
from pipeline.report.model import Histogram, RunReport, ScoreChart

CHUNK: Final = 48
"""Thumbnails in one block: the browser parses it at once when the first comes into view."""

CHART_HEIGHT: Final = 64
"""Height of a histogram in units of its drawing; a bin is 10 wide."""

BIN_WIDTH: Final = 10


def write_page(report: RunReport, file: BinaryIO) -> None:
    """Write the page as UTF-8; equal reports give equal bytes.

    Raises:
        OSError: The file refuses.
    """
    thumbnails: list[str] = []
    sets = [_set(entry, thumbnails) for entry in report.gallery.sets]
    script, style = _asset("page.js"), _asset("page.css")
    template = _environment().get_template("page.html.jinja")
    parts = template.generate(
        report=report,
        script=Markup(script),  # noqa: S704 - our own file
        style=Markup(style),  # noqa: S704 - our own file
        script_hash=_hash(script),
        data={
            "sets": sets,
            "bands": {group: dict(bands) for group, bands in report.bands.items()},
            "scores": list(SCORES),
            "meanings": {chart.name: chart.meaning for chart in report.charts},
            "chunk": CHUNK,
            "run": report.fingerprint,
        },
        chunks=_chunks(thumbnails),
        kinds=_kinds(report),
        reasons=_reasons(report),
        bars=bars,
        place=place,
    )
    for part in parts:
        file.write(part.encode("utf-8", "backslashreplace"))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("pipeline.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _asset(name: str) -> str:
    return resources.files("pipeline.report").joinpath(name).read_text("utf-8")


def _hash(script: str) -> str:
    """As a Content-Security-Policy names an inline script."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _chunks(thumbnails: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(thumbnails), CHUNK):
        yield thumbnails[start : start + CHUNK]


def _set(entry: SetEntry, thumbnails: list[str]) -> dict[str, Any]:
    return {
        "key": entry.key,
        "origin": entry.origin,
        "status": entry.status,
        "reason": entry.reason,
        "detail": entry.detail,
        "cards": [_card(card, thumbnails) for card in entry.cards],
        "refused": [
            {"kind": r.kind, "caption": r.caption, "reason": r.reason, "detail": r.detail}
            for r in entry.refused
        ],
        "refusedTotal": entry.refused_total,
    }


def _card(card: Card, thumbnails: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "variant": card.variant,
        "group": card.group,
        "subkind": card.subkind,
        "caption": _segments(card.caption),
        "factual": _segments(card.factual),
        "status": card.status,
        "reason": card.reason,
        "candidate": card.candidate,
        "scores": dict(card.scores),
        "labelAs": card.label_as,
    }
    if card.thumbnail is not None:
        found["thumbnail"] = len(thumbnails)
        found["size"] = [card.thumbnail.width_px, card.thumbnail.height_px]
        thumbnails.append(base64.b64encode(card.thumbnail.data).decode())
    return found


def _segments(segments: Sequence[Segment]) -> list[list[str]]:
    return [[segment.text, segment.mark] for segment in segments]


def _kinds(report: RunReport) -> list[str]:
    """What the gallery can be filtered by: the kinds that it shows, in the order of the table."""
    shown = {card.group for entry in report.gallery.sets for card in entry.cards}
    shown |= {refused.kind for entry in report.gallery.sets for refused in entry.refused}
    shown -= {"", "factual", "control"}
    known = [one.kind for one in report.yields if one.kind in shown]
    return known + sorted(shown - set(known))


def _reasons(report: RunReport) -> list[str]:
    """Every reason that the gallery shows."""
    found = set()
    for entry in report.gallery.sets:
        found |= {entry.reason, *(card.reason for card in entry.cards)}
        found |= {refused.reason for refused in entry.refused}
    return sorted(found - {""})


def bars(histogram: Histogram) -> list[dict[str, Any]]:
    """The bars of a histogram: refused pictures stand on the kept ones.

    Returns:
        For each stretch that is not empty `x`, `y`, `height`, `count` and whether `kept`.
    """
    highest = max(k + r for k, r in zip(histogram.kept, histogram.refused, strict=True)) or 1
    found: list[dict[str, Any]] = []
    for index, both in enumerate(zip(histogram.kept, histogram.refused, strict=True)):
        base = float(CHART_HEIGHT)
        for count, kept in zip(both, (True, False), strict=True):
            height = round(CHART_HEIGHT * count / highest, 2)
            base = round(base - height, 2)
            if count:
                found.append({"x": index * BIN_WIDTH, "y": base, "height": height,
                              "count": count, "kept": kept})  # fmt: skip
    return found


def place(chart: ScoreChart, value: float | None, otherwise: float) -> float:
    """Where a value stands in a chart, from 0 to 1; `otherwise` for no value."""
    if value is None:
        return otherwise
    return min(1.0, max(0.0, (value - chart.low) / (chart.high - chart.low)))
