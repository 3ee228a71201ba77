"""Two pictures and two captions, in Winoground's own files.

Thrush et al. 2022 (arXiv 2204.03162): `examples.jsonl` with the columns of the original, and
`images/<name>.png`. Unlike `counterfactory benchmark make` this neither balances nor filters.
"""

from __future__ import annotations

import io
from collections.abc import Iterable

from PIL import Image

from pipeline.export.reading import ExportSet, ExportWishes
from pipeline.export.target import IMAGES, ExportTarget, json_line, picture_bytes


def write_winoground(sets: Iterable[ExportSet], target: ExportTarget, wishes: ExportWishes) -> None:
    """An example for each counterfactual whose picture contradicts the factual one."""
    (target.folder / IMAGES).mkdir()
    number = 0
    with target.open("examples.jsonl") as file:
        for one in sets:
            for entry in (*one.edits, *one.fulls):
                own, beside = one.own_picture(entry), one.pair_picture(entry)
                if own is None or beside is None:
                    target.skipped["counterfactuals without a picture that contradicts"] += 1
                    continue
                names = [f"ex_{number}_img_{place}" for place in range(2)]
                for name, picture in zip(names, (beside, own), strict=True):
                    _write_png(target, name, picture_bytes(one, picture))
                example = {
                    "id": number,
                    "image_0": names[0],
                    "image_1": names[1],
                    "caption_0": entry.truth.pair_text,
                    "caption_1": entry.caption,
                    "tag": entry.kind,
                    "secondary_tag": entry.subkind,
                    "num_main_preds": 1,
                    "collapsed_tag": entry.kind,
                }
                file.write(json_line(example))
                target.rows["examples"] += 1
                number += 1


def _write_png(target: ExportTarget, name: str, data: bytes) -> None:
    with Image.open(io.BytesIO(data)) as picture:
        picture.convert("RGB").save(target.folder / IMAGES / f"{name}.png")
