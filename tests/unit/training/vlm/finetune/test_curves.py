"""The course of a training as a picture."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.training.vlm.finetune.curves import (
    PANEL_PX,
    WIDTH_PX,
    draw_curves,
    read_losses,
    smoothed,
)
from pipeline.training.vlm.finetune.validation import ValidationResult


def drawn(path: Path, losses: dict[int, float], validations: list[ValidationResult]) -> np.ndarray:
    draw_curves(path, losses, validations)
    with Image.open(path) as picture:
        assert picture.size == (WIDTH_PX, 2 * PANEL_PX)
        return np.asarray(picture.convert("RGB"))


def test_a_falling_loss_falls_in_the_picture(tmp_path: Path) -> None:
    pixels = drawn(tmp_path / "a.png", {step: 1 / step for step in range(1, 60)}, [])
    blue = (pixels[:PANEL_PX] == (0x1F, 0x6F, 0xEB)).all(-1)
    rows, columns = np.nonzero(blue[:, : WIDTH_PX - 160])
    assert rows[columns < 120].mean() < rows[columns > 600].mean(), "down is larger"


def test_each_kind_has_a_line(tmp_path: Path) -> None:
    kinds = {"count": 0.2, "swap": 0.9}
    validations = [ValidationResult(step, 1.0, kinds, {"count": 3, "swap": 4}) for step in (0, 9)]
    pixels = drawn(tmp_path / "a.png", {}, validations)[PANEL_PX:]
    colours = {tuple(c) for c in pixels.reshape(-1, 3).tolist()}
    assert {(0x1F, 0x6F, 0xEB), (0xD1, 0x24, 0x2F)} <= colours


def test_without_anything_it_is_still_a_picture(tmp_path: Path) -> None:
    assert drawn(tmp_path / "a.png", {}, []).min() < 255
    assert drawn(tmp_path / "b.png", {1: 2.0}, []).min() < 255


def test_many_points_are_means_of_pieces() -> None:
    points = [(float(n), float(n % 2)) for n in range(1000)]
    found = smoothed(points)
    assert len(found) <= 120
    assert {round(value, 1) for _, value in found[:-1]} <= {0.4, 0.5, 0.6}
    assert smoothed([]) == []


def test_the_journal_is_read_and_what_is_no_number_left_out(tmp_path: Path) -> None:
    journal = tmp_path / "losses.jsonl"
    lines = [{"step": 1, "loss": 2.5}, {"step": 2, "loss": None}]
    journal.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert read_losses(journal) == {1: 2.5}
