"""What a process of a run keeps on its machine meanwhile."""

from __future__ import annotations

from pipeline.config.execution import ExecutionConfig
from pipeline.stores.kept_blocks import keep_inputs
from pipeline.stores.scratch import use_scratch


def prepare_scratch(config: ExecutionConfig) -> None:
    """Let this process write to a store, and keep what it reads of remote inputs, as configured."""
    use_scratch(config.scratch)
    keep_inputs(config.keep_input_gib)
