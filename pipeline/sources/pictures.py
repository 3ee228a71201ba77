"""An anchor's picture: checked, and the same upright 8-bit sRGB picture to whoever decodes it.

Cameras store pictures lying on their side and say so in EXIF, which training jobs, browsers
and image models each read or do not read. The same holds for colour profiles, alpha, palettes
and depth. A file in which nothing is left to interpretation keeps its bytes; of any other the
picture that it means is written anew.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.core.records import AnchorImage
from pipeline.core.stage import Fault
from pipeline.sources.picture_kinds import KEPT, LOSSY, NAMES, opened, picture_kind

if TYPE_CHECKING:
    from PIL import Image, ImageFile

MAX_PIXELS = 64_000_000
"""Larger pictures are refused as decompression bombs: 8,000 by 8,000."""

MAX_PICTURE_BYTES = 1 << 28

JPEG_QUALITY = 95
"""Of JPEG files that must be written anew; without subsampling of the colours."""

PROFILE_TOLERANCE = 2
"""Levels by which the colours of a profile may differ from sRGB's that is taken for the same."""

_ORIENTATION = 0x0112
_BACKGROUND = (255, 255, 255)
_OTHER_FORMATS = {
    b"\xff\x0a": "JPEG XL",
    b"\x00\x00\x00\x0cJXL": "JPEG XL",
    b"8BPS": "a Photoshop file",
}
_NO_PICTURES = {
    b"<svg": "SVG",
    b"<?xm": "XML or SVG",
    b"<!DO": "HTML page",
    b"<!do": "HTML page",
    b"<htm": "HTML page",
    b"%PDF": "PDF",
}
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    RuntimeError,
    MemoryError,
    OverflowError,
    ZeroDivisionError,
    struct.error,
    zlib.error,
)
"""What Pillow's readers raise on damaged files; none of it is a fault of the program."""


def check_picture(data: bytes) -> AnchorImage | Fault:
    """Decode a picture in bounded memory; the bytes of a JPEG, PNG or WebP stay where plain.

    The format is that of the bytes, whatever the file is called. Of an animation or a file of
    several pages it is the first picture.
    """
    if not data:
        return Fault("source.undecodable_image", "the image is empty; fetch it again")
    kind = picture_kind(data)
    if kind is None:
        return _unsupported(data)
    try:
        return _decode(data, kind)
    except ModuleNotFoundError:
        return Fault(
            "source.undecodable_image",
            f"the image is {NAMES[kind]}, which needs one more package: pip install "
            "'counterfactory[heif]', or convert it to jpg, png or webp",
        )
    except _DAMAGE as error:
        return Fault(
            "source.undecodable_image",
            f"the {NAMES[kind]} image is damaged ({error}); fetch it again or drop the row",
        )


def picture_format(head: bytes) -> str | None:
    """Name of the picture format whose file begins so; None for what is no picture."""
    known = picture_kind(head)
    if known is not None:
        return NAMES[known]
    return next((name for magic, name in _OTHER_FORMATS.items() if head.startswith(magic)), None)


def _unsupported(data: bytes) -> Fault:
    name = picture_format(data[:64]) or next(
        (name for magic, name in _NO_PICTURES.items() if data.startswith(magic)), None
    )
    what = f"is {name}" if name else f"is no image that is known (it begins with {data[:8]!r})"
    return Fault(
        "source.undecodable_image",
        f"the image {what}; convert it to jpg, png or webp, or fetch it again",
    )


def _decode(data: bytes, kind: str) -> AnchorImage | Fault:
    if kind != "tiff":
        return _decoded(data, kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Of tags that are damaged or unknown.
        return _decoded(data, kind)


def _decoded(data: bytes, kind: str) -> AnchorImage | Fault:
    with opened(data, kind) as image:
        width_px, height_px = image.size
        if width_px * height_px > MAX_PIXELS:
            return Fault(
                "source.undecodable_image",
                f"the image has {width_px}x{height_px} pixels, more than {MAX_PIXELS}; "
                "scale it down",
            )
        plain = kind in KEPT and _is_plain(image, data, kind)
        if plain and kind == "jpg":
            # An eighth of the size still reads all of the file, in a third of the time.
            image.draft("RGB", (max(1, width_px // 8), max(1, height_px // 8)))
        image.load()
        # PNG keeps its metadata behind the pixels, too.
        if plain and (kind == "jpg" or _is_plain(image, data, kind)):
            return AnchorImage(data, kind, width_px, height_px)
        return _written_anew(image, lossy=kind in LOSSY)


def _is_plain(image: ImageFile.ImageFile, data: bytes, extension: str) -> bool:
    """Whether every decoder makes the same upright 8-bit sRGB picture of the file."""
    if image.mode not in {"RGB", "L"} or "transparency" in image.info:
        return False
    if getattr(image, "n_frames", 1) > 1 and extension != "jpg":
        return False
    if extension == "png" and data[24] != 8:  # bits to a channel, in the first chunk
        return False
    if _orientation(image) != 1:
        return False
    profile = image.info.get("icc_profile")
    return not profile or _is_srgb(profile, image.mode)


def _orientation(image: Image.Image) -> int:
    """Orientation of EXIF, 1 where it has none that is known."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of damaged EXIF, which says nothing then
        try:
            value = image.getexif().get(_ORIENTATION, 1)
        except _DAMAGE:
            return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _written_anew(image: ImageFile.ImageFile, *, lossy: bool) -> AnchorImage:
    """The picture that a file means, as JPEG where it had lost something, else as PNG."""
    from PIL import Image

    profile = image.info.get("icc_profile")
    turn = _TURNS.get(_orientation(image))
    pixels = _eight_bits(image)
    alpha = pixels.getchannel("A") if pixels.mode in {"RGBA", "LA"} else None
    colours = pixels.convert("RGB" if pixels.mode == "RGBA" else "L") if alpha else pixels
    colours = _in_srgb(colours, profile)
    if alpha is not None:
        background = Image.new("RGB", colours.size, _BACKGROUND)
        colours = Image.composite(colours, background, alpha)
    if turn is not None:
        colours = colours.transpose(Image.Transpose[turn])
    # Neither the old metadata, nor lcms's profile, which holds the time at which it was made.
    colours.info.clear()
    buffer = io.BytesIO()
    if lossy:
        colours.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    else:
        colours.save(buffer, "PNG", compress_level=6)
    return AnchorImage(buffer.getvalue(), "jpg" if lossy else "png", *colours.size)


_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
"""What sets a picture upright, by its EXIF orientation."""


def _eight_bits(image: Image.Image) -> Image.Image:
    """The same picture in L, RGB, CMYK, or with alpha in LA or RGBA."""
    from PIL import Image

    if image.mode.startswith("I") or image.mode == "F":
        import numpy as np

        values = np.nan_to_num(np.asarray(image).astype(np.float64))
        # 16 bits to a channel, whatever the mode can hold; of real numbers nothing says what
        # white is, so their size must.
        white = 65535.0
        if image.mode == "F":
            white = next((top for top in (1.0, 255.0) if values.max() <= top), white)
        scaled = np.clip(np.rint(values * (255.0 / white)), 0, 255).astype(np.uint8)
        return Image.fromarray(scaled)
    if image.mode == "LAB":
        return _from_lab(image)
    if "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in {"L", "RGB", "CMYK", "LA", "RGBA"}:
        return image
    if image.mode == "1":
        return image.convert("L")
    return image.convert("RGBA" if image.mode in {"PA", "La", "RGBa"} else "RGB")


def _from_lab(image: Image.Image) -> Image.Image:
    from PIL import ImageCms

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    made = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    return made if made is not None else image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as sRGB; a profile that cannot be used is passed over, as browsers do."""
    if profile:
        from PIL import ImageCms

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
                made = ImageCms.profileToProfile(
                    image, source, ImageCms.createProfile("sRGB"), outputMode="RGB",
                    renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                    flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
                )  # fmt: skip
            except (ImageCms.PyCMSError, *_DAMAGE):
                made = None
        if made is not None:
            return made
    return image.convert("RGB")


@lru_cache(maxsize=32)
def _is_srgb(profile: bytes, mode: str) -> bool:
    """Whether a profile's colours are sRGB's, measured; one that is unusable says nothing."""
    import numpy as np
    from PIL import Image

    if mode == "L":
        levels = np.arange(256, dtype=np.uint8)[None, :]
        sample = Image.fromarray(levels)
    else:
        steps = np.arange(0, 256, 51, dtype=np.uint8)
        cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
        sample = Image.fromarray(np.ascontiguousarray(cube.reshape(1, -1, 3)))
    made = np.asarray(_in_srgb(sample, profile)).astype(np.int16)
    meant = np.asarray(sample.convert("RGB")).astype(np.int16)
    return int(np.abs(made - meant).max()) <= PROFILE_TOLERANCE
