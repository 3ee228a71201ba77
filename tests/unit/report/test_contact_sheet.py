"""The contact sheet shows every cell, and marks what changed and nothing else."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pipeline.report.contact_sheet import EDIT_MARK, REPAIR_MARK, Mark, SheetCell, draw_sheet

CAPTION = "a man in a red hat"


def picture(colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), colour).save(out, "PNG")
    return out.getvalue()


def amount(sheet: Image.Image, colour: str) -> int:
    wanted = tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return int((np.asarray(sheet) == wanted).all(axis=2).sum())


def test_marks_are_drawn_where_something_changed() -> None:
    plain = draw_sheet([[SheetCell("factual", CAPTION)]])
    assert amount(plain, EDIT_MARK) == amount(plain, REPAIR_MARK) == 0
    edited = draw_sheet(
        [[SheetCell("attribute", CAPTION, (Mark(11, 14), Mark(9, 10, strong=False)))]]
    )
    assert amount(edited, EDIT_MARK) > amount(edited, REPAIR_MARK) > 0


def test_a_longer_mark_is_wider() -> None:
    short = draw_sheet([[SheetCell("x", CAPTION, (Mark(11, 14),))]])
    long = draw_sheet([[SheetCell("x", CAPTION, (Mark(9, 18),))]])
    assert amount(long, EDIT_MARK) > amount(short, EDIT_MARK)


def test_every_picture_is_there() -> None:
    red, blue = (250, 0, 0), (0, 0, 250)
    sheet = draw_sheet(
        [
            [SheetCell("factual", CAPTION, image=picture(red))],
            [SheetCell("factual", CAPTION, image=picture(blue))],
        ]
    )
    assert amount(sheet, "#fa0000") == amount(sheet, "#0000fa") > 10_000


def test_long_captions_make_the_row_taller() -> None:
    short = draw_sheet([[SheetCell("factual", CAPTION)]])
    long = draw_sheet([[SheetCell("factual", " ".join([CAPTION] * 8))]])
    assert long.height > short.height
    assert long.width == short.width


def test_hostile_text_is_only_text() -> None:
    draw_sheet([[SheetCell("x", "<b>\u202e 漢字 \U0001f600 [red]", (Mark(0, 99),))]])


def test_an_empty_sheet_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        draw_sheet([])


def test_an_empty_place_says_why_and_is_as_large_as_a_picture() -> None:
    drawn = draw_sheet([[SheetCell("x", CAPTION, image=picture((9, 9, 9)))]])
    empty = draw_sheet([[SheetCell("x", CAPTION, missing="margin too low")]])
    other = draw_sheet([[SheetCell("x", CAPTION, missing="image text too low, by far")]])
    bare = draw_sheet([[SheetCell("x", CAPTION)]])
    assert drawn.size == empty.size
    assert bare.height < empty.height
    assert empty.tobytes() != other.tobytes()
