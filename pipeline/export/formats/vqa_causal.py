"""One picture and two sentences that exchange cause and effect, in VQA-Causal's files.

arXiv 2506.00869: a CSV with `image_id`, `sentence` and `reverse_sentence`; a picture is called
`COCO_val2014_<image_id in twelve digits>.jpg`. `keys.csv` says which anchor each one is.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from PIL import Image

from pipeline.export.reading import ExportSet, ExportWishes
from pipeline.export.target import IMAGES, ExportTarget, picture_bytes


def write_vqa_causal(sets: Iterable[ExportSet], target: ExportTarget, wishes: ExportWishes) -> None:
    """A row for each reversal of cause and effect whose set has a picture."""
    (target.folder / IMAGES).mkdir()
    with target.open("vqa_causal.csv") as file, target.open("keys.csv") as keys_file:
        table, keys = (csv.writer(out, lineterminator="\n") for out in (file, keys_file))
        table.writerow(["image_id", "sentence", "reverse_sentence"])
        keys.writerow(["image_id", "key"])
        for number, one in enumerate(sets, start=1):
            for edit in one.edits:
                beside = one.pair_picture(edit)
                if edit.kind != "causal_order":
                    target.skipped["edits of other kinds than causal_order"] += 1
                elif beside is None:
                    target.skipped["causal edits of sets without a picture"] += 1
                else:
                    path = target.folder / IMAGES / f"COCO_val2014_{number:012d}.jpg"
                    if not path.exists():
                        _write_jpeg(path, picture_bytes(one, beside))
                        keys.writerow([number, one.key])
                    table.writerow([number, edit.truth.pair_text, edit.caption])
                    target.rows["items"] += 1


def _write_jpeg(path: Path, data: bytes) -> None:
    """Write a JPEG as it is, anything else as one of high quality."""
    with Image.open(BytesIO(data)) as picture:
        if picture.format == "JPEG":
            path.write_bytes(data)
        else:
            picture.convert("RGB").save(path, quality=95)
