"""Small copies of pictures, to be embedded in a page."""

from __future__ import annotations

import io
from typing import Final

from pipeline.report.gallery_model import Thumbnail

EDGE_PX: Final = 192
"""Longer side of a thumbnail; smaller pictures keep their size."""

QUALITY: Final = 74


def make_thumbnail(data: bytes) -> Thumbnail | None:
    """A WebP copy without metadata; None for what is no picture.

    Args:
        data: An encoded picture of any format that Pillow reads.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as opened:
            # JPEG is then decoded at a fraction of its size, which is several times faster.
            opened.draft("RGB", (2 * EDGE_PX, 2 * EDGE_PX))
            picture = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return None
    picture.thumbnail((EDGE_PX, EDGE_PX), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=QUALITY, method=3)
    return Thumbnail(out.getvalue(), picture.width, picture.height)
