"""What it costs to find repeated captions in the pass that cuts an input into shards.

Each measurement is a process of its own; its peak memory is what the operating system counted. The
rows are spliced of the beginning of one real caption and the end of another, drawn at random.

    PYTHONPATH=. python tests/bench/bench_repeats.py --rows 100000 1000000 [--captions cc3m.tsv]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench_rows import read_captions
from machine import describe_machine

SETTINGS = {
    "the same row only": {"same_caption": "keep"},
    "the same caption": {"same_caption": "drop"},
    "near-duplicates at 0.8": {"same_caption": "drop", "near_duplicates": 0.8},
}
PARTITION = """
import json, resource, sys, time
from pipeline.config.source import SourceConfig
from pipeline.sources import open_source
config = SourceConfig.model_validate_json(sys.argv[1])
dropped, rows = {}, 0
for span in open_source(config).partition():
    rows += span.rows
    for one in span.repeats:
        dropped[one.reason] = dropped.get(one.reason, 0) + len(one.rows)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([rows, time.process_time(), peak, dropped]))
"""


def write_spliced(captions: Sequence[str], rows: int, path: Path) -> None:
    """Write rows of two halves each; the same for the same captions."""
    state = random.Random(0)
    words = [caption.split() for caption in captions]
    with path.open("w", encoding="utf-8") as file:
        for row in range(rows):
            one, other = state.choice(words), state.choice(words)
            text = " ".join(one[: len(one) // 2] + other[len(other) // 2 :])
            file.write(f"{text}\thttp://example.org/{row}.jpg\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--captions", type=Path, help="A cc3m.tsv; the packaged sample if unset.")
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    options = parser.parse_args()
    captions = read_captions(options.captions)
    print(describe_machine("numpy"))
    unit = 1024 if sys.platform != "darwin" else 1024**2
    with tempfile.TemporaryDirectory() as folder:
        for rows in options.rows:
            path = Path(folder) / f"{rows}.tsv"
            write_spliced(captions, rows, path)
            for name, settings in SETTINGS.items():
                config = json.dumps({"kind": "cc_tsv", "input": str(path), **settings})
                ran = subprocess.run(
                    [sys.executable, "-c", PARTITION, config],
                    check=True,
                    capture_output=True,
                    text=True,
                    env={**os.environ, "OMP_NUM_THREADS": "1"},
                )
                found, cpu_s, peak, dropped = json.loads(ran.stdout)
                print(
                    f"{found:>9,} rows, {name}: {cpu_s:6.1f} CPU-s, "
                    f"{1e6 * cpu_s / found:5.1f} us a row, peak {peak / unit:5.0f} MiB, {dropped}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
