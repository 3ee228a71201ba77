"""The contact sheet: a picture of some sets, a row per anchor, changed words marked."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from PIL import Image, ImageDraw, ImageFont

CELL_WIDTH_PX = 232
PADDING_PX = 12
THUMBNAIL_PX = CELL_WIDTH_PX - 2 * PADDING_PX
TEXT_PX = 14
LABEL_PX = 12
LINE_PX = 19
NOTE_PX = 16

PAGE = "#f4f4f1"
CARD = "#ffffff"
FACTUAL_CARD = "#eef4ee"
INK = "#1c1c1a"
FAINT = "#6c6c66"
EMPTY_EDGE = "#d6d4cc"
EDIT_MARK = "#ffd54a"
REPAIR_MARK = "#ffefb8"
KIND_INKS = {
    "factual": "#2e6b3c",
    "control": "#2e6b3c",
    "full": "#8a3ffc",
    "neutral": "#2e6b3c",
}
DEFAULT_KIND_INK = "#b3401f"


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a caption to highlight.

    Attributes:
        start: First character.
        end: Behind the last one.
        strong: True for the decisive edit, False for a repair.
    """

    start: int
    end: int
    strong: bool = True


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One caption with its picture, if it has one.

    Attributes:
        label: What it is: "factual", "attribute · colour", "full".
        caption: The text, shown as it is.
        marks: What changed in it, in order, not overlapping.
        image: Encoded picture, or None.
        note: A small line under the caption, such as "red → blue".
        missing: Why there is no picture; its place then says so. Empty for a caption of a set
            without pictures, which has no such place.
    """

    label: str
    caption: str
    marks: tuple[Mark, ...] = ()
    image: bytes | None = field(default=None, repr=False)
    note: str = ""
    missing: str = ""

    @property
    def has_place(self) -> bool:
        """Whether the cell has a place for a picture."""
        return self.image is not None or bool(self.missing)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    strength: int  # 0 plain, 1 repair, 2 edit
    glued: bool  # no space before it


def _words(text: str, marks: Sequence[Mark] = ()) -> Iterator[_Word]:
    """Split a text at its spaces and at the borders of its marks."""
    strengths = [0] * len(text)
    for mark in marks:
        for index in range(mark.start, min(mark.end, len(strengths))):
            strengths[index] = 2 if mark.strong else 1
    start = 0
    glued = True
    for index in range(len(text) + 1):
        at_end = index == len(text)
        at_space = not at_end and text[index] == " "
        border = at_end or at_space or (index > start and strengths[index] != strengths[start])
        if border and index > start:
            yield _Word(text[start:index], strengths[start], glued)
            glued = not at_space
            start = index
        if at_space:
            start = index + 1
            glued = False


def _lines(words: Iterable[_Word], font: ImageFont.FreeTypeFont) -> list[list[tuple[float, _Word]]]:
    """Lay words out in lines: (x in px, word)."""
    space = font.getlength(" ")
    lines: list[list[tuple[float, _Word]]] = [[]]
    x = 0.0
    for word in words:
        width = font.getlength(word.text)
        gap = 0.0 if word.glued or not lines[-1] else space
        if lines[-1] and x + gap + width > THUMBNAIL_PX:
            lines.append([])
            x = gap = 0.0
        lines[-1].append((x + gap, word))
        x += gap + width
    return lines


def _font(size_px: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size_px)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType; reinstall pillow from its wheel")
    return font


@dataclass(frozen=True, slots=True)
class _Fonts:
    text: ImageFont.FreeTypeFont
    label: ImageFont.FreeTypeFont


def _cell_height(cell: SheetCell, fonts: _Fonts) -> int:
    height = 2 * PADDING_PX + LINE_PX
    height += LINE_PX * len(_lines(_words(cell.caption, cell.marks), fonts.text))
    if cell.has_place:
        height += THUMBNAIL_PX + PADDING_PX
    return height + (NOTE_PX * len(_lines(_words(cell.note), fonts.label)) if cell.note else 0)


def _draw_cell(
    page: Image.Image, fonts: _Fonts, cell: SheetCell, left: int, top: int, height: int
) -> None:
    draw = ImageDraw.Draw(page)
    factual = cell.label.split(" ")[0] in {"factual", "control"}
    draw.rounded_rectangle(
        (left, top, left + CELL_WIDTH_PX - 6, top + height - 6),
        radius=8,
        fill=FACTUAL_CARD if factual else CARD,
    )
    x, y = left + PADDING_PX - 3, top + PADDING_PX - 3
    if cell.image is not None:
        with Image.open(io.BytesIO(cell.image)) as opened:
            thumbnail = opened.convert("RGB")
        scale = THUMBNAIL_PX / max(thumbnail.size)
        size = (max(1, round(thumbnail.width * scale)), max(1, round(thumbnail.height * scale)))
        method = Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.NEAREST
        page.paste(thumbnail.resize(size, method), (x, y))
    elif cell.missing:
        _draw_empty(draw, fonts, cell.missing, x, y)
    if cell.has_place:
        y += THUMBNAIL_PX + PADDING_PX
    ink = KIND_INKS.get(cell.label.split(" ")[0], DEFAULT_KIND_INK)
    draw.text((x, y), cell.label, font=fonts.label, fill=ink)
    y += LINE_PX
    for line in _lines(_words(cell.caption, cell.marks), fonts.text):
        for offset, word in line:
            if word.strength:
                box = (x + offset - 1, y, x + offset + fonts.text.getlength(word.text) + 1, y + 18)
                draw.rectangle(box, fill=EDIT_MARK if word.strength == 2 else REPAIR_MARK)
            draw.text((x + offset, y), word.text, font=fonts.text, fill=INK)
        y += LINE_PX
    for line in _lines(_words(cell.note), fonts.label):
        for offset, word in line:
            draw.text((x + offset, y), word.text, font=fonts.label, fill=FAINT)
        y += NOTE_PX


def _draw_empty(draw: ImageDraw.ImageDraw, fonts: _Fonts, why: str, x: int, y: int) -> None:
    """The empty place of a picture, with the reason in its middle."""
    draw.rectangle((x, y, x + THUMBNAIL_PX, y + THUMBNAIL_PX), fill=PAGE, outline=EMPTY_EDGE)
    lines = [
        "no picture:",
        *(" ".join(w.text for _, w in line) for line in _lines(_words(why), fonts.label)),
    ]
    top = y + (THUMBNAIL_PX - NOTE_PX * len(lines)) / 2
    for number, line in enumerate(lines):
        left = x + (THUMBNAIL_PX - fonts.label.getlength(line)) / 2
        draw.text((left, top + NOTE_PX * number), line, font=fonts.label, fill=FAINT)


def draw_sheet(rows: Sequence[Sequence[SheetCell]], *, title: str = "") -> Image.Image:
    """Draw a contact sheet.

    Args:
        rows: The sets, one row each: the factual cell first.
        title: A line at the top.

    Returns:
        An RGB picture; its height grows with the rows, its width with the longest row.

    Raises:
        ValueError: There are no rows.
    """
    if not rows:
        raise ValueError("a contact sheet needs at least one set")
    fonts = _Fonts(_font(TEXT_PX), _font(LABEL_PX))
    heights = [max(_cell_height(cell, fonts) for cell in row) for row in rows]
    head_px = 40 if title else PADDING_PX
    width = 2 * PADDING_PX + CELL_WIDTH_PX * max(len(row) for row in rows)
    page = Image.new("RGB", (width, head_px + sum(heights) + PADDING_PX), PAGE)
    if title:
        ImageDraw.Draw(page).text((PADDING_PX, 10), title, font=_font(17), fill=INK)
    top = head_px
    for row, height in zip(rows, heights, strict=True):
        for column, cell in enumerate(row):
            _draw_cell(page, fonts, cell, PADDING_PX + column * CELL_WIDTH_PX, top, height)
        top += height
    return page
