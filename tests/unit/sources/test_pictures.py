"""Pictures of anchors decode, or the row says what is wrong with them."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from pipeline.core.records import AnchorImage
from pipeline.core.stage import Fault
from pipeline.sources.pictures import check_picture


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_a_picture_keeps_its_own_bytes(make, extension: str) -> None:
    data = make.picture(extension, size=(40, 30))

    assert check_picture(data) == AnchorImage(data, extension, 40, 30)


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_a_cut_picture_is_a_fault_at_every_length(make, extension: str) -> None:
    data = make.picture(extension, size=(64, 64))
    # The last bytes of a jpg are its end mark, those of a png a chunk without pixels.
    lengths = range(0, len(data) - 30, max(1, len(data) // 40))

    for length in lengths:
        found = check_picture(data[:length])
        assert isinstance(found, Fault), length
        assert found.reason == "source.undecodable_image"


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "empty"),
        (b"GIF89a" + b"x" * 20, "GIF"),
        (b"BM" + b"x" * 4 + b"\0" * 4 + b"x" * 12, "BMP"),
        (b"<html><body>404</body>", "HTML"),
        (b"\0\0\0\x20ftypavif", "AVIF"),
        (b"no image at all", "no image that is known"),
    ],
)
def test_another_format_is_named(data: bytes, named: str) -> None:
    found = check_picture(data)

    assert isinstance(found, Fault)
    assert found.reason == "source.undecodable_image"
    assert named in found.detail


def test_a_decompression_bomb_is_refused_before_it_unpacks() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000))
        + chunk(b"IEND", b"")
    )

    found = check_picture(bomb)

    assert isinstance(found, Fault)
    assert "60000x60000" in found.detail


def test_a_flipped_byte_never_raises(make) -> None:
    for extension in ("jpg", "png", "webp"):
        data = bytearray(make.picture(extension, size=(32, 32)))
        for index in range(len(data)):
            damaged = bytes(data[:index]) + bytes([data[index] ^ 0xFF]) + bytes(data[index + 1 :])
            assert isinstance(check_picture(damaged), AnchorImage | Fault)


def smooth() -> Image.Image:
    """A picture without symmetry, whose JPEG is nearly the same."""
    y, x = np.mgrid[0:48, 0:64]
    return Image.fromarray(np.stack([4 * x, 5 * y, 2 * (x + y) // 2], -1).astype(np.uint8))


def encoded(image: Image.Image, kind: str, **settings: object) -> bytes:
    buffer = io.BytesIO()
    lossless = {
        "WEBP": {"lossless": True, "exact": True},
        "JPEG": {"quality": 97, "subsampling": 0},
    }
    image.save(buffer, kind, **{**lossless.get(kind, {}), **settings})
    return buffer.getvalue()


def shown(data: bytes) -> np.ndarray:
    """What every decoder makes of a file, however little it knows."""
    image = Image.open(io.BytesIO(data))
    assert image.mode in {"RGB", "L"}
    assert image.getexif().get(0x0112, 1) == 1
    assert "transparency" not in image.info
    return np.asarray(image.convert("RGB")).astype(int)


def exif_of(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_upright(orientation: int, kind: str) -> None:
    data = encoded(smooth(), kind, exif=exif_of(orientation))
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")

    found = check_picture(data)

    assert isinstance(found, AnchorImage)
    assert (found.data == data) == (orientation == 1)
    assert shown(found.data).shape == (found.height_px, found.width_px, 3)
    assert np.abs(shown(found.data) - np.asarray(upright).astype(int)).max() <= (
        12 if kind == "JPEG" else 0
    )


def test_an_orientation_that_xmp_alone_names() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", '<x tiff:Orientation="6"/>')
    data = encoded(smooth(), "PNG", pnginfo=info)

    found = check_picture(data)

    assert isinstance(found, AnchorImage)
    assert (found.width_px, found.height_px) == (48, 64)


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "I;16"])
def test_depth_palette_and_alpha_become_eight_bits(mode: str) -> None:
    if mode == "I;16":
        levels = np.linspace(0, 65535, 64 * 48).astype(np.uint16).reshape(48, 64)
        image, meant = Image.fromarray(levels), (levels / 257.0)[..., None].repeat(3, -1)
    else:
        image = smooth().convert("RGBA" if mode in {"LA", "PA"} else "RGB").convert(mode)
        meant = np.asarray(image.convert("RGBA").convert("RGB"))
    if mode in {"RGBA", "LA"}:
        colour = np.asarray(image.convert("RGB")).astype(float)
        image.putalpha(64)
        meant = colour * 64 / 255 + 255 * (1 - 64 / 255)  # over white
    data = encoded(image, "PNG")

    found = check_picture(data)

    assert isinstance(found, AnchorImage)
    assert found.data != data
    assert np.abs(shown(found.data) - meant).max() <= 1.5


def test_sixteen_bits_of_colour_become_eight() -> None:
    header = struct.pack(">IIBBBBB", 2, 1, 16, 2, 0, 0, 0)
    row = b"\0" + struct.pack(">6H", 0, 32896, 65535, 257, 514, 25700)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(*both) for both in ((b"IHDR", header), (b"IDAT", zlib.compress(row)), (b"IEND", b""))
    )

    found = check_picture(data)

    assert isinstance(found, AnchorImage)
    assert found.data[24] == 8
    assert shown(found.data).tolist() == [[[0, 128, 255], [1, 2, 100]]]


def test_cmyk_becomes_rgb() -> None:
    data = encoded(smooth().convert("CMYK"), "JPEG")
    meant = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)

    found = check_picture(data)

    assert isinstance(found, AnchorImage)
    assert (found.extension, np.abs(shown(found.data) - meant).max() <= 12) == ("jpg", True)


def wide_profile() -> bytes:
    """A profile whose primaries are those of Rec. 2020, in little more than what it must hold."""

    def s15(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(map(s15, values))

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"wide\0" + b"\0" * 78 + b"\0"
    tags = {
        b"desc": text, b"cprt": b"text\0\0\0\0none\0\0\0\0", b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.6734, 0.2790, -0.0019), b"gXYZ": xyz(0.1656, 0.6753, 0.0299),
        b"bXYZ": xyz(0.1251, 0.0456, 0.7968), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve,
    }  # fmt: skip
    offset, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        data += b"\0" * (-len(data) % 4)
        table += name + struct.pack(">II", offset + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s", 0, b"lcms", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + b"\0" * 28
    head += s15(0.9642) + s15(1.0) + s15(0.8249)
    head = head.ljust(128, b"\0") + struct.pack(">I", len(tags))
    whole = head + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_colours_of_a_profile_become_srgb(kind: str) -> None:
    profile = wide_profile()
    data = encoded(smooth(), kind, icc_profile=profile)
    meant = ImageCms.profileToProfile(
        Image.open(io.BytesIO(data)).convert("RGB"),
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )

    found = check_picture(data)

    assert isinstance(found, AnchorImage)
    assert "icc_profile" not in Image.open(io.BytesIO(found.data)).info
    difference = np.abs(shown(found.data) - np.asarray(meant).astype(int))
    assert difference.mean() < 2
    assert np.abs(shown(found.data) - np.asarray(smooth()).astype(int)).max() > 20


@pytest.mark.parametrize(
    "profile",
    [ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), b"no profile" * 20],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_profile_that_changes_nothing_costs_no_bytes(profile: bytes, kind: str) -> None:
    data = encoded(smooth(), kind, icc_profile=profile)

    assert check_picture(data) == AnchorImage(data, {"JPEG": "jpg"}.get(kind, kind.lower()), 64, 48)


def test_of_a_moving_picture_the_first_frame_counts() -> None:
    frames = [smooth(), smooth().rotate(180)]
    for kind in ("WEBP", "PNG"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])

        found = check_picture(data)

        assert isinstance(found, AnchorImage)
        assert found.data != data
        assert np.abs(shown(found.data) - np.asarray(frames[0]).astype(int)).max() <= 1


def test_the_same_picture_is_trained_on_shown_and_edited(tmp_path: Path) -> None:
    """The training job's decoder, the contact sheet's and the image model's see it upright."""
    from pipeline.adapters.sdxl.inpaint import fit_picture

    data = encoded(smooth(), "JPEG", exif=exif_of(6))

    found = check_picture(data)

    assert isinstance(found, AnchorImage)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data)))).astype(int)
    decoded = shown(found.data)
    edited = fit_picture(found, (48, 64)).astype(int)
    assert np.abs(decoded - upright).max() <= 12
    assert np.abs(edited - decoded).max() <= 1
