"""Three sets that hold what an export can get wrong, as shards of the real writer.

* `drawn`: no photograph; an attribute edit and a negation whose true wording is its own, both
  with pictures.
* `photograph`: a photograph and a control; an edit that was drawn beside the control, a causal
  reversal whose picture shows the factual scene, and a complete counterfactual.
* `unseen`: a count edit whose picture was refused.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
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
from pipeline.export.reading import ExportWishes
from pipeline.export.run import ExportOutcome, export_run
from pipeline.shards.encode import encode_sample
from pipeline.shards.tarball import TarWriter

DRAWN, PHOTOGRAPH, UNSEEN = (digit * 20 for digit in "abc")
"""Anchor ids."""

PHOTO, CONTROL, EDIT_0, EDIT_1, FULL_0 = 40, 80, 120, 160, 200
"""Grey values that tell the pictures of a set apart."""

CAPTION = "a red car"
NEGATION = ("a red, not green, car", "a green, not red, car")
CAUSE = ("the street is wet because it rains", "it rains because the street is wet")


def grey(value: int) -> np.ndarray:
    return np.full((16, 24, 3), value, np.uint8)


def shown(path: Path | bytes) -> int:
    """The grey value of a picture."""
    with Image.open(io.BytesIO(path) if isinstance(path, bytes) else path) as picture:
        return int(round(np.asarray(picture.convert("RGB")).mean() / 40)) * 40


def edit(kind: EditKind, factual: str, caption: str, subkind: str = "") -> CaptionEdit:
    """An edit that replaces all that lies between what both wordings begin and end with."""
    start = next(i for i, (a, b) in enumerate(zip(factual, caption, strict=False)) if a != b)
    tail = next(
        i for i, (a, b) in enumerate(zip(factual[::-1], caption[::-1], strict=False)) if a != b
    )
    tail = min(tail, len(factual) - start, len(caption) - start)
    old, new = factual[start : len(factual) - tail], caption[start : len(caption) - tail]
    piece = Replacement(start, len(factual) - tail, old, new, Role.EDIT)
    return CaptionEdit(kind, subkind, factual, (piece,), old, new)


def drawn(values: dict[str, int]) -> tuple[RenderedImage, ...]:
    return tuple(
        RenderedImage(name, grey(value), f"prompt {name}", 1, "shared_noise")
        for name, value in values.items()
    )


def sets(
    *, pictures: bool = True, weight: float | None = None, neutral: Mapping[str, str] = {}
) -> list[RenderedSet]:
    """`neutral` has other words for some captions."""
    photo = io.BytesIO()
    Image.fromarray(grey(PHOTO)).save(photo, "PNG")
    own = AnchorImage(photo.getvalue(), "png", 24, 16) if pictures else None
    made = [
        (
            Anchor(DRAWN, CAPTION, CAPTION, "cc_tsv", "captions.tsv:1"),
            (
                edit(EditKind.ATTRIBUTE, CAPTION, "a blue car", "colour"),
                edit(EditKind.NEGATION, *NEGATION),
            ),
            (),
            {"control": CONTROL, "min0": EDIT_0, "min1": EDIT_1},
        ),
        (
            Anchor(
                PHOTOGRAPH, "a wet street", "a wet street", "cc_tsv", "captions.tsv:2", image=own
            ),
            (
                edit(EditKind.ATTRIBUTE, "a wet street", "a dry street"),
                edit(EditKind.CAUSAL_ORDER, *CAUSE),
            ),
            (FullCaption("a meadow in the sun", "rules"),),
            {"control": CONTROL, "min0": EDIT_0, "min1": CONTROL, "full0": FULL_0},
        ),
        (
            Anchor(UNSEEN, "two dogs", "two dogs", "cc_tsv", "captions.tsv:3"),
            (edit(EditKind.COUNT, "two dogs", "three dogs"),),
            (),
            {"control": CONTROL},
        ),
    ]
    return [
        RenderedSet(
            CounterfactualSet(
                anchor,
                tuple(replace(e, weight=weight) for e in edits),
                fulls,
                neutral=tuple(
                    NeutralCaption(neutral[text], "order.x")
                    for text in (anchor.caption,)
                    if text in neutral
                ),
            ),
            drawn(images) if pictures else (),
        )
        for anchor, edits, fulls, images in made
    ]


def write_run(
    root: Path,
    *,
    pictures: bool = True,
    weight: float | None = None,
    neutral: Mapping[str, str] = {},
) -> Path:
    """A run directory with these sets in two tars."""
    (root / "shards").mkdir(parents=True)
    rendered = sets(pictures=pictures, weight=weight, neutral=neutral)
    for number, some in enumerate((rendered[:2], rendered[2:])):
        with (root / "shards" / f"{number:06d}.tar").open("wb") as file:
            writer = TarWriter(file)
            for one in some:
                writer.add(encode_sample(one, jpeg_quality=95, provenance={}))
            writer.finish()
    return root


def exported(tmp_path: Path, name: str, **wishes: object) -> tuple[Path, ExportOutcome]:
    """Export the three sets; the folder, and what was said."""
    run = write_run(tmp_path / "run")
    output = tmp_path / "out"
    return output, export_run(run, name, output, ExportWishes(**wishes))  # type: ignore[arg-type]
