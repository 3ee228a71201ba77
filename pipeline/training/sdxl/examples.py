"""A picture with its caption, and how it is cut to the size that is learned."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.core.errors import PermanentError
from pipeline.core.ids import content_id, derive_seed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from pipeline.training.sdxl.config import PicturesConfig


@dataclass(frozen=True, slots=True)
class Example:
    """One picture with its caption.

    Attributes:
        origin: Where it comes from, for a person.
        caption: What the picture shows.
        data: The encoded file: jpg, png or webp.
    """

    origin: str
    caption: str
    data: bytes = field(repr=False)

    @property
    def picture_id(self) -> str:
        """Name of the picture by its bytes."""
        return content_id("picture", self.data)


@dataclass(frozen=True, slots=True)
class Crop:
    """How a picture is scaled and cut: SDXL's micro-conditioning (arXiv 2307.01952, 2.2).

    Attributes:
        original_px: Height and width of the picture as it came.
        scaled_px: Height and width after scaling; both at least the target's.
        corner_px: Top and left of the cut in the scaled picture.
        target_px: Height and width of the cut.
    """

    original_px: tuple[int, int]
    scaled_px: tuple[int, int]
    corner_px: tuple[int, int]
    target_px: tuple[int, int]

    @property
    def time_ids(self) -> tuple[int, int, int, int, int, int]:
        """The six numbers that SDXL's UNet is given: original, corner, target; height first."""
        return (*self.original_px, *self.corner_px, *self.target_px)


def plan_crop(original_px: tuple[int, int], pictures: PicturesConfig, *, seed: int | None) -> Crop:
    """Scale a picture so that it just covers the target, and choose where to cut.

    Args:
        original_px: Height and width.
        pictures: The target.
        seed: Of a random place; None for the centre.
    """
    target = (pictures.height_px, pictures.width_px)
    scale = max(wanted / have for wanted, have in zip(target, original_px, strict=True))
    height, width = (
        max(wanted, round(have * scale)) for wanted, have in zip(target, original_px, strict=True)
    )
    spare = (height - target[0], width - target[1])
    if seed is None:
        corner = (spare[0] // 2, spare[1] // 2)
    else:
        # Not for secrets: the same seed must give the same place for ever.
        chance = random.Random(seed)  # noqa: S311
        corner = (chance.randint(0, spare[0]), chance.randint(0, spare[1]))
    return Crop(original_px, (height, width), corner, target)


def crop_seed(run_seed: int, picture_id: str, number: int, pictures: PicturesConfig) -> int | None:
    """Seed of the place of one crop; None where it is the centre."""
    if pictures.crop == "center":
        return None
    return derive_seed(run_seed, picture_id, f"crop{number}")


def cut_picture(
    example: Example, pictures: PicturesConfig, *, seed: int | None
) -> tuple[NDArray[np.uint8], Crop]:
    """Decode, turn upright, scale and cut: (height_px, width_px, 3) uint8 RGB, and how.

    Raises:
        PermanentError: The picture does not decode.
    """
    import numpy as np
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(example.data), formats=("JPEG", "PNG", "WEBP")) as opened:
            upright = _flatten(ImageOps.exif_transpose(opened))
    except (OSError, ValueError, SyntaxError) as error:
        raise PermanentError(
            f"{example.origin}: the picture does not decode ({error}); `counterfactory verify` "
            "checks shards; fetch a source's picture again or drop its row"
        ) from error
    crop = plan_crop((upright.height, upright.width), pictures, seed=seed)
    (height, width), (top, left) = crop.scaled_px, crop.corner_px
    scaled = upright.resize((width, height), Image.Resampling.LANCZOS)
    box = (left, top, left + pictures.width_px, top + pictures.height_px)
    return np.asarray(scaled.crop(box), dtype=np.uint8), crop


def _flatten(image: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes white."""
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    white = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(white, layered).convert("RGB")
