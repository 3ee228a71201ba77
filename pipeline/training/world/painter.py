"""The painter: a scene becomes a picture, the same for the same scene."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageDraw

from pipeline.training.world.scene import CRATE, SIZE_PX, Scene, Thing

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDES_PX: Final = {"big": 48, "small": 32}
"""Side of a thing's square. Squares lie on a grid of 8 px, as the autoencoder's cells do, so
that a thing looks the same to it wherever it stands."""

HAT_PX: Final = 32
SKY_PX: Final = 48
CRATE_PX: Final = 96
"""Side of a crate that holds something."""

PAINTS: Final = {
    "red": (226, 38, 44),
    "orange": (247, 134, 20),
    "yellow": (250, 212, 30),
    "green": (40, 160, 60),
    "blue": (40, 100, 235),
    "purple": (150, 60, 200),
    "white": (245, 245, 245),
    "black": (48, 48, 52),
}

_ROWS: Final[dict[int, tuple[tuple[int, int], ...]]] = {
    1: ((64, 80),),
    2: ((32, 80), (96, 80)),
    3: ((24, 80), (64, 80), (104, 80)),
    4: ((32, 40), (96, 40), (32, 96), (96, 96)),
}

HAT_CENTRE: Final = (64, 48)
SKY_CENTRE: Final = (64, 32)


def centres(scene: Scene) -> tuple[tuple[Thing, int, tuple[int, int]], ...]:
    """Where everything but hat, sky and large crate stands: thing, side in px, centre (x, y)."""
    things = scene.things
    sides = [SIDES_PX[thing.size] for thing in things]
    if scene.layout == "group":
        return tuple((things[0], sides[0], centre) for centre in _ROWS[things[0].count])
    if scene.layout == "beside":
        return tuple(zip(things, sides, _ROWS[2], strict=True))
    if scene.layout == "above":
        return tuple(zip(things, sides, ((64, 32), (64, 96)), strict=True))
    if scene.layout == "inside":
        return ((things[0], SIDES_PX["big"], (64, 72)),)
    return ((things[0], SIDES_PX["big"], (64, 88)),)


def paint(scene: Scene) -> NDArray[np.uint8]:
    """Paint a scene: (128, 128, 3) uint8 RGB."""
    canvas = background(scene.setting).copy()
    if scene.layout == "inside":
        _lay(canvas, crate(scene.things[1].colour, CRATE_PX), (64, 72))
    for thing, side_px, centre in centres(scene):
        _lay(canvas, sprite(sprite_name(thing), thing.colour, side_px), centre)
    if scene.hat:
        _lay(canvas, sprite("hat", "", HAT_PX), HAT_CENTRE)
    if scene.weather:
        _lay(canvas, sprite(scene.weather, "", SKY_PX), SKY_CENTRE)
    return (canvas * 255 + 0.5).astype(np.uint8)


def sprite_name(thing: Thing) -> str:
    """Name of the sprite of a thing in its state."""
    if thing.state in ("wilted", "closed"):
        return f"{thing.state}_{thing.name}"
    return thing.name


def _lay(canvas: NDArray[np.float32], layer: NDArray[np.float32], centre: tuple[int, int]) -> None:
    """Lay a premultiplied RGBA layer over the canvas, in place."""
    side = layer.shape[0]
    x, y = centre[0] - side // 2, centre[1] - side // 2
    window = canvas[y : y + side, x : x + side]
    window *= 1 - layer[:, :, 3:]
    window += layer[:, :, :3]


@cache
def sprite(name: str, colour: str, side_px: int) -> NDArray[np.float32]:
    """A sprite in a colour: (side, side, 4) float32 in 0…1, premultiplied.

    The tint keeps light and shadow: dark parts of the sprite get a dark shade of the colour,
    bright parts a pale one. An empty `colour` leaves the sprite as it is.
    """
    if name == CRATE:
        return crate(colour, side_px)
    file = files("pipeline.training.world") / "sprites" / f"{name}.png"
    with file.open("rb") as stream:
        drawn = Image.open(stream).convert("RGBA")
    drawn = drawn.resize((side_px - 2, side_px - 2), Image.Resampling.LANCZOS)
    square = Image.new("RGBA", (side_px, side_px))
    square.paste(drawn, (1, 1))
    pixels = np.asarray(square, np.float32) / np.float32(255)
    rgb, alpha = pixels[:, :, :3], pixels[:, :, 3:]
    if colour:
        rgb = _tint(rgb, alpha, colour)
    return np.concatenate([rgb * alpha, alpha], axis=2).astype(np.float32)


def _tint(rgb: NDArray[np.float32], alpha: NDArray[np.float32], colour: str) -> NDArray[np.float32]:
    """The colour, shaded by the sprite's lightness, whose range is spread to 0…1."""
    light = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    inside = light[alpha[:, :, 0] > 0.5]
    low, high = np.quantile(inside, [0.03, 0.97])
    middle = float(np.median(inside))
    light = np.clip((light - low) / max(high - low, 0.05), 0, 1)
    middle = min(max((middle - low) / max(high - low, 0.05), 0.25), 0.75)
    paint_rgb = np.array(PAINTS[colour], np.float32) / 255
    dark = paint_rgb * 0.35
    pale = paint_rgb + (1 - paint_rgb) * 0.55
    below = np.clip(light / middle, 0, 1)[:, :, None]
    over = np.clip((light - middle) / (1 - middle), 0, 1)[:, :, None]
    shaded: NDArray[np.float32] = dark + (paint_rgb - dark) * below
    brightened: NDArray[np.float32] = shaded + (pale - shaded) * over
    return brightened


@cache
def crate(colour: str, side_px: int) -> NDArray[np.float32]:
    """An open wooden crate seen from the front: (side, side, 4) float32, premultiplied."""
    zoom = 4
    side = side_px * zoom
    base = np.array(PAINTS[colour], np.float32)
    tones = [tuple(int(v) for v in base * factor) for factor in (0.4, 0.7, 1.0)]
    drawn = Image.new("RGBA", (side, side))
    pen = ImageDraw.Draw(drawn)
    edge, board = zoom, side // 8
    pen.rounded_rectangle((edge, edge, side - edge, side - edge), board // 2, fill=tones[2])
    pen.rectangle((board, board, side - board, side - board), fill=tones[0])
    if side_px < CRATE_PX:  # closed: planks across
        for top in range(board, side - board, board * 2):
            pen.rectangle((board, top, side - board, top + board * 2 - zoom * 2), fill=tones[1])
        pen.line((board, board, side - board, side - board), fill=tones[2], width=board)
        pen.line((side - board, board, board, side - board), fill=tones[2], width=board)
    small = drawn.resize((side_px, side_px), Image.Resampling.LANCZOS)
    pixels = np.asarray(small, np.float32) / np.float32(255)
    rgb, alpha = pixels[:, :, :3], pixels[:, :, 3:]
    return np.concatenate([rgb * alpha, alpha], axis=2).astype(np.float32)


_GROUNDS: Final = {
    # sky above, sky at the horizon, ground at the horizon, ground below
    "meadow": ((120, 190, 250), (205, 232, 255), (150, 205, 95), (95, 165, 60)),
    "beach": ((90, 200, 235), (190, 235, 245), (245, 226, 170), (225, 195, 130)),
    "snow": ((170, 190, 215), (215, 225, 238), (252, 253, 255), (222, 232, 246)),
    "night": ((14, 16, 54), (44, 44, 104), (40, 62, 70), (22, 38, 48)),
    "street": ((188, 196, 204), (214, 220, 224), (120, 122, 128), (92, 94, 100)),
    "room": ((250, 214, 206), (246, 202, 194), (170, 116, 74), (136, 88, 54)),
}

_HORIZON_PX: Final = 72


@cache
def background(setting: str) -> NDArray[np.float32]:
    """The empty setting: (128, 128, 3) float32 in 0…1. A copy must be made to paint on it."""
    high, low, near, deep = (np.array(c, np.float32) for c in _GROUNDS[setting])
    rows = np.zeros((SIZE_PX, 3), np.float32)
    sky = np.linspace(0, 1, _HORIZON_PX, dtype=np.float32)[:, None]
    ground = np.linspace(0, 1, SIZE_PX - _HORIZON_PX, dtype=np.float32)[:, None]
    rows[:_HORIZON_PX] = high + (low - high) * sky
    rows[_HORIZON_PX:] = near + (deep - near) * ground
    flat = np.repeat(rows[:, None], SIZE_PX, axis=1)
    drawn = Image.fromarray(flat.astype(np.uint8)).resize((SIZE_PX * 4,) * 2)
    _DETAILS[setting](ImageDraw.Draw(drawn))
    small = drawn.resize((SIZE_PX, SIZE_PX), Image.Resampling.LANCZOS)
    pixels: NDArray[np.float32] = np.asarray(small, np.float32) / np.float32(255)
    return pixels


def _draw_meadow(pen: ImageDraw.ImageDraw) -> None:
    pen.ellipse((-120, 240, 260, 420), fill=(134, 194, 84))
    pen.ellipse((240, 252, 640, 420), fill=(142, 200, 90))
    for x, y in ((40, 60), (400, 96)):
        for dx, dy, r in ((0, 0, 26), (30, -12, 32), (64, 0, 26)):
            pen.ellipse((x + dx - r, y + dy - r, x + dx + r, y + dy + r), fill=(246, 250, 255))


def _draw_beach(pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle((0, 224, 512, 300), fill=(40, 130, 200))
    pen.rectangle((0, 292, 512, 306), fill=(235, 248, 250))


def _draw_snow(pen: ImageDraw.ImageDraw) -> None:
    pen.polygon(((-40, 296), (110, 120), (260, 296)), fill=(140, 158, 186))
    pen.polygon(((66, 172), (110, 120), (154, 172), (110, 160)), fill=(250, 252, 255))
    pen.polygon(((240, 296), (400, 150), (580, 296)), fill=(154, 170, 196))
    pen.polygon(((360, 186), (400, 150), (444, 186), (400, 178)), fill=(250, 252, 255))


def _draw_night(pen: ImageDraw.ImageDraw) -> None:
    pen.ellipse((430, 24, 490, 84), fill=(250, 244, 200))
    for x, y in ((40, 40), (110, 110), (200, 30), (330, 70), (480, 150), (30, 190), (290, 170)):
        pen.ellipse((x - 5, y - 5, x + 5, y + 5), fill=(250, 244, 210))


def _draw_street(pen: ImageDraw.ImageDraw) -> None:
    for left, top, right in ((0, 120, 90), (90, 60, 190), (330, 90, 430), (430, 30, 512)):
        pen.rectangle((left, top, right, 290), fill=(150, 140, 146))
        for x in range(left + 18, right - 20, 34):
            for y in range(top + 20, 270, 44):
                pen.rectangle((x, y, x + 16, y + 22), fill=(226, 222, 190))
    for x in range(16, 512, 128):
        pen.rectangle((x, 470, x + 64, 482), fill=(240, 236, 220))


def _draw_room(pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle((30, 40, 150, 170), fill=(252, 250, 244))
    pen.rectangle((40, 50, 140, 160), fill=(150, 205, 245))
    pen.rectangle((86, 50, 94, 160), fill=(252, 250, 244))
    pen.rectangle((0, 280, 512, 296), fill=(252, 246, 238))
    for y in range(340, 512, 46):
        pen.line((0, y, 512, y), fill=(122, 78, 48), width=4)


_DETAILS: Final = {
    "meadow": _draw_meadow,
    "beach": _draw_beach,
    "snow": _draw_snow,
    "night": _draw_night,
    "street": _draw_street,
    "room": _draw_room,
}
