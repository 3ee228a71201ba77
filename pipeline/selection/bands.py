"""Which scores of a picture are bounded, and the first bound that it breaks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pipeline.config.scores import BANDS_FOR_ALL, Band, BandTable
from pipeline.core.errors import StageContractError
from pipeline.core.records import EditKind
from pipeline.core.scores import CONTROL, FULL, SCORES, Group
from pipeline.core.stage import Fault

DUPLICATE: Final = "image.duplicate"
"""Reason of a picture that looks like one of another set of the shard."""


def resolve_bands(table: BandTable, group: Group) -> dict[str, Band]:
    """The bands of a group: score → least and most, in the order of the known scores.

    The narrowest entry wins score by score: "default", then the kind (or "full" or
    "control"), then `kind.subkind`. Scores that the group does not have are left out.
    """
    found: dict[str, Band] = {}
    for key in (BANDS_FOR_ALL, group.kind, f"{group.kind}.{group.subkind}"):
        found |= table.get(key, {})
    return {name: found[name] for name in SCORES if name in found and group.has(name)}


def resolve_all(table: BandTable) -> dict[str, dict[str, Band]]:
    """The bands of every group that there is, and of every subkind that the table names."""
    plain = [Group(CONTROL), *(Group(str(kind)) for kind in EditKind)]
    named = [Group(*key.split(".", 1)) for key in sorted(table) if "." in key]
    groups = [*plain, *named, Group(FULL)]
    return {".".join(filter(None, group)): resolve_bands(table, group) for group in groups}


def find_fault(bands: Mapping[str, Band], scores: Mapping[str, float], what: str) -> Fault | None:
    """The first bound that the scores break, or None; both bounds belong to the band.

    Args:
        bands: Of the picture's group, as :func:`resolve_bands` gives them.
        scores: What was measured of the picture.
        what: The picture, for the message.

    Raises:
        StageContractError: A bounded score is missing: nothing passes unmeasured.
    """
    for name, (least, most) in bands.items():
        if name not in scores:
            raise StageContractError(
                f"{what}: the band of {name!r} bounds a score that was not measured; the scorer "
                f"{SCORES[name].scorer!r} must give it to every such picture"
            )
        if least is not None and scores[name] < least:
            return Fault(f"image.{name}_low", f"{name} {scores[name]:g} is below {least:g}")
        if most is not None and scores[name] > most:
            return Fault(f"image.{name}_high", f"{name} {scores[name]:g} is above {most:g}")
    return None
