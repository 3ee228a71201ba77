"""Small copies of pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pipeline.report.thumbnail import EDGE_PX, make_thumbnail


def encoded(width_px: int, height_px: int, form: str) -> bytes:
    ramp = np.linspace(0, 255, width_px).astype(np.uint8)
    picture = Image.fromarray(np.broadcast_to(ramp[None, :, None], (height_px, width_px, 3)))
    out = io.BytesIO()
    picture.save(out, form)
    return out.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_large_picture_is_shrunk_and_keeps_its_shape(form: str) -> None:
    found = make_thumbnail(encoded(800, 400, form))
    assert found is not None
    assert (found.width_px, found.height_px) == (EDGE_PX, EDGE_PX // 2)
    pixels = np.asarray(Image.open(io.BytesIO(found.data)).convert("L")).astype(int)
    assert pixels.shape == (EDGE_PX // 2, EDGE_PX)
    assert pixels[:, 0].mean() < 30 < 220 < pixels[:, -1].mean()


def test_a_small_picture_keeps_its_size() -> None:
    found = make_thumbnail(encoded(40, 30, "PNG"))
    assert found is not None
    assert (found.width_px, found.height_px) == (40, 30)


@pytest.mark.parametrize("data", [b"", b"no picture", encoded(40, 30, "PNG")[:60]])
def test_what_is_no_picture_has_no_thumbnail(data: bytes) -> None:
    assert make_thumbnail(data) is None
