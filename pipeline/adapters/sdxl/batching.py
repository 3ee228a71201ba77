"""Which requests go through the model together."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.core.draws import Draw, count_rows, split_units, take_batch


def next_batch(draws: Sequence[Draw], missing: Sequence[int], batch_size: int) -> list[int]:
    """Numbers of the draws that come next: whole units, as many as there is room for.

    All of them can be in one call of the pipeline: they are edits of real pictures of one
    strategy and strength, or none of them is.

    Args:
        draws: All requests.
        missing: Numbers of those that are not drawn yet; not empty.
        batch_size: Most rows of the model's batch.
    """
    first = draws[missing[0]]
    fitting = [number for number in missing if _can_share_call(draws[number], first)]
    units = split_units([draws[number] for number in fitting], batch_size)
    groups = [[fitting[n] for n in unit] for unit in units]
    rows = [count_rows([draws[number] for number in group]) for group in groups]
    return [number for chosen in take_batch(rows, batch_size) for number in groups[chosen]]


def _can_share_call(one: Draw, other: Draw) -> bool:
    if one.picture is None or other.picture is None:
        return one.picture is other.picture
    strengths = (one.parameters.strength, other.parameters.strength)
    return one.strategy == other.strategy and strengths[0] == strengths[1]
