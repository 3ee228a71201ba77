"""Pictures are probed by pixels, and by embeddings where there is an encoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.audit.run import AuditModels, audit_run
from pipeline.shards.layout import RunLayout
from tests.integration.audit.painted_run import Planted, audit, write_painted_run

pytestmark = pytest.mark.integration


class Averages:
    """Embeds a picture as its grey levels in 8 × 8 cells: no blur shows in them."""

    fingerprint = "averages"
    provenance: dict[str, str] = {}  # noqa: RUF012

    def embed_pictures(self, pictures: list[np.ndarray]) -> np.ndarray:
        cells = [p.mean(2).reshape(8, 16, 8, 16).mean((1, 3)).ravel() for p in pictures]
        return np.array(cells, np.float32)

    def embed_texts(self, texts: list[str]) -> np.ndarray:
        raise NotImplementedError

    def close(self) -> None:
        pass


def test_a_blur_alone_leaves_the_captions_unmarked(tmp_path: Path) -> None:
    found = audit(write_painted_run(tmp_path / "run", 60, Planted(blur_px=0.5)))
    assert not any(g.is_marked for g in found.guesses)
    assert found.probes[0].is_marked


def test_embeddings_are_probed_where_there_is_an_encoder(leaky: RunLayout) -> None:
    found = audit_run(leaky.root, AuditModels(encoder=Averages()))
    probes = {p.features: p for p in found.probes}
    assert set(probes) == {"pixel statistics", "embeddings"}
    assert probes["pixel statistics"].is_marked
    assert not probes["embeddings"].is_marked, "averages of cells do not change by a blur"
