"""Ten times the rows take the same memory."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc"),
]


# The peak of this process image alone: ru_maxrss would also count the parent's.
MEASURE = """
import sys
from pipeline.config.source import SourceConfig
from pipeline.sources import open_source
source = open_source(SourceConfig(input=sys.argv[1]))
spans = list(source.partition())
assert sum(1 for _ in source.read(spans[-1])) == spans[-1].rows
status = open("/proc/self/status").read()
print(sum(span.rows for span in spans), status.split("VmHWM:")[1].split()[0])
"""


def peak_kb(path: Path, rows: int) -> int:
    lines = files("pipeline.sources").joinpath("sample/cc3m_sample.tsv").read_text().splitlines()
    with path.open("w") as file:
        for row in range(rows):
            caption, _, address = lines[row % len(lines)].partition("\t")
            # No row repeats another: what is dropped is kept track of, at some bytes a row.
            file.write(f"{caption} {row}\t{address}?n={row}\n")
    answer = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
    )
    counted, peak = map(int, answer.stdout.split())
    assert counted == rows
    return peak


def test_ten_times_the_rows_take_the_same_memory(tmp_path: Path) -> None:
    small, large = peak_kb(tmp_path / "s.tsv", 10_000), peak_kb(tmp_path / "l.tsv", 100_000)

    assert large <= 1.10 * small
