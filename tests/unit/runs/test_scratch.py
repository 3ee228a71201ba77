"""What a process of a run keeps on its machine is as configured."""

from __future__ import annotations

from pathlib import Path

from pipeline.config.execution import ExecutionConfig
from pipeline.runs.scratch import prepare_scratch
from pipeline.stores.kept_blocks import kept_blocks
from pipeline.stores.path import StorePath
from pipeline.stores.scratch import scratch_file


def test_the_settings_reach_what_writes_and_what_reads(tmp_path: Path) -> None:
    prepare_scratch(ExecutionConfig(scratch=str(tmp_path), keep_input_gib=1))
    try:
        assert tmp_path in scratch_file(StorePath("s3://b/a")).parents
        found = kept_blocks("s3://b/a", 1, "etag")
        assert found is not None
        assert tmp_path in found.folder.parents
        prepare_scratch(ExecutionConfig(keep_input_gib=0))
        assert tmp_path not in scratch_file(StorePath("s3://b/a")).parents
        assert kept_blocks("s3://b/a", 1, "etag") is None
    finally:
        prepare_scratch(ExecutionConfig(keep_input_gib=0))
