"""`shards.txt` and `shards/sizes.json`: which tars a run has, and how many samples each.

A shard whose rows were all rejected has no tar, so that counting up to a number finds files that
are not there; and trainings such as open_clip's ask how many samples there are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.shards.atomic import atomic_file
from pipeline.shards.integrity import FileFault
from pipeline.shards.layout import RunLayout
from pipeline.shards.manifest import Manifest

FIRST_WITH_LISTS = 4
"""Runs of older schemas have no lists."""


def write_shard_lists(layout: RunLayout, manifest: Manifest) -> None:
    """Write both files, each complete or not at all; equal manifests give equal bytes.

    Raises:
        PermanentError: The disk is full or refuses.
    """
    for path, content in _lists(layout, manifest).items():
        with atomic_file(path) as file:
            file.write(content)


def shard_list_faults(layout: RunLayout, manifest: Manifest) -> Iterator[FileFault]:
    """What is wrong with the two files of a complete run."""
    if manifest.schema_version < FIRST_WITH_LISTS:
        return
    remedy = "run again with the same config: both lists are written anew"
    for path, content in _lists(layout, manifest).items():
        if not path.exists():
            yield FileFault(path, "it is missing", remedy)
        elif path.read_bytes() != content:
            yield FileFault(path, "it does not list the shards of the manifest", remedy)


def _lists(layout: RunLayout, manifest: Manifest) -> Mapping[Path, bytes]:
    """Both files with their content; the tars in the order of the source.

    `shards.txt` has a path a line, relative to the run directory; `sizes.json` the samples by
    the tars' names, as open_clip's training reads it.
    """
    shards = [(r.tar.path, r.counts.samples) for r in manifest.shards if r.tar is not None]
    sizes = {path.rpartition("/")[2]: samples for path, samples in shards}
    return {
        layout.shards_txt: "".join(f"{path}\n" for path, _ in shards).encode(),
        layout.sizes_json: json.dumps(sizes, indent=2).encode() + b"\n",
    }
