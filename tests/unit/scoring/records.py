"""Sets with pictures of one colour each, and an encoder that knows what each of them is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.core.ids import JsonValue
from pipeline.core.records import (
    Anchor,
    AnchorImage,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    FullCaption,
    RenderedImage,
    Replacement,
)
from pipeline.core.strategies import INDEPENDENT, SAME_NOISE

RED, BLUE, GREEN = (250, 0, 0), (0, 0, 250), (0, 250, 0)


def make_set(*, own: AnchorImage | None = None, factual: str = "a red car") -> CounterfactualSet:
    """Of "a red car": one edit to "a blue car", and a complete counterfactual, "grass"."""
    start = factual.index("red")
    edit = CaptionEdit(
        EditKind.ATTRIBUTE,
        "colour",
        factual,
        (Replacement(start, start + 3, "red", "blue"),),
        "red",
        "blue",
    )
    anchor = Anchor("a0", "a red car", "a red car", "cc_tsv", "file.tsv:1", image=own)
    return CounterfactualSet(anchor, (edit,), (FullCaption("grass", "rules"),))


def picture(
    variant: str,
    colour: tuple[int, int, int],
    seed: int = 1,
    candidate: int = 0,
    strategy: str | None = None,
) -> RenderedImage:
    pixels = np.full((8, 8, 3), colour, np.uint8)
    strategy = strategy or (INDEPENDENT if variant.startswith("full") else SAME_NOISE)
    return RenderedImage(variant, pixels, variant, seed, strategy, candidate)


class ColourEncoder:
    """Embeds a picture as its mean colour and a text as the colour that it names."""

    fingerprint = "colours"
    provenance: Mapping[str, JsonValue] = {"model": "colours"}

    def __init__(self, *, lost: int = 0) -> None:
        self.lost = lost
        self.calls: list[int] = []
        self.closed = 0

    def embed_pictures(self, pictures: Sequence[NDArray[np.uint8]], /) -> NDArray[np.float32]:
        self.calls.append(len(pictures))
        return self._unit([p.reshape(-1, 3).mean(axis=0) + 1e-3 for p in pictures])

    def embed_texts(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        self.calls.append(len(texts))
        named = {"red": RED, "blue": BLUE, "grass": GREEN}
        return self._unit(
            [next(np.array(c) for word, c in named.items() if word in text) for text in texts]
        )

    def _unit(self, rows: Sequence[NDArray[np.float64]]) -> NDArray[np.float32]:
        values = np.array(rows, np.float64)
        values /= np.linalg.norm(values, axis=1, keepdims=True)
        return values.astype(np.float32)[: len(values) - self.lost]

    def close(self) -> None:
        self.closed += 1
