"""Sets and edits for the checks' tests, and a scorer whose answers the test decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.core.records import (
    Anchor,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    FullCaption,
    Replacement,
)


def make_anchor(caption: str, anchor_id: str = "a0") -> Anchor:
    return Anchor(anchor_id, caption, caption, "cc_tsv", f"file.tsv:{anchor_id}")


def make_edit(factual: str, old: str, new: str, kind: EditKind = EditKind.OBJECT) -> CaptionEdit:
    start = factual.index(old)
    piece = Replacement(start, start + len(old), old, new)
    return CaptionEdit(kind, "test", factual, (piece,), old, new)


def make_set(
    caption: str,
    *edits: tuple[str, str, EditKind],
    anchor_id: str = "a0",
    full: Sequence[str] = (),
) -> CounterfactualSet:
    return CounterfactualSet(
        make_anchor(caption, anchor_id),
        tuple(make_edit(caption, old, new, kind) for old, new, kind in edits),
        tuple(FullCaption(text, "rules") for text in full),
    )


class ScorerOf:
    """Gives every text the number that the test wrote down, else zero."""

    fingerprint = "test"

    def __init__(self, nats: Mapping[str, float]) -> None:
        self.nats = nats
        self.closed = 0

    def score(self, texts: Sequence[str], /) -> NDArray[np.float64]:
        return np.array([self.nats.get(text, 0.0) for text in texts], dtype=np.float64)

    def close(self) -> None:
        self.closed += 1
