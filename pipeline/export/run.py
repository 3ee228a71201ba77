"""Writes a run into the files of another training: all of it, or nothing that looks finished."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.core.errors import ConfigError, PermanentError
from pipeline.export.formats.cf_vlm import write_cf_vlm
from pipeline.export.formats.conversations import write_llava, write_qwen
from pipeline.export.formats.dpo import write_dpo
from pipeline.export.formats.hf import write_hf
from pipeline.export.formats.neg_clip import write_neg_clip
from pipeline.export.formats.pairs import write_pairs
from pipeline.export.formats.sugar_crepe import write_sugar_crepe
from pipeline.export.formats.triplet_clip import write_triplet_clip
from pipeline.export.formats.vqa_causal import write_vqa_causal
from pipeline.export.formats.winoground import write_winoground
from pipeline.export.reading import ExportSet, ExportWishes, open_sets
from pipeline.export.target import ExportTarget
from pipeline.shards.atomic_folder import atomic_folder
from pipeline.training.vlm.shard_list import Source

Writer = Callable[[Iterable[ExportSet], ExportTarget, ExportWishes], None]

FORMATS: Final[Mapping[str, Writer]] = {
    "pairs": write_pairs,
    "neg-clip": write_neg_clip,
    "triplet-clip": write_triplet_clip,
    "cf-vlm": write_cf_vlm,
    "llava": write_llava,
    "qwen": write_qwen,
    "dpo": write_dpo,
    "hf": write_hf,
    "vqa-causal": write_vqa_causal,
    "winoground": write_winoground,
    "sugar-crepe": write_sugar_crepe,
}
"""Name → what writes it; the module of each says what it writes."""


KEEP_WEIGHTS: Final = ("cf-vlm", "hf")
"""Formats that have a place for the weight of an edit; for the others edits are drawn by it."""


@dataclass(frozen=True, slots=True)
class ExportOutcome:
    """What was written.

    Attributes:
        output: The folder.
        sets: Sets read.
        rows: What was written → how many.
        left_out: Reason → what was not.
    """

    output: Path
    sets: int
    rows: Mapping[str, int]
    left_out: Mapping[str, int]


def export_run(
    source: Source | Sequence[Source], format_name: str, output: Path, wishes: ExportWishes
) -> ExportOutcome:
    """Export; a set at a time is in memory.

    Args:
        source: A run directory, tars, or anything else that the loader reads.
        format_name: Of :data:`FORMATS`.
        output: Made; an empty folder may be there.
        wishes: What of it.

    Raises:
        ConfigError: No such format, nothing to read, or something is at `output`.
        PermanentError: Nothing of the run fits the format.
        ShardCorruptError: A shard is damaged.
    """
    if format_name not in FORMATS:
        raise ConfigError(f"no format {format_name!r}; there are {', '.join(FORMATS)}")
    if wishes.k is not None and format_name != "cf-vlm":
        raise ConfigError(f"--k is for cf-vlm; {format_name} takes as many as there are")
    sets = open_sets(source, wishes)
    sets.keeps_weights = format_name in KEEP_WEIGHTS
    with atomic_folder(output) as folder:
        target = ExportTarget(folder, output.absolute())
        FORMATS[format_name](sets, target, wishes)
        left_out = sets.left_out + target.skipped
        if not target.rows.total():
            raise PermanentError(_nothing(format_name, sets.read, left_out))
    return ExportOutcome(output, sets.read, dict(target.rows), dict(left_out))


def _nothing(format_name: str, sets: int, left_out: Mapping[str, int]) -> str:
    why = "; ".join(f"{number:,} {reason}" for reason, number in left_out.items())
    return (
        f"{format_name}: nothing of {sets:,} sets can be written"
        + (f" ({why})" if why else ", they have no counterfactuals")
        + ". Ask for other kinds, another split, or less, or use a run that has what is missing: "
        "pictures are drawn with `counterfactory run --images sdxl`"
    )
