"""The report of a run: seconds, size, and how much of it is thumbnails.

A run of 1,000 sets with two candidates of each picture is written first (not timed); then its
report with the default gallery, and with all sets.

    python tests/bench/bench_report.py --sets 1000
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "integration" / "report"))

from machine import describe_machine
from scored_run import Wanted, write_scored_run

from pipeline.report.build import MOST_SETS, write_report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=1000)
    parser.add_argument("--side-px", type=int, default=256)
    arguments = parser.parse_args()
    print(describe_machine("pillow", "pyarrow", "jinja2"))
    with tempfile.TemporaryDirectory() as folder:
        wanted = Wanted(sets=arguments.sets, side_px=arguments.side_px)
        layout = write_scored_run(Path(folder) / "run", wanted)
        for most_sets in (1, MOST_SETS, 2 * arguments.sets):
            started = time.perf_counter()
            page, told = write_report(layout, most_sets=most_sets)
            seconds = time.perf_counter() - started
            cards = [card for one in told.gallery.sets for card in one.cards]
            pictures = [card.thumbnail for card in cards if card.thumbnail is not None]
            print(
                f"{len(told.gallery.sets):5} of {told.gallery.made + told.gallery.rejected} rows, "
                f"{len(pictures):6} thumbnails, {sum(len(p.data) for p in pictures) / 1e6:.1f} MB: "
                f"{seconds:.2f} s, page {page.stat().st_size / 1e6:.1f} MB"
            )


if __name__ == "__main__":
    main()
