"""Shard writing against plain `tarfile` on the same bytes. Goal: at least 0.8 of its speed.

Both write the same samples to the same disk and fsync at the end. Ours also takes the
sha256 on the way. The baseline calls `TarFile.addfile` for every field. A second figure
compares the whole of `write_shard` (JSON, sidecar, receipt, and JPEG where pictures are
drawn) with that baseline on the fields that came out.

    python tests/bench/bench_shard_writing.py [--folder DIR] [--repeats N]
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import statistics
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pipeline.core.ids import content_id
from pipeline.core.records import (
    Anchor,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    RenderedImage,
    RenderedSet,
    Replacement,
    Sample,
)
from pipeline.shards.atomic import atomic_file
from pipeline.shards.captions import write_captions
from pipeline.shards.encode import encode_sample
from pipeline.shards.layout import RunLayout
from pipeline.shards.tarball import TarWriter
from pipeline.shards.writer import write_shard

QUALITY = 92
EDITS = 4


def make_sets(count: int, size_px: int) -> list[RenderedSet]:
    """Sets of one control and four edits; `size_px` 0 makes them caption-only."""
    rng = np.random.default_rng(0)
    rendered = []
    for index in range(count):
        caption = f"a red dog number {index} runs on the green grass near an old wooden house."
        colours = ("blue", "black", "white", "brown")[:EDITS]
        edits = tuple(
            CaptionEdit(EditKind.ATTRIBUTE, "colour", caption,
                        (Replacement(2, 5, "red", colour),), "red", colour, rule="colour")
            for colour in colours
        )  # fmt: skip
        anchor = Anchor(content_id(caption), caption, caption, "cc_tsv", f"bench.tsv:{index}")
        cfset = CounterfactualSet(anchor, edits)
        images: tuple[RenderedImage, ...] = ()
        if size_px:
            # A coarse pattern with a little noise makes files about as large as photographs.
            coarse = rng.integers(0, 240, (16, 16, 3), np.uint8)
            pixels = np.kron(coarse, np.ones((size_px // 16, size_px // 16, 1), np.uint8))
            pixels += rng.integers(0, 16, pixels.shape, np.uint8)
            names = {"control": caption, **cfset.captions()}
            images = tuple(
                RenderedImage(name, pixels, prompt, index, "same_noise")
                for name, prompt in names.items()
            )
        rendered.append(RenderedSet(cfset, images))
    return rendered


def write_plain(path: Path, samples: list[Sample]) -> None:
    with path.open("wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for sample in samples:
                for name, data in sample.fields:
                    info = tarfile.TarInfo(f"{sample.key}.{name}")
                    info.size, info.mode = len(data), 0o644
                    tar.addfile(info, io.BytesIO(data))
        file.flush()
        os.fsync(file.fileno())


def write_ours(path: Path, samples: list[Sample]) -> None:
    with atomic_file(path) as file:
        writer = TarWriter(file)
        for sample in samples:
            writer.add(sample)
        writer.finish()


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def compare(label: str, rendered: list[RenderedSet], folder: Path, repeats: int) -> None:
    samples = [encode_sample(r, jpeg_quality=QUALITY, provenance={}) for r in rendered]
    layout = RunLayout(folder / "run")
    captions = write_captions(layout, 0, [r.cfset for r in rendered])
    plain_path, ours_path = folder / "plain.tar", folder / "ours.tar"

    def whole() -> None:
        write_shard(layout, 0, rendered, captions=captions, jpeg_quality=QUALITY, provenance={})

    # Interleaved, so that a busy neighbour slows all three alike.
    rounds = [
        (
            seconds(lambda: write_plain(plain_path, samples)),
            seconds(lambda: write_ours(ours_path, samples)),
            seconds(whole),
        )
        for _ in range(repeats)
    ]
    if plain_path.read_bytes() != ours_path.read_bytes():
        raise SystemExit(f"{label}: the two tars differ, so the comparison is void")
    plain, ours, full = (min(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(p / o for p, o, _ in rounds)
    size_mb = plain_path.stat().st_size / 1e6
    print(
        f"{label}: {len(samples)} samples, {sum(len(s.fields) for s in samples)} fields, "
        f"{size_mb:.1f} MB\n"
        f"  plain tarfile {plain:.3f} s ({size_mb / plain:.0f} MB/s); "
        f"ours with sha256 {ours:.3f} s ({size_mb / ours:.0f} MB/s)\n"
        f"  speed against plain tarfile: best of {repeats} {plain / ours:.2f}, "
        f"median {ratio:.2f} (goal 0.80)\n"
        f"  whole write_shard with encoding and sidecar: {full:.3f} s, "
        f"{plain / full:.2f} of plain, {len(samples) / full:.0f} samples/s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where to write; the system's by default")
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for label, count, size_px in (
            ("captions only", 2000, 0),
            ("pictures of 64 px", 1000, 64),
            ("pictures of 512 px", 200, 512),
        ):
            compare(label, make_sets(count, size_px), Path(folder) / label, arguments.repeats)


if __name__ == "__main__":
    main()
