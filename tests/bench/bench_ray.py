"""What Ray costs a shard, against the cheapest work on a shard of 1,000 rows: captions by rules.

Goal: under 2 % of it. The steps here do nothing, so that what is left is Ray Data's handing
out, the coordinator, and the news. Starting the cluster and its actors comes once to a run, and is
printed by itself.

    python tests/bench/bench_ray.py [--shards 300] [--actors 2] [--limit 1000]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable

from machine import describe_machine

from pipeline.adapters.ray_data.stream import Pool, connected, stream
from pipeline.adapters.ray_data.worker import Worker
from pipeline.config.loading import load_config
from pipeline.core.progress import Silent, Step
from pipeline.runs.run import run_config

FEW = 10


class Nothing:
    """A step that only tells that it was done."""

    def __call__(self, worker: Worker) -> Callable[[int], None]:
        """Nothing to open."""
        return lambda shard_id: worker.advance(Step.SHARDS, 1)


def seconds_of_a_shard(limit: int) -> float:
    """Captions by rules of one shard, without loading the parser; the packaged sample's rows."""
    times: list[float] = []

    class Times(Silent):
        def measured(
            self, shard_id: int, stage: str, seconds: float, counts: dict[str, int], /
        ) -> None:
            if stage == "captions":
                times.append(seconds / counts["rows"])

    with tempfile.TemporaryDirectory() as folder:
        flags = {"output": f"{folder}/run", "source.limit": limit, "source.shard_size": 250}
        run_config(load_config(flags, environ={}), {}, Times())
    return min(times) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shards", type=int, default=300)
    parser.add_argument("--actors", type=int, default=2)
    parser.add_argument("--limit", type=int, default=1000)
    options = parser.parse_args()
    print(describe_machine("ray"))
    whole = seconds_of_a_shard(options.limit)
    print(f"captions of 1,000 rows by rules: {whole:.2f} s in one process")
    began = time.perf_counter()
    with connected(None, processors=options.actors + 1) as ray:
        ready = time.perf_counter()

        def run(shards: int) -> float:
            pools = (
                Pool("captions", Nothing(), 1, 0.1, 0, ahead=2 * options.actors),
                Pool("images", Nothing(), options.actors, 0.1, 0),
            )
            start = time.perf_counter()
            stream(ray, range(shards), pools, Silent())
            return time.perf_counter() - start

        few, many = run(FEW), run(options.shards)
    each = (many - few) / (options.shards - FEW)
    print(f"starting: cluster {ready - began:.1f} s, actors and {FEW} shards {few:.1f} s, once")
    print(
        f"Ray: {each * 1000:.1f} ms a shard over {options.shards} shards and "
        f"{options.actors + 1} actors, {each / whole:.2%} of a shard of captions (goal < 2 %)"
    )


if __name__ == "__main__":
    main()
