"""Pictures in the formats that cameras, editors and the web write."""

from __future__ import annotations

import io
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from pipeline.config.source import SourceConfig
from pipeline.core.records import Anchor, AnchorImage
from pipeline.core.stage import Fault
from pipeline.sources import open_source
from pipeline.sources.picture_kinds import KEPT, picture_kind
from pipeline.sources.pictures import check_picture

DATA = Path(__file__).parents[2] / "data" / "pictures"


def scene(shift: int = 0) -> Image.Image:
    """A smooth picture without symmetry."""
    y, x = np.mgrid[0:48, 0:64]
    colours = np.stack([4 * x, 5 * y, 2 * (x + y) // 2 + shift], -1)
    return Image.fromarray(colours.clip(0, 255).astype(np.uint8))


def saved(image: Image.Image, kind: str, **settings: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()


def decoded(data: bytes) -> np.ndarray:
    """What any training job decodes; what is left to interpretation is refused."""
    found = check_picture(data)
    assert isinstance(found, AnchorImage), found
    assert found.extension in KEPT
    image = Image.open(io.BytesIO(found.data))
    assert image.mode in {"RGB", "L"}
    assert getattr(image, "n_frames", 1) == 1
    assert image.getexif().get(0x0112, 1) == 1
    assert (found.width_px, found.height_px) == image.size
    return np.asarray(image.convert("RGB")).astype(int)


def orientation(number: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = number
    return exif.tobytes()


FORMATS: list[tuple[str, dict[str, object], float]] = [
    ("GIF", {}, 12.0),
    ("TIFF", {}, 0.0),
    ("TIFF", {"compression": "tiff_lzw"}, 0.0),
    ("TIFF", {"compression": "jpeg", "quality": 95}, 4.0),
    ("BMP", {}, 0.0),
    ("JPEG2000", {}, 0.5),
    ("AVIF", {"quality": 95}, 4.0),
]


@pytest.mark.parametrize(("kind", "settings", "tolerance"), FORMATS)
def test_a_format_that_training_jobs_may_not_read_is_written_anew(
    kind: str, settings: dict[str, object], tolerance: float
) -> None:
    data = saved(scene(), kind, **settings)
    assert picture_kind(data[:64]) not in {None, *KEPT}
    difference = np.abs(decoded(data) - np.asarray(scene()).astype(int))

    assert difference.shape == (48, 64, 3)
    assert difference.mean() <= tolerance


@pytest.mark.parametrize(("kind", "settings", "tolerance"), FORMATS)
def test_a_cut_or_damaged_file_never_raises(
    kind: str, settings: dict[str, object], tolerance: float
) -> None:
    data = saved(scene(), kind, **settings)
    faults = 0
    for length in range(0, len(data), max(1, len(data) // 25)):
        faults += isinstance(check_picture(data[:length]), Fault)
    assert faults >= 12, "half of a picture is none"
    for index in range(0, len(data), max(1, len(data) // 150)):
        damaged = data[:index] + bytes([data[index] ^ 0xFF]) + data[index + 1 :]
        assert isinstance(check_picture(damaged), AnchorImage | Fault)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF", "AVIF"])
def test_of_several_pictures_the_first_is_taken(kind: str) -> None:
    frames = [scene(shift) for shift in (0, 60, 120)]
    lossless = {"lossless": True} if kind == "WEBP" else {}
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], **lossless)
    assert Image.open(io.BytesIO(data)).n_frames == 3

    assert np.abs(decoded(data) - np.asarray(frames[0]).astype(int)).mean() < 13


def test_a_transparent_gif_stands_on_white() -> None:
    image = scene().convert("P", palette=Image.Palette.ADAPTIVE, colors=255)
    pixels = np.asarray(image).copy()
    pixels[:10] = 255
    data = saved(_with_palette(pixels, image), "GIF", transparency=255)

    assert (decoded(data)[:10] == 255).all()


def _with_palette(pixels: np.ndarray, like: Image.Image) -> Image.Image:
    image = Image.fromarray(pixels, mode=None).convert("L")
    image = Image.frombytes("P", image.size, image.tobytes())
    palette = (like.getpalette() or []) + [0] * 768
    image.putpalette(palette[:768])
    return image


@pytest.mark.parametrize("kind", ["TIFF", "AVIF"])
@pytest.mark.parametrize("number", range(1, 9))
def test_it_is_upright(kind: str, number: int) -> None:
    exact = {"quality": 95} if kind == "AVIF" else {}
    data = saved(scene(), kind, exif=orientation(number), **exact)
    meant = ImageOps.exif_transpose(
        Image.open(io.BytesIO(saved(scene(), "PNG", exif=orientation(number))))
    )

    assert np.abs(decoded(data) - np.asarray(meant.convert("RGB")).astype(int)).mean() < 4


def _grey(values: np.ndarray, mode: str) -> Image.Image:
    return Image.fromarray(values.astype({"I;16": np.uint16, "F": np.float32}[mode]))


@pytest.mark.parametrize(
    ("mode", "white"), [("I;16", 65535.0), ("F", 1.0), ("F", 255.0), ("F", 65535.0)]
)
def test_depth_beyond_eight_bits_keeps_its_brightness(mode: str, white: float) -> None:
    grey = np.linspace(0, 1, 48 * 64).reshape(48, 64)
    data = saved(_grey(grey * white, mode), "TIFF")

    assert np.abs(decoded(data) - 255 * grey[..., None]).max() <= 1.01


@pytest.mark.parametrize("mode", ["CMYK", "LAB", "1", "LA", "RGBA", "P"])
def test_other_colour_spaces_of_tiff(mode: str) -> None:
    grey = mode in {"1", "LA"}
    if mode == "LAB":
        image = _lab()
    else:
        image = scene().convert("L").convert(mode) if grey else scene().convert(mode)
    found = decoded(saved(image, "TIFF"))
    meant = np.asarray(scene().convert("L" if grey else "RGB").convert("RGB")).astype(int)

    assert np.abs(found - meant).mean() < (130 if mode == "1" else 25)


def _lab() -> Image.Image:
    from PIL import ImageCms

    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    made = ImageCms.profileToProfile(scene(), srgb, lab, outputMode="LAB")
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("name", "turn"), [("upright", None), ("sideways", Image.Transpose.ROTATE_270)]
)
def test_heic_of_a_telephone(name: str, turn: Image.Transpose | None) -> None:
    pytest.importorskip("pi_heif")
    meant = scene() if turn is None else scene().transpose(turn)

    found = decoded((DATA / f"{name}.heic").read_bytes())
    assert np.abs(found - np.asarray(meant).astype(int)).mean() < 5


def test_heic_without_its_reader_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("pi_heif", "pillow_heif"):
        monkeypatch.setitem(sys.modules, package, None)
    found = check_picture((DATA / "upright.heic").read_bytes())

    assert isinstance(found, Fault)
    assert "HEIC" in found.detail
    assert "counterfactory[heif]" in found.detail


@pytest.mark.parametrize(
    "head",
    [
        b"BMW at dusk, two of them",
        b"GIF8 is no picture",
        b"II* a note",
        b"\0\0\0\x18ftypmp42\0\0\0\0",
    ],
)
def test_text_and_films_are_no_pictures(head: bytes) -> None:
    assert picture_kind(head) is None


def _tar(folder: Path, pictures: dict[str, bytes]) -> str:
    with tarfile.open(folder / "x.tar", "w") as archive:
        for name, data in pictures.items():
            for member, content in (
                (name, data),
                (name.split(".")[0] + ".txt", b"a red boat at sea"),
            ):
                entry = tarfile.TarInfo(member)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    return str(folder / "x.tar")


def _folder(folder: Path, pictures: dict[str, bytes]) -> str:
    for name, data in pictures.items():
        (folder / name).write_bytes(data)
        (folder / name).with_suffix(".txt").write_text(f"a red boat of {name}")
    return str(folder)


@pytest.mark.parametrize("make", [_tar, _folder])
def test_they_come_through_every_source(
    tmp_path: Path, make: Callable[[Path, dict[str, bytes]], str]
) -> None:
    pictures = {
        f"{number}.{suffix}": saved(scene(number), kind)
        for number, (suffix, kind) in enumerate(
            [
                ("gif", "GIF"),
                ("tiff", "TIFF"),
                ("tif", "TIFF"),
                ("bmp", "BMP"),
                ("avif", "AVIF"),
                ("jp2", "JPEG2000"),
            ]
        )
    }
    source = open_source(SourceConfig(input=make(tmp_path, pictures)))
    (span,) = source.partition()
    anchors = list(source.read(span))

    assert len(anchors) == len(pictures)
    for anchor in anchors:
        assert isinstance(anchor, Anchor), anchor
        assert anchor.image is not None
        assert (anchor.image.width_px, anchor.image.height_px) == (64, 48)
