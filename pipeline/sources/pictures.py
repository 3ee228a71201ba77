"""Check that an anchor's picture really decodes, without keeping the pixels."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

from pipeline.core.records import AnchorImage
from pipeline.core.stage import Fault

MAX_PIXELS = 64_000_000
"""Larger pictures are refused as decompression bombs: 8,000 by 8,000."""

MAX_PICTURE_BYTES = 1 << 28

_OTHER_FORMATS = {
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"<svg": "SVG",
    b"<?xm": "XML or SVG",
    b"<!DO": "HTML page",
    b"<htm": "HTML page",
    b"%PDF": "PDF",
}


def check_picture(data: bytes) -> AnchorImage | Fault:
    """Decode a JPEG, PNG or WebP file in bounded memory and keep its own bytes.

    The format is that of the bytes, whatever the file is called.
    """
    if not data:
        return Fault("source.undecodable_image", "the image is empty; fetch it again")
    extension = _extension(data)
    if extension is None:
        return _unsupported(data)
    try:
        return _decode(data, extension)
    # What Pillow's readers raise on damaged files; none of it is a fault of the program.
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        IndexError,
        TypeError,
        OverflowError,
        struct.error,
        zlib.error,
    ) as error:
        return Fault(
            "source.undecodable_image",
            f"the {extension} image is damaged ({error}); fetch it again or drop the row",
        )


def _extension(data: bytes) -> str | None:
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return None


def _unsupported(data: bytes) -> Fault:
    name = next((n for magic, n in _OTHER_FORMATS.items() if data.startswith(magic)), None)
    if data[4:8] == b"ftyp":
        name = "AVIF or HEIF"
    what = f"is {name}" if name else f"is no image that is known (it begins with {data[:8]!r})"
    return Fault(
        "source.undecodable_image",
        f"the image {what}; convert it to jpg, png or webp, or fetch it again",
    )


def _decode(data: bytes, extension: str) -> AnchorImage | Fault:
    from PIL import ImageFile, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

    # The readers themselves, not Image.open: it warns about large pictures through global
    # state, and the size is checked here before any pixel is decoded.
    readers: dict[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
        "jpg": JpegImagePlugin.JpegImageFile,
        "png": PngImagePlugin.PngImageFile,
        "webp": WebPImagePlugin.WebPImageFile,
    }
    with readers[extension](io.BytesIO(data)) as image:
        width_px, height_px = image.size
        if width_px * height_px > MAX_PIXELS:
            return Fault(
                "source.undecodable_image",
                f"the image has {width_px}x{height_px} pixels, more than {MAX_PIXELS}; "
                "scale it down",
            )
        if extension == "jpg":
            # An eighth of the size still reads all of the file, in a third of the time.
            image.draft("RGB", (max(1, width_px // 8), max(1, height_px // 8)))
        image.load()
    return AnchorImage(data, extension, width_px, height_px)
