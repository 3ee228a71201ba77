from __future__ import annotations

import json
from pathlib import Path

from pipeline.training.loop.journal import Journal


def lines(path: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_resume_removes_what_came_after_the_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "losses.jsonl"
    journal = Journal(path, 0, is_main=True)
    for step in range(1, 6):
        journal.add({"step": step})
    Journal(path, 3, is_main=True).add({"step": 4, "loss": 0.5})
    assert lines(path) == [{"step": 1}, {"step": 2}, {"step": 3}, {"step": 4, "loss": 0.5}]


def test_what_is_no_number_is_null(tmp_path: Path) -> None:
    path = tmp_path / "losses.jsonl"
    Journal(path, 0, is_main=True).add({"gradient_norm": float("nan"), "loss": 1.0})
    assert lines(path) == [{"gradient_norm": None, "loss": 1.0}]


def test_other_processes_write_nothing(tmp_path: Path) -> None:
    Journal(tmp_path / "losses.jsonl", 0, is_main=False).add({"step": 1})
    assert list(tmp_path.iterdir()) == []
