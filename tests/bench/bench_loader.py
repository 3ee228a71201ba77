"""Our loader against plain webdataset `decode("pil")` on the same tar, in the same run.

A sample has a control and four edits with pictures; the training sees the control and two of
the edits, resized as CLIP does. The baseline decodes all that is in the sample, as
`decode("pil")` does, and resizes the same three. Measured in CPU seconds of one process.
Goals: at least 4.5 times the baseline for 1024 px → 224 px, at least 0.9 times at 128 px.

    python tests/bench/bench_loader.py [--samples N] [--repeats N]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from machine import describe_machine
from PIL import Image

from pipeline.core.records import (
    Anchor,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    RenderedImage,
    RenderedSet,
    Replacement,
)
from pipeline.shards.encode import encode_sample
from pipeline.shards.tarball import TarWriter
from pipeline.training.vlm.loader import CounterfactualDataset

COLOURS = ("blue", "black", "white", "brown")
SEEN_EDITS = 2


def make_set(number: int, side_px: int, rng: np.random.Generator) -> RenderedSet:
    """A control and four edits, each a coarse pattern with noise: files as large as drawn ones."""
    caption = f"a red dog number {number} runs on the green grass near an old wooden house."
    edits = tuple(
        CaptionEdit(EditKind.ATTRIBUTE, "colour", caption, (Replacement(2, 5, "red", colour),),
                    "red", colour, rule="colour")
        for colour in COLOURS
    )  # fmt: skip
    anchor = Anchor(f"{number:020x}", caption, caption, "cc_tsv", f"bench.tsv:{number}")
    cfset = CounterfactualSet(anchor, edits)
    images = []
    for place, (name, prompt) in enumerate({"control": caption, **cfset.captions()}.items()):
        coarse = Image.fromarray(rng.integers(0, 240, (16, 16, 3), np.uint8))
        pixels = np.array(coarse.resize((side_px, side_px), Image.Resampling.BICUBIC))
        pixels += rng.integers(0, 12, pixels.shape, np.uint8)
        images.append(RenderedImage(name, pixels, prompt, place, "shared_noise"))
    return RenderedSet(cfset, tuple(images))


def write_tar(path: Path, samples: int, side_px: int) -> None:
    rng = np.random.default_rng(0)
    with path.open("wb") as file:
        writer = TarWriter(file)
        for number in range(samples):
            made = make_set(number, side_px, rng)
            writer.add(encode_sample(made, jpeg_quality=92, provenance={"run_seed": 0}))
        writer.finish()


def resize_to(side_px: int) -> Callable[[Image.Image], np.ndarray]:
    def transform(picture: Image.Image) -> np.ndarray:
        small = picture.resize((side_px, side_px), Image.Resampling.BICUBIC)
        return np.asarray(small)

    return transform


def plain(path: Path, side_px: int) -> Iterator[list[np.ndarray]]:
    """What a person writes who has webdataset only."""
    import webdataset

    transform = resize_to(side_px)
    stream = webdataset.WebDataset(str(path), shardshuffle=False, empty_check=False)
    for sample in stream.decode("pil"):
        doc = sample["json"]
        doc = doc if isinstance(doc, dict) else json.loads(doc)
        fields = ["jpg", *(f"{edit['variant']}.jpg" for edit in doc["minimal"][:SEEN_EDITS])]
        yield [transform(sample[field]) for field in fields]


def ours(path: Path, side_px: int, decode_px: int | None) -> Iterator[list[np.ndarray]]:
    dataset = CounterfactualDataset(
        path, transform=resize_to(side_px), decode_px=decode_px, max_edits=SEEN_EDITS
    )
    for one in dataset:
        yield [one.image, *(edit.image for edit in one.edits)]


def text_only(path: Path) -> Iterator[list[np.ndarray]]:
    for _ in CounterfactualDataset(path, pictures="none", max_edits=SEEN_EDITS):
        yield [np.zeros(0)] * (1 + SEEN_EDITS)


def measure(name: str, make: Callable[[], Iterator[list[np.ndarray]]], samples: int) -> float:
    """Samples per CPU second."""
    start = time.process_time()
    shapes = [len(pictures) for pictures in make()]
    spent_s = time.process_time() - start
    if shapes != [1 + SEEN_EDITS] * samples:
        raise RuntimeError(f"{name} gave {len(shapes)} samples with {set(shapes)} pictures")
    return samples / spent_s


def compare(path: Path, samples: int, side_px: int, to_px: int, goal: float, repeats: int) -> None:
    runs: dict[str, Callable[[], Iterator[list[np.ndarray]]]] = {
        "webdataset, all": lambda: plain(path, to_px),
        "ours, in full": lambda: ours(path, to_px, None),
        "ours, draft": lambda: ours(path, to_px, to_px),
        "ours, text only": lambda: text_only(path),
    }
    rates: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, make in runs.items():
            rates[name].append(measure(name, make, samples))
    base = rates["webdataset, all"]
    size_mib = path.stat().st_size / 2**20
    print(f"\n{side_px} px -> {to_px} px, {samples} samples of 5 pictures, {size_mib:.1f} MiB")
    for name, found in rates.items():
        ratio = statistics.median(a / b for a, b in zip(found, base, strict=True))
        print(f"  {name:16} {statistics.median(found):9.1f} samples/CPU-s  {ratio:7.2f} x")
    ratio = statistics.median(a / b for a, b in zip(rates["ours, draft"], base, strict=True))
    print(f"  goal for draft: at least {goal} x: {'met' if ratio >= goal else 'MISSED'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=48)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    print(describe_machine("webdataset", "pillow", "numpy"))
    with tempfile.TemporaryDirectory() as folder:
        for side_px, to_px, goal, more in ((1024, 224, 4.5, 1), (128, 128, 0.9, 8)):
            path = Path(folder) / f"{side_px}.tar"
            samples = options.samples * more
            write_tar(path, samples, side_px)
            compare(path, samples, side_px, to_px, goal, options.repeats)


if __name__ == "__main__":
    main()
