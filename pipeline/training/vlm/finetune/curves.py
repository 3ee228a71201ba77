"""The course of a training as a picture: the loss, and the accuracy of each kind."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.shards.atomic import atomic_file

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

    from pipeline.training.vlm.finetune.validation import ValidationResult

Point = tuple[float, float]

WIDTH_PX: Final = 900
PANEL_PX: Final = 300
_MARGIN_PX: Final = 56
_LEGEND_PX: Final = 150
_COLOURS: Final = (
    "#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#bf3989", "#0a7ea4", "#57606a",
)  # fmt: skip
"""One for each kind; legible on white and told apart by those who see no red and green, as the
legend stands in the order of the lines' ends."""


def read_losses(journal: Path) -> dict[int, float]:
    """Step → loss, as the journal of the training has them."""
    entries = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    return {int(e["step"]): float(e["loss"]) for e in entries if e["loss"] is not None}


def draw_curves(
    path: Path, losses: Mapping[int, float], validations: Sequence[ValidationResult]
) -> None:
    """Write a PNG of two panels: training and validation loss, and accuracies by kind.

    Args:
        path: The file; it appears complete or not at all.
        losses: Step → training loss.
        validations: In the order of their steps.
    """
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH_PX, 2 * PANEL_PX), "white")
    pen = ImageDraw.Draw(image)
    kinds = list(dict.fromkeys(kind for found in validations for kind in found.accuracy))
    accuracies = {
        kind: [(float(v.step), v.accuracy[kind]) for v in validations if kind in v.accuracy]
        for kind in kinds
    }
    course = {
        "training loss": smoothed([(float(step), loss) for step, loss in sorted(losses.items())]),
        "validation loss": [(float(v.step), v.loss) for v in validations],
    }
    last = max([0.0, *losses, *(v.step for v in validations)])
    _panel(pen, 0, course, last, _range([y for line in course.values() for _, y in line]))
    _panel(pen, PANEL_PX, accuracies, last, (0.0, 1.0), "accuracy on held-out sets, by kind")
    with atomic_file(path) as file:
        image.save(file, format="PNG")


def smoothed(points: Sequence[Point], parts: int = 120) -> list[Point]:
    """Means of at most `parts` pieces, so that a long course is a line and no band."""
    size = max(1, -(-len(points) // parts))
    pieces = [points[start : start + size] for start in range(0, len(points), size)]
    return [
        (piece[-1][0], sum(value for _, value in piece) / len(piece)) for piece in pieces if piece
    ]


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _panel(
    pen: ImageDraw,
    top: int,
    lines: Mapping[str, Sequence[Point]],
    last: float,
    span: tuple[float, float],
    title: str = "loss",
) -> None:
    left, right = _MARGIN_PX, WIDTH_PX - _LEGEND_PX
    upper, lower = top + 34, top + PANEL_PX - 34
    low, high = span
    pen.text((left, top + 12), title, fill="black")
    for part in range(5):
        value = low + (high - low) * part / 4
        y = lower - (lower - upper) * part / 4
        pen.line((left, y, right, y), fill="#e1e4e8")
        pen.text((8, y - 6), f"{value:.3g}", fill="#57606a")
    for part in range(5):
        x = left + (right - left) * part / 4
        pen.text((x - 6, lower + 8), f"{last * part / 4:.4g}", fill="#57606a")

    def place(point: Point) -> Point:
        x = left + (right - left) * (point[0] / last if last else 0.0)
        return x, lower - (lower - upper) * (point[1] - low) / (high - low)

    ends: list[tuple[float, str, str]] = []
    for number, (name, points) in enumerate(lines.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        placed = [place(point) for point in points]
        if len(placed) > 1:
            pen.line(placed, fill=colour, width=2)
        for x, y in placed if len(placed) < 40 else ():
            pen.ellipse((x - 2, y - 2, x + 2, y + 2), fill=colour)
        if placed:
            ends.append((placed[-1][1], name, colour))
    y = float(upper)
    for wanted, name, colour in sorted(ends):
        y = max(y, wanted - 6)
        pen.text((right + 8, y), name, fill=colour)
        y += 13
