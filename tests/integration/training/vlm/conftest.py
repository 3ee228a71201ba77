"""Shards as the pipeline writes them, of small painted pictures: ragged sets, uneven tars."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.core.records import (
    Anchor,
    AnchorImage,
    CaptionEdit,
    CounterfactualSet,
    EditKind,
    FullCaption,
    NeutralCaption,
    RenderedImage,
    RenderedSet,
    Replacement,
    Role,
)
from pipeline.shards.encode import encode_sample
from pipeline.shards.tarball import TarWriter

KINDS = (EditKind.ATTRIBUTE, EditKind.NEGATION, EditKind.CAUSAL_ORDER, EditKind.COUNT)


def paint(value: int, side_px: int) -> np.ndarray:
    """A picture whose mean tells which it is, with some structure."""
    pixels = np.full((side_px, side_px, 3), value, np.uint8)
    pixels[: side_px // 2] += 5
    return pixels


def make_edit(kind: EditKind, number: int) -> CaptionEdit:
    own = kind in {EditKind.NEGATION, EditKind.CAUSAL_ORDER}
    factual = f"a red car, number {number}" + (f", and a {kind} wording" if own else "")
    new = {EditKind.ATTRIBUTE: "blue", EditKind.COUNT: "big"}.get(kind, "not red")
    return CaptionEdit(kind, "", factual, (Replacement(2, 5, "red", new, Role.EDIT),), "red", new)


def make_set(number: int, *, side_px: int, drawn: bool, photograph: bool) -> RenderedSet:
    """Set `number` has number % 5 edits (the fifth kind is the first again) and number % 2 full."""
    count = number % 5 or 1
    edits = tuple(make_edit(KINDS[index % 4], number) for index in range(count))
    fulls = tuple(FullCaption(f"a lake, number {number}", "rules") for _ in range(number % 2))
    image = None
    if photograph:
        buffer = io.BytesIO()
        Image.fromarray(paint(200, side_px)).save(buffer, "PNG")
        image = AnchorImage(buffer.getvalue(), "png", side_px, side_px)
    anchor = Anchor(
        f"{number:020x}", f"a red car, number {number}", f"a red car, number {number}", "cc_tsv",
        f"captions.tsv:{number}", image=image,
    )  # fmt: skip
    reworded = (NeutralCaption(f"number {number}, a red car", "order.pair"),)
    cfset = CounterfactualSet(anchor, edits, fulls, neutral=reworded * (number % 2))
    names = [name for name in cfset.captions() if not (name == "min3" and number % 2)]
    images = [
        RenderedImage(name, paint(10 * place, side_px), f"prompt {name}", place, "shared_noise")
        for place, name in enumerate(["control", *names])
    ]
    return RenderedSet(cfset, tuple(images) if drawn else ())


@pytest.fixture(scope="session")
def write_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A function that writes a run directory; `sizes` are the samples of each tar."""

    def write(
        sizes: tuple[int, ...] = (7, 1, 5, 3, 6),
        *,
        side_px: int = 32,
        drawn: bool = True,
        photograph: bool = False,
    ) -> Path:
        root = tmp_path_factory.mktemp("run")
        (root / "shards").mkdir()
        number = 0
        for shard, size in enumerate(sizes):
            with (root / "shards" / f"{shard:06d}.tar").open("wb") as file:
                writer = TarWriter(file)
                for _ in range(size):
                    made = make_set(number, side_px=side_px, drawn=drawn, photograph=photograph)
                    writer.add(encode_sample(made, jpeg_quality=95, provenance={}))
                    number += 1
                writer.finish()
        return root

    return write


@pytest.fixture(scope="session")
def run(write_run: Callable[..., Path]) -> Path:
    """22 drawn sets in five tars."""
    return write_run()


@pytest.fixture(scope="session")
def photograph_run(write_run: Callable[..., Path]) -> Path:
    """6 sets whose anchors have a photograph and a control."""
    return write_run((6,), photograph=True)


@pytest.fixture(scope="session")
def text_run(write_run: Callable[..., Path]) -> Path:
    """10 sets without any picture."""
    return write_run((4, 6), drawn=False)
