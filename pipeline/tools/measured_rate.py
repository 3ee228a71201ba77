"""How fast a run has drawn so far, for what is left of it."""

from __future__ import annotations

from pipeline.config.run import RunConfig
from pipeline.report.run_facts import read_run_facts
from pipeline.runs.job import output_folder
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import read_receipt
from pipeline.shards.timings import KEPT, read_efforts


def measured_picture_s(config: RunConfig, shards: int) -> float | None:
    """Seconds on a GPU for each picture that the run has kept, with its scoring and packing.

    None where the run directory is new or another run's, draws on a processor, or kept no times.

    Args:
        config: The run.
        shards: How many it has.

    Raises:
        ShardCorruptError: Its run.json is damaged.
    """
    layout = RunLayout(output_folder(config))
    if not layout.run_json.exists():
        return None
    facts = read_run_facts(layout)
    if not facts.draws_on_gpu or facts.fingerprint != config.fingerprint:
        return None
    found = (read_receipt(layout, shard_id) for shard_id in range(shards))
    receipts = [receipt for receipt in found if receipt is not None]
    for effort in read_efforts(layout, receipts, on_gpu=True):
        if effort.unit == KEPT:
            return effort.seconds / effort.items
    return None
