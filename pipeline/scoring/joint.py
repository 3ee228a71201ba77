"""The scores that a joint encoder of pictures and texts gives, such as CLIP."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from pipeline.core.errors import StageContractError
from pipeline.core.protocols import JointEncoder
from pipeline.scoring.subjects import Subject, distinct_pictures

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")


def joint_scores(
    encoder: JointEncoder, subjects: Sequence[Subject], batch_size: int
) -> list[dict[str, float]]:
    """The scores of each subject; each distinct picture and text is embedded once.

    Raises:
        StageContractError: The encoder left an item out.
    """
    pictures = distinct_pictures(subjects)
    texts = list(dict.fromkeys(text for s in subjects for text in (s.text, s.factual)))
    vectors = _embed(encoder, encoder.embed_pictures, pictures, batch_size)
    picture_vectors = dict(zip(map(id, pictures), vectors, strict=True))
    vectors = _embed(encoder, encoder.embed_texts, texts, batch_size)
    text_vectors = dict(zip(texts, vectors, strict=True))
    return [
        _scores(
            picture_vectors[id(s.pixels)],
            None if s.control is None else picture_vectors[id(s.control)],
            text_vectors[s.text],
            text_vectors[s.factual],
        )
        for s in subjects
    ]


def _embed(
    encoder: JointEncoder,
    embed: Callable[[Sequence[T]], NDArray[np.float32]],
    items: Sequence[T],
    batch_size: int,
) -> NDArray[np.float64]:
    """All vectors, in float64: their differences lose no digits.

    Raises:
        StageContractError: There are too few or too many.
    """
    starts = range(0, len(items), batch_size)
    parts = [embed(items[start : start + batch_size]) for start in starts]
    found = np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
    if len(found) != len(items):
        raise StageContractError(
            f"{type(encoder).__name__} gave {len(found)} vectors for {len(items)} items"
        )
    return found.astype(np.float64)


def _scores(
    picture: NDArray[np.float64],
    control: NDArray[np.float64] | None,
    text: NDArray[np.float64],
    factual: NDArray[np.float64],
) -> dict[str, float]:
    """The scores of one picture from unit vectors; see :data:`pipeline.core.scores.SCORES`."""
    own = float(picture @ text)
    if control is None:
        return {"image_text": own}
    return {
        "image_text": own,
        "margin": own - float(picture @ factual),
        "factual_margin": float(control @ factual) - float(control @ text),
        "directional": _cosine(picture - control, text - factual),
        "image_image": float(picture @ control),
    }


def _cosine(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Cosine of two vectors; 0 where one of them has no direction, as nothing changed."""
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / lengths if lengths > 1e-12 else 0.0
