"""What it costs a flow run that Prefect's server is away: shards finished, longest pause.

Two servers, each with a worker and the same flow run, work side by side, so that both meet the same
load of the machine. After a while with both, one server hangs (SIGSTOP) for the first half of the
time and is gone (SIGKILL) for the second; then it is started again. Goal: at least 95 % of the
shards of the run beside it. The server that is away uses no processor, which is why its share
is printed too: the larger the shards, the less it says.

    PYTHONPATH=. python tests/bench/bench_server_away.py --away 240
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, SIGSTOP

from bench_rows import read_captions, write_input
from machine import describe_machine

from pipeline.shards.layout import RunLayout
from tests.integration.flows.prefect_stack import Stack, open_stack, wait_for

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Side:
    """A flow run and its server.

    Attributes:
        stack: The server and its worker.
        layout: The run directory.
        run_id: The flow run.
    """

    stack: Stack
    layout: RunLayout
    run_id: str

    def finished_at(self) -> list[float]:
        """When each receipt was written, ascending, in seconds of the clock."""
        return sorted(path.stat().st_mtime for path in self.layout.shards_dir.glob("0*.json"))

    def count(self, begin: float, end: float) -> int:
        """Shards finished in a time."""
        return sum(begin <= at < end for at in self.finished_at())

    def longest_pause_s(self, begin: float, end: float) -> float:
        """Longest time in it without a finished shard."""
        edges = [begin, *(at for at in self.finished_at() if begin <= at < end), end]
        return max(later - earlier for earlier, later in zip(edges, edges[1:], strict=False))

    def server_cpu_s(self) -> float:
        """CPU-seconds of the server so far, its children's among them."""
        assert self.stack.server is not None
        group = self.stack.server.pid
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS_PER_S


def begin(folder: Path, source: Path, shard_rows: int) -> Side:
    """Start a server and a worker, and submit the run."""
    folder.mkdir()
    stack = open_stack(folder)
    config = {
        "output": "outputs/away",
        "source": {"input": str(source), "shard_size": shard_rows},
    }
    layout = RunLayout(stack.project / "outputs" / "away")
    return Side(stack, layout, stack.submit("generate-cf/default", config))


def take_away(stack: Stack, seconds: float) -> None:
    """Have the server hang for half of the time, and be gone for the other half."""
    assert stack.server is not None
    for number in (SIGSTOP, SIGKILL):
        os.killpg(stack.server.pid, number)
        time.sleep(seconds / 2)
    stack.server.wait()


def compare(away: Side, beside: Side, *, before_s: float, away_s: float) -> None:
    """Print what both finish, before and while the server of one is away."""
    for side in (away, beside):
        wait_for("the first shards", lambda side=side: len(side.finished_at()) >= 2, 600)
    cpu_s = beside.server_cpu_s()
    start = time.time()
    time.sleep(before_s)
    gone = time.time()
    take_away(away.stack, away_s)
    end = time.time()
    cpu_s = (beside.server_cpu_s() - cpu_s) / (end - start)
    away.stack.server = away.stack.start_server()
    for name, first, last in (("both there", start, gone), ("one away", gone, end)):
        one, other = away.count(first, last), beside.count(first, last)
        print(
            f"{name}, {last - first:.0f} s: {one} shards, beside it {other}, ratio "
            f"{one / max(1, other):.2f}; longest pause {away.longest_pause_s(first, last):.1f} s, "
            f"beside it {beside.longest_pause_s(first, last):.1f} s"
        )
    print(f"a server that is there uses {cpu_s:.2f} of a core")
    more = len(away.finished_at()) + 2
    wait_for("shards after its return", lambda: len(away.finished_at()) >= more, 600)
    print(f"after its return the flow run is {away.stack.state(away.run_id)[0]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--away", type=float, default=30, help="Seconds.")
    parser.add_argument("--before", type=float, default=30, help="Seconds with both servers.")
    parser.add_argument("--shard-rows", type=int, default=250)
    options = parser.parse_args()
    print(describe_machine("prefect", "spacy"))
    stacks: list[Stack] = []
    with tempfile.TemporaryDirectory() as name:
        # More rows than a core makes in that time: neither run may come to its end.
        rows = round(1_000 * (options.away + options.before + 60))
        write_input(read_captions(None), rows, Path(name) / "captions.tsv")
        try:
            sides = []
            for part in ("away", "beside"):
                sides.append(
                    begin(Path(name) / part, Path(name) / "captions.tsv", options.shard_rows)
                )
                stacks.append(sides[-1].stack)
            compare(*sides, before_s=options.before, away_s=options.away)
        finally:
            for stack in stacks:
                stack.close()


if __name__ == "__main__":
    main()
