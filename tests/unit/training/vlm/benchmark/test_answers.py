"""Every question is answered by its own pictures and captions, however they are batched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.core.ids import JsonValue
from pipeline.training.vlm.benchmark import answers
from pipeline.training.vlm.benchmark.answers import answer, score_encoder
from pipeline.training.vlm.benchmark.items import Picture, Question


class GreyEncoder:
    """Knows grey: a picture's mean and the number in a text are angles; counts what it reads."""

    fingerprint = "grey"
    provenance: Mapping[str, JsonValue] = {}

    def __init__(self) -> None:
        self.pictures = 0
        self.texts = 0

    def embed_pictures(self, pictures: Sequence[np.ndarray], /) -> np.ndarray:
        self.pictures += len(pictures)
        return circle([float(picture.mean()) for picture in pictures])

    def embed_texts(self, texts: Sequence[str], /) -> np.ndarray:
        self.texts += len(texts)
        return circle([float(text.split()[-1]) for text in texts])

    def close(self) -> None:
        pass


def circle(values: Sequence[float]) -> np.ndarray:
    angles = np.array(values) / 255 * np.pi / 2
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


@pytest.fixture
def questions(tmp_path: Path) -> list[Question]:
    """Ten groups, of which every second has its captions exchanged; they share a picture."""
    for value in range(11):
        Image.fromarray(np.full((4, 4, 3), 20 * value, np.uint8)).save(tmp_path / f"{value}.png")
    found = []
    for value in range(1, 11):
        captions = ("grey 0", f"grey {20 * value}")
        found.append(
            Question(
                f"q{value}", "odd" if value % 2 else "even",
                captions if value % 2 else captions[::-1],
                (Picture(tmp_path / "0.png"), Picture(tmp_path / f"{value}.png")),
            )
        )  # fmt: skip
    return found


@pytest.mark.parametrize("at_once", [1, 3, 64])
def test_batches_change_nothing(
    questions: list[Question], at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "QUESTIONS_AT_ONCE", at_once)
    steps: list[int] = []
    found = score_encoder(GreyEncoder(), questions, steps.append)
    assert sum(steps) == 10
    assert max(steps) <= at_once
    assert (found["odd"]["group"].right, found["odd"]["group"].of) == (5, 5)
    assert (found["even"]["group"].right, found["even"]["group"].of) == (0, 5)


def test_what_questions_share_is_read_once(questions: list[Question]) -> None:
    encoder = GreyEncoder()
    assert len(list(answer(encoder, questions))) == 10
    assert (encoder.pictures, encoder.texts) == (11, 11)
