"""What a run has spent on a language model, kept in its directory over restarts and processes.

Each process appends to a file of its own: a line for each change, so that what was set aside for
requests under way when it was killed counts as spent, as their server may have billed them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.runs.rank import Rank
from pipeline.shards.atomic import explain_refusal
from pipeline.shards.layout import RunLayout

if TYPE_CHECKING:
    from pipeline.adapters.llm.budget import Spend

_PREFIX = ".spend-"


@contextmanager
def kept_spend(layout: RunLayout, rank: Rank, spend: Spend | None) -> Iterator[None]:
    """Let a ledger go on from what the run has spent, and keep what it spends.

    Of several ranks each sees what the others had spent when it started, and takes an equal
    part of what was left: together they stay within the limits, whenever each begins.

    Raises:
        PermanentError: The disk is full or refuses.
    """
    if spend is None:
        yield
        return
    from pipeline.adapters.llm.budget import Usage

    usd, tokens = spent_before(layout)
    path = layout.root / f"{_PREFIX}{rank.rank}-of-{rank.world_size}.jsonl"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        explain_refusal(error, path)
        raise

    def record(changed_usd: float, changed_tokens: int) -> None:
        try:
            os.write(handle, f"\n[{changed_usd!r},{changed_tokens}]".encode())
        except OSError as error:
            explain_refusal(error, path)
            raise

    spend.continue_from(Usage(tokens_in=tokens, usd=usd), record)
    try:
        yield
    finally:
        spend.continue_from(spend.earlier, lambda _usd, _tokens: None)
        os.close(handle)


def spent_before(layout: RunLayout) -> tuple[float, int]:
    """USD and tokens that all processes of a run have spent, or set aside when they were killed."""
    usd, tokens = 0.0, 0
    for path in sorted(layout.root.glob(f"{_PREFIX}*.jsonl")):
        with path.open("rb") as lines:
            for line in lines:
                try:
                    changed_usd, changed_tokens = json.loads(line)
                except ValueError:
                    continue  # an empty line, or one that was cut
                usd += changed_usd
                tokens += changed_tokens
    return max(0.0, usd), max(0, tokens)
