"""The formats of pictures: told by their first bytes, each with the reader that opens it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageFile

NAMES = {
    "jpg": "jpg",
    "png": "png",
    "webp": "webp",
    "gif": "GIF",
    "bmp": "BMP",
    "tiff": "TIFF",
    "avif": "AVIF",
    "heic": "HEIC",
    "jp2": "JPEG 2000",
}
"""Formats that are read, and what people call them."""

KEPT = frozenset({"jpg", "png", "webp"})
"""Formats that training jobs and browsers read, so that plain files keep their bytes."""

LOSSY = frozenset({"jpg", "avif", "heic"})
"""Formats of photographs: written anew as JPEG, since PNG would be ten times as large."""

_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_HEIF_BRANDS = frozenset({b"mif1", b"msf1"})


def picture_kind(head: bytes) -> str | None:
    """The format whose file begins so; None for what is no picture, or none that is read."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:6] in {b"GIF87a", b"GIF89a"}:
        return "gif"
    if head[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}:
        return "tiff"
    if head.startswith((b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP")):
        return "jp2"
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return "bmp"
    return _of_brands(head) if head[4:8] == b"ftyp" else None


def _of_brands(head: bytes) -> str | None:
    """AVIF or HEIC, which share a container: by the brands that its first box names."""
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))]
    if _AVIF_BRANDS.intersection(brands):
        return "avif"
    return "heic" if (_HEIC_BRANDS | _HEIF_BRANDS).intersection(brands) else None


def opened(data: bytes, kind: str) -> ImageFile.ImageFile:
    """Open a file of a known format; no pixel is decoded yet.

    The readers themselves, not Image.open: it warns about large pictures through global state,
    and the size is checked before any pixel is decoded.

    Raises:
        ModuleNotFoundError: The format needs a package that is not installed.
        Exception: What Pillow's readers raise on damaged files.
    """
    from PIL import features

    stream = io.BytesIO(data)
    if kind == "heic" or (kind == "avif" and not features.check("avif")):
        return _opened_heic(stream)
    from PIL import (
        AvifImagePlugin,
        BmpImagePlugin,
        GifImagePlugin,
        Jpeg2KImagePlugin,
        JpegImagePlugin,
        PngImagePlugin,
        TiffImagePlugin,
        WebPImagePlugin,
    )

    readers: dict[str, type[ImageFile.ImageFile]] = {
        "jpg": JpegImagePlugin.JpegImageFile,
        "png": PngImagePlugin.PngImageFile,
        "webp": WebPImagePlugin.WebPImageFile,
        "gif": GifImagePlugin.GifImageFile,
        "bmp": BmpImagePlugin.BmpImageFile,
        "tiff": TiffImagePlugin.TiffImageFile,
        "avif": AvifImagePlugin.AvifImageFile,
        "jp2": Jpeg2KImagePlugin.Jpeg2KImageFile,
    }
    return readers[kind](stream)


def _opened_heic(stream: io.BytesIO) -> ImageFile.ImageFile:
    try:
        from pi_heif import HeifImageFile
    except ModuleNotFoundError:
        from pillow_heif import HeifImageFile
    image: ImageFile.ImageFile = HeifImageFile(stream)
    return image
