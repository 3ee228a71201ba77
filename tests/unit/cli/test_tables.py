"""What the terminal says of a run."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from pipeline.cli.tables import print_inspection, print_run
from pipeline.shards.counts import MadeRefused, PictureCounts, ShardCounts
from pipeline.tools.inspect_run import Inspection


def told(counts: ShardCounts) -> list[list[str]]:
    console = Console(file=io.StringIO(), width=120)
    print_run(console, Path("run"), counts, resumed=0)
    assert isinstance(console.file, io.StringIO)
    return [line.split() for line in console.file.getvalue().splitlines()]


def test_refused_pictures_are_in_the_table_with_their_kind() -> None:
    counts = ShardCounts(
        rows=16,
        samples=8,
        edits={"attribute": MadeRefused(14, 0)},
        full=MadeRefused(3, 1),
        images=32,
        pictures={
            "attribute": PictureCounts(13, 9, {"image.margin_low": 9}),
            "control": PictureCounts(8, 16, {"image.image_text_low": 16}),
            "full": PictureCounts(2, 44, {"image.margin_low": 44}),
        },
    )
    lines = told(counts)
    assert lines[0] == ["kind", "captions", "refused", "pictures", "refused"]
    assert ["attribute", "14", "0", "13", "9"] in lines
    assert ["full", "3", "1", "2", "44"] in lines
    assert ["control", "8", "16"] in lines


def test_a_run_of_captions_alone_has_no_columns_of_pictures() -> None:
    counts = ShardCounts(rows=4, samples=2, edits={"count": MadeRefused(2, 5)})
    lines = told(counts)
    assert lines[0] == ["kind", "captions", "refused"]
    assert ["count", "2", "5"] in lines


def test_inspect_says_what_it_wrote_and_where() -> None:
    console = Console(file=io.StringIO(), width=200)
    sheet = Path("/data/runs/demo.png")
    print_inspection(console, Inspection(Path("demo"), 8, {}, 0, {}, 32, sheet, 8))
    assert isinstance(console.file, io.StringIO)
    assert f"wrote a contact sheet of 8 sets: {sheet} (--sheet" in console.file.getvalue()
