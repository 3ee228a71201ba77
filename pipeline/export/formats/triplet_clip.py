"""Pictures with captions and their counterparts, as TripletCLIP's training reads them.

Patel et al. 2024 (arXiv 2411.02545): tars named `shard-<n>.tar` whose samples hold `image`,
`caption`, `neg_image` and `neg_caption`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pipeline.core.records import Sample
from pipeline.export.reading import ExportSet, ExportWishes
from pipeline.export.target import ExportTarget, picture_bytes
from pipeline.shards.tarball import TarWriter

SHARD_SAMPLES: Final = 1000


def write_triplet_clip(
    sets: Iterable[ExportSet], target: ExportTarget, wishes: ExportWishes
) -> None:
    """A sample for each counterfactual whose picture contradicts the factual one."""
    shard = 0
    samples: Iterator[Sample] = (sample for one in sets for sample in _samples(one, target))
    following = next(samples, None)
    while following is not None:
        with (target.folder / f"shard-{shard}.tar").open("wb") as file:
            writer = TarWriter(file)
            for _ in range(SHARD_SAMPLES):
                if following is None:
                    break
                writer.add(following)
                target.rows["samples"] += 1
                following = next(samples, None)
            writer.finish()
        shard += 1
        target.rows["shards"] += 1


def _samples(one: ExportSet, target: ExportTarget) -> Iterator[Sample]:
    for entry in (*one.edits, *one.fulls):
        own, beside = one.own_picture(entry), one.pair_picture(entry)
        if own is None or beside is None:
            target.skipped["counterfactuals without a picture that contradicts"] += 1
            continue
        yield Sample(
            f"{one.key}-{entry.variant}",
            (
                ("image", picture_bytes(one, beside)),
                ("caption", entry.truth.pair_text.encode()),
                ("neg_image", picture_bytes(one, own)),
                ("neg_caption", entry.caption.encode()),
            ),
        )
