"""Decoding: no larger than the training needs, and nothing that it does not see."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from PIL import Image

from pipeline.core.errors import ShardCorruptError

if TYPE_CHECKING:
    from pipeline.training.vlm.sample import RawSample

PICTURE_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp")


def is_picture(field: str) -> bool:
    """Whether a field of a sample holds a picture."""
    return f".{field}".endswith(PICTURE_SUFFIXES)


def decode_picture(raw: RawSample, field: str, at_least_px: int | None) -> Image.Image:
    """Decode a picture to RGB.

    A JPEG is scaled by 1/2, 1/4 or 1/8 while it is decoded, as far as both sides stay at least
    `at_least_px`: the decoder then computes only the frequencies that are needed.

    Raises:
        ShardCorruptError: It is not there, or cannot be decoded.
    """
    try:
        with Image.open(io.BytesIO(raw.fields[field])) as picture:
            if at_least_px is not None:
                picture.draft(None, (at_least_px, at_least_px))
            picture.load()
            # `convert` would copy a picture that is RGB already.
            return picture if picture.mode == "RGB" else picture.convert("RGB")
    except (KeyError, OSError, SyntaxError) as error:
        raise ShardCorruptError(
            f"{raw.shard}: picture {field} of sample {raw.key} cannot be decoded ({error!r}); "
            "fetch the shard again"
        ) from error
