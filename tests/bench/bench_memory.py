"""Peak memory of a caption-only run at two input sizes. Goal: within 10 % of each other.

Each run is a process of its own; its peak is what the operating system counted
(`ru_maxrss` of the child). The input is the packaged sample, repeated with small differences,
so that no row repeats another.

    python tests/bench/bench_memory.py --rows 10000 100000
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_rows import read_captions, write_input
from machine import describe_machine


def measure(rows: int, folder: Path) -> tuple[float, float]:
    """Run in a fresh process. Returns (peak MiB, seconds)."""
    path = folder / f"{rows}.tsv"
    write_input(read_captions(None), rows, path)
    command = [sys.executable, "-m", "counterfactory", "run", "--quiet"]
    command += ["--input", str(path), "--output", str(folder / str(rows))]
    start = time.monotonic()
    # Measured by a process in between: RUSAGE_CHILDREN is the largest of all children.
    reader = (
        "import resource,subprocess,sys\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", reader, *command],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    unit = 1024 if sys.platform != "darwin" else 1024**2
    return int(ran.stdout.split()[-1]) / unit, time.monotonic() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs=2, default=[2_000, 20_000])
    options = parser.parse_args()
    print(describe_machine("spacy", "pyarrow"))
    peaks: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for rows in options.rows:
            peak_mib, seconds = measure(rows, Path(folder))
            peaks.append(peak_mib)
            print(f"{rows:>9,} rows: peak {peak_mib:7.1f} MiB, {rows / seconds:6.0f} rows/s wall")
    print(f"ratio {peaks[1] / peaks[0]:.3f} (goal: at most 1.10)")


if __name__ == "__main__":
    main()
