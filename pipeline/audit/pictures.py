"""The pictures of an audit: features of both sides of each set, and the probes on them."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from pipeline.audit.pixels import STATISTICS, pixel_statistics
from pipeline.audit.probe import FOLDS, ProbeResult, probe_pairs
from pipeline.core.ids import content_id
from pipeline.scoring.pixels import perceptual_hash
from pipeline.shards.reader import StoredSample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.core.protocols import JointEncoder

MATCHED: Final = "minimal edits from controls"
FULL: Final = "other scenes from controls"
REAL: Final = "edits from the anchors' own"
"""Expected to be told apart: that is what controls are for. Never marked."""

LEAST_SIDE_PX: Final = 16


@dataclass
class _Contrast:
    """Pairs of pictures of a contrast: the sets, and numbers of their pictures."""

    keys: list[str] = field(default_factory=list)
    factual: list[int] = field(default_factory=list)
    counterfactual: list[int] = field(default_factory=list)


class PictureAudit:
    """Measures pictures as they come, and keeps only their features."""

    def __init__(self, encoder: JointEncoder | None) -> None:
        self._encoder = encoder
        self._waiting: list[NDArray[np.uint8]] = []
        self._statistics: list[NDArray[np.float64]] = []
        self._vectors: list[NDArray[np.float64]] = []
        self._contrasts: dict[str, _Contrast] = {}

    def add(self, sample: StoredSample) -> None:
        """Measure one picture of each side: of several counterfactuals, one chosen by hash."""
        images = sample.document.images
        control = images.get("control")
        own = images.get("factual")
        minimal = _choose(sample.key, [name for name in images if name.startswith("min")])
        full = _choose(sample.key, [name for name in images if name.startswith("full")])
        numbers: dict[str, int | None] = {}
        for variant in ("control" if control else None, minimal, full):
            if variant is not None:
                numbers[variant] = self._measure(sample.image(variant))
        if own is not None and own.origin == "anchor" and minimal:
            numbers["own"] = self._measure(sample.image("factual"))
        for contrast, one, other in (
            (MATCHED, "control", minimal),
            (FULL, "control", full),
            (REAL, "own", minimal),
        ):
            first, second = numbers.get(one), numbers.get(other or "")
            if first is not None and second is not None:
                pairs = self._contrasts.setdefault(contrast, _Contrast())
                pairs.keys.append(sample.key)
                pairs.factual.append(first)
                pairs.counterfactual.append(second)

    def _measure(self, data: bytes | None) -> int | None:
        """Number of a picture's features; None where it does not decode or is tiny."""
        pixels = decode(data) if data else None
        if pixels is None or data is None or min(pixels.shape[:2]) < LEAST_SIDE_PX:
            return None
        self._statistics.append(pixel_statistics(pixels, len(data)))
        if self._encoder is not None:
            self._waiting.append(pixels)
            if len(self._waiting) >= 64:
                self._embed()
        return len(self._statistics) - 1

    def _embed(self) -> None:
        if self._encoder is not None and self._waiting:
            self._vectors += list(self._encoder.embed_pictures(self._waiting).astype(np.float64))
            self._waiting = []

    def probes(self, skipped: dict[str, str]) -> tuple[ProbeResult, ...]:
        """The result of every probe; what cannot be probed goes to `skipped` with the reason."""
        self._embed()
        if not self._contrasts:
            skipped["probe on pixel statistics"] = "no set has pictures on both sides"
            return ()
        features: dict[str, tuple[list[NDArray[np.float64]], tuple[str, ...]]] = {
            "pixel statistics": (self._statistics, STATISTICS)
        }
        if self._encoder is not None:
            features["embeddings"] = (self._vectors, ())
        found: list[ProbeResult] = []
        for contrast in (MATCHED, FULL, REAL):
            pairs = self._contrasts.get(contrast)
            if pairs is None:
                continue
            if len(pairs.keys) < FOLDS:
                skipped[f"probe: {contrast}"] = f"{len(pairs.keys)} sets, it needs {FOLDS}"
                continue
            for name, (rows, names) in features.items():
                result = probe_pairs(
                    np.array([rows[i] for i in pairs.factual]),
                    np.array([rows[i] for i in pairs.counterfactual]),
                    _folds(pairs.keys),
                    features=name,
                    contrast=contrast,
                    names=names,
                    is_expected=contrast == REAL,
                )
                found.append(result)
        return tuple(found)


def _choose(key: str, variants: list[str]) -> str | None:
    """One of the variants, by hash; None where there is none."""
    return min(variants, key=lambda name: content_id("probe", key, name), default=None)


def _folds(keys: list[str]) -> list[int]:
    """Folds of equal size, whose sets are drawn by hash."""
    order = sorted(range(len(keys)), key=lambda i: content_id("probe", keys[i]))
    folds = [0] * len(keys)
    for place, index in enumerate(order):
        folds[index] = place % FOLDS
    return folds


def decode(data: bytes) -> NDArray[np.uint8] | None:
    """Pixels of a picture's file, (height_px, width_px, 3) uint8 RGB; None where it is damaged."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as picture:
            return np.asarray(picture.convert("RGB"))
    except (
        OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error,
        Image.DecompressionBombError,
    ):  # fmt: skip
        return None


def hash_of(data: bytes) -> int | None:
    """Perceptual hash of a picture's file; None where it is damaged."""
    pixels = decode(data)
    return None if pixels is None else perceptual_hash(pixels)
