"""Cut the sprites out of the emoji package: `python make.py FOLDER_OF_THE_PACKAGE`.

The pictures are Microsoft's Fluent Emoji (MIT), as in the npm package
`@lobehub/fluent-emoji-3d@1.1.0` (MIT): `npm pack @lobehub/fluent-emoji-3d@1.1.0` and unpack.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

SIZE_PX = 96
"""Twice the largest size at which the painter draws a sprite."""

EMOJI = {
    "dog": "1f436",
    "cat": "1f431",
    "bird": "1f426",
    "fish": "1f41f",
    "car": "1f697",
    "bus": "1f68c",
    "boat": "26f5",
    "apple": "1f34e",
    "banana": "1f34c",
    "tree": "1f333",
    "flower": "1f339",
    "wilted_flower": "1f940",
    "ball": "26bd",
    "balloon": "1f388",
    "book": "1f4d5",
    "chair": "1fa91",
    "house": "1f3e0",
    "umbrella": "2602-fe0f",
    "closed_umbrella": "1f302",
    "hat": "1f3a9",
    "sun": "1f31e",
    "rain": "1f327-fe0f",
}


def main(package: Path) -> None:
    """Write every sprite beside this file, cropped to what it shows and centred."""
    for name, code in EMOJI.items():
        emoji = Image.open(package / "assets" / f"{code}.webp").convert("RGBA")
        shown = emoji.crop(emoji.getchannel("A").point(lambda a: 255 * (a > 24)).getbbox())
        shown.thumbnail((SIZE_PX, SIZE_PX), Image.Resampling.LANCZOS)
        square = Image.new("RGBA", (SIZE_PX, SIZE_PX))
        square.paste(shown, ((SIZE_PX - shown.width) // 2, (SIZE_PX - shown.height) // 2))
        square.save(Path(__file__).parent / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
