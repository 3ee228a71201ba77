"""What a run has spent on a language model, kept in its directory over restarts and processes.

Each process appends to a file of its own: a line for each change, so that what was set aside for
requests under way when it was killed counts as spent, as their server may have billed them.

On a store, whose objects cannot grow, the file is in the scratch folder, and a copy of it goes to
the store every `UPLOAD_S` seconds. What a killed process spent in its last seconds is known to
the next one on the same machine, and not to one elsewhere.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.core.errors import PipelineError
from pipeline.runs.rank import Rank
from pipeline.shards.atomic import explain_refusal
from pipeline.shards.layout import RunLayout
from pipeline.stores.path import StorePath
from pipeline.stores.scratch import scratch_file

if TYPE_CHECKING:
    from pipeline.adapters.llm.budget import Spend, Usage

_PREFIX = ".spend-"

UPLOAD_S = 2.0
"""Least seconds between two copies to a store."""


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

    name = f"{_PREFIX}{rank.rank}-of-{rank.world_size}"
    with ExitStack() as stack:
        if isinstance(layout.root, StorePath):
            path = stack.enter_context(_copied(layout.root, name))
        else:
            path = layout.root / f"{name}.jsonl"
        usd, tokens = spent_before(layout)
        with _recording(path, spend, Usage(tokens_in=tokens, usd=usd)):
            yield


@contextmanager
def _recording(path: Path, spend: Spend, before: Usage) -> Iterator[None]:
    """Append what a ledger spends to a file of this machine."""
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

    spend.continue_from(before, record)
    try:
        yield
    finally:
        spend.continue_from(spend.earlier, lambda _usd, _tokens: None)
        os.close(handle)


@contextmanager
def _copied(root: StorePath, name: str) -> Iterator[Path]:
    """Give a local file, and keep a copy of it on the store; a killed process's file goes first."""
    folder = scratch_file(root / name).parent
    folder.mkdir(parents=True, exist_ok=True)
    for left in sorted(folder.glob(f"{name}-*.jsonl")):
        (root / left.name).upload(left)
        left.unlink()
    local = folder / f"{name}-{uuid.uuid4().hex[:12]}.jsonl"
    ending = threading.Event()

    def copy() -> None:
        copied = 0
        while not ending.wait(UPLOAD_S):
            size = local.stat().st_size
            if size != copied:
                with suppress(PipelineError):  # tried again in a moment, and in the end
                    (root / local.name).upload(local)
                    copied = size

    local.touch()
    thread = threading.Thread(target=copy, name="spend", daemon=True)
    thread.start()
    try:
        yield local
    finally:
        ending.set()
        thread.join()
        if local.stat().st_size:
            (root / local.name).upload(local)
        local.unlink()


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
