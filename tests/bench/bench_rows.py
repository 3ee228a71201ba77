"""A caption run by rules over very many rows, made by several ranks: time, memory, files, resume.

The input repeats a caption file with small differences (other numbers, places and months), so
that every row is parsed anew and no row is a repeat. Each rank is a process with RANK and
WORLD_SIZE as a launcher sets them; CPU-seconds and peak memory are what the operating system
counted for it. A run that is there is gone on with, and what it is then is printed.

    python tests/bench/bench_rows.py --captions cc3m.tsv --rows 100000 1000000 --folder /tmp/rows
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from machine import describe_machine

from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_receipt

PLACES = (
    "the village", "the valley", "the old town", "the mountains", "the harbour", "the garden",
    "the market", "the park", "the desert", "the forest", "the bay", "the square", "the studio",
    "the countryside",
)  # fmt: skip
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
NUMBER = re.compile(r"\d+")


def varied(caption: str, time_round: int) -> str:
    """A caption as another round over the file has it: other numbers, and a place and a month."""
    if time_round == 0:
        return caption
    caption = NUMBER.sub(lambda found: str(int(found[0][:9]) + time_round), caption)
    place, month = time_round % len(PLACES), time_round // len(PLACES) % len(MONTHS)
    return f"{caption.rstrip(' .')} near {PLACES[place]} in {MONTHS[month]} ."


def read_captions(path: Path | None) -> list[str]:
    """The captions of a file in the layout of Conceptual Captions; the packaged ones if None."""
    packaged = resources.files("pipeline.sources").joinpath("sample/cc3m_sample.tsv")
    text = (path or packaged).read_text("utf-8")
    return [line.split("\t")[0] for line in text.splitlines()]


def write_input(captions: Sequence[str], rows: int, path: Path) -> None:
    """Write `rows` rows in the layout of Conceptual Captions."""
    with path.open("w", encoding="utf-8") as file:
        for row in range(rows):
            turn, place = divmod(row, len(captions))
            file.write(f"{varied(captions[place], turn)}\thttp://example.org/{row}.jpg\n")


@dataclass(frozen=True, slots=True)
class Used:
    """What a process used, and how it ended."""

    cpu_s: float
    wall_s: float
    peak_mib: float
    status: int


class Running:
    """A process whose use of the machine is counted."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str] | None = None) -> None:
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "counterfactory", *command],
            env={**os.environ, "OMP_NUM_THREADS": "1", **(environ or {})},
            stdout=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        """Ask it to end, as Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)

    def wait(self) -> Used:
        """Wait for its end."""
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        unit = 1024 if sys.platform != "darwin" else 1024**2
        return Used(
            usage.ru_utime + usage.ru_stime,
            time.monotonic() - self._began,
            usage.ru_maxrss / unit,
            self._process.returncode,
        )


def made_by_ranks(run: Sequence[str], world_size: int, stop_after_s: float) -> list[Used]:
    """What each rank used; all are asked to stop after the time."""
    ranks = [
        Running(run, {"RANK": str(i), "LOCAL_RANK": str(i), "WORLD_SIZE": str(world_size)})
        for i in range(world_size)
    ]
    signal.signal(signal.SIGALRM, lambda *_: [rank.stop() for rank in ranks])
    signal.setitimer(signal.ITIMER_REAL, stop_after_s)
    used = [rank.wait() for rank in ranks]
    signal.setitimer(signal.ITIMER_REAL, 0)
    return used


def report(captions: Sequence[str], rows: int, options: argparse.Namespace) -> None:
    """Make one run, and print what it took."""
    source, output = options.folder / f"{rows}.tsv", options.folder / str(rows)
    if not source.exists():
        write_input(captions, rows, source)
    run = ["run", "--quiet", "--no-report", "--input", str(source), "--output", str(output)]
    run += ["--set", "source.shard_size=1000"]
    layout = RunLayout(output)
    before = len(list(layout.shards_dir.glob("*.json")))
    used = made_by_ranks(run, options.ranks, options.stop_after)
    receipts = [
        receipt
        for shard_id in range((rows + 999) // 1000)
        if (receipt := read_receipt(layout, shard_id)) is not None
    ]
    done = sum(receipt.counts.rows for receipt in receipts)
    made_now = max(1, done - 1000 * before)
    print(f"\n{rows:,} rows, {options.ranks} ranks: {done:,} rows done, {made_now:,} of them now")
    for number, rank in enumerate(used):
        print(
            f"  rank {number}: {rank.cpu_s:8.1f} CPU-s, {rank.wall_s:8.1f} s, "
            f"peak {rank.peak_mib:6.0f} MiB, exit {rank.status}"
        )
    print(f"  {1e3 * sum(rank.cpu_s for rank in used) / made_now:.2f} ms CPU a row")
    print(f"  {sum(receipt.counts.samples for receipt in receipts):,} sets")
    files = [path for path in output.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    print(f"  {len(files):,} files, {size / 1e6:,.1f} MB, {size / max(1, done):.0f} bytes a row")
    if layout.manifest_json.exists():
        for name, command in (
            ("resume, nothing left", run),
            ("verify --sample 0.01", ["verify", str(output), "--sample", "0.01"]),
            ("report", ["report", str(output)]),
        ):
            took = Running(command).wait()
            print(
                f"  {name}: {took.cpu_s:.1f} CPU-s, {took.wall_s:.1f} s, "
                f"peak {took.peak_mib:.0f} MiB, exit {took.status}"
            )
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--captions", type=Path, help="A cc3m.tsv; the packaged sample if unset.")
    parser.add_argument("--rows", type=int, nargs="+", default=[2_000, 20_000])
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="Where runs go, and stay; else they go.")
    parser.add_argument("--stop-after", type=float, default=0, help="Seconds; 0 for never.")
    options = parser.parse_args()
    captions = read_captions(options.captions)
    print(describe_machine("spacy", "pyarrow"))
    with tempfile.TemporaryDirectory() as folder:
        options.folder = options.folder or Path(folder)
        options.folder.mkdir(parents=True, exist_ok=True)
        for rows in options.rows:
            report(captions, rows, options)


if __name__ == "__main__":
    main()
