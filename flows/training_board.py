"""What Prefect's pages show of a training: progress, the newest grid, a summary at its end."""

from __future__ import annotations

import base64
import io
import logging
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from prefect.artifacts import (
    create_image_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    update_progress_artifact,
)

from pipeline.core.progress import Step
from pipeline.training.sdxl.config import FinetuneConfig
from pipeline.training.sdxl.outcome import FinetuneOutcome
from pipeline.training.sdxl.run import draw_flags

UPDATE_S = 5.0
"""Shortest time between two updates of the progress bar, in seconds."""

GRID_PX = 1024
"""Longest side of a grid in Prefect, which keeps it in its database; the file is whole."""

Logger = logging.Logger | logging.LoggerAdapter[Any]


class TrainingBoard:
    """An observer of a training whose news goes to Prefect.

    A server that cannot be reached costs a line in the log, never the training.
    """

    stopping = False

    def __init__(
        self, logger: Logger, config: FinetuneConfig, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._logger = logger
        self._config = config
        self._clock = clock
        self._done: Counter[Step] = Counter()
        self._steps = config.train.steps
        self._artifact: UUID | None = None
        self._shown = ""
        self._next_update = float("-inf")

    def advance(self, step: Step, amount: int, /) -> None:
        """Add to what is done, and show it now and then."""
        self._done[step] += amount
        self.show()

    def total(self, step: Step, amount: int | None, /) -> None:
        """Take note of how many steps there will be."""
        if step is Step.TRAINED and amount:
            self._steps = amount

    def measured(self, shard_id: int, half: str, seconds: float, counts: dict[str, int], /) -> None:
        """Ignored: a training has no shards."""

    @property
    def percent(self) -> float:
        """Share of the steps that are done, 0 to 100."""
        return 100.0 * min(1.0, self._done[Step.TRAINED] / self._steps)

    @property
    def line(self) -> str:
        """What is done, in one line."""
        done = self._done
        encoded, trained = done[Step.ENCODED], done[Step.TRAINED]
        return f"{encoded:,} pictures encoded, {trained:,} of {self._steps:,} steps"

    def show(self, *, now: bool = False) -> None:
        """Update the progress bar if it is due and something changed."""
        moment = self._clock()
        if self.line == self._shown or (moment < self._next_update and not now):
            return
        self._next_update = moment + UPDATE_S
        self._shown = self.line
        try:
            if self._artifact is None:
                made = create_progress_artifact(progress=self.percent, description=self.line)
                self._artifact = made if isinstance(made, UUID) else None
            else:
                update_progress_artifact(
                    self._artifact, progress=self.percent, description=self.line
                )
        except httpx.HTTPError as error:
            self._logger.warning("progress is not shown, the server is away: %s", error)

    def show_grid(self, step: int, path: Path) -> None:
        """Leave a grid in Prefect as a picture, a new version of the same artifact each time."""
        self._logger.info("step %d: the validation grid is %s", step, path)
        try:
            create_image_artifact(
                image_url=picture_url(path),
                key=artifact_key(self._config, "grid"),
                description=f"step {step}: {path.resolve()}",
            )
        except httpx.HTTPError as error:
            self._logger.warning("the grid is not shown, the server is away: %s", error)


def picture_url(path: Path) -> str:
    """The picture itself as a `data:` address, scaled down to GRID_PX."""
    from PIL import Image

    with Image.open(path) as image:
        image.thumbnail((GRID_PX, GRID_PX))
        buffer = io.BytesIO()
        image.save(buffer, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def artifact_key(config: FinetuneConfig, what: str) -> str:
    """Key of an output folder's artifact: lower-case letters, digits and dashes."""
    slug = re.sub(r"[^a-z0-9]+", "-", config.folder.name.lower()).strip("-")
    return "-".join(part for part in ("finetune-sdxl", slug, what) if part)


def headline(outcome: FinetuneOutcome) -> str:
    """One line for the state of the flow run."""
    before = f" from step {outcome.resumed_from:,}" if outcome.resumed_from else ""
    return (
        f"{outcome.steps:,} steps{before} on {outcome.examples:,} examples, "
        f"{outcome.trained:,} numbers trained: {outcome.weights.resolve()}"
    )


def publish_outcome(config: FinetuneConfig, outcome: FinetuneOutcome, logger: Logger) -> str:
    """Leave a summary in Prefect and return it as one line."""
    part = max(1, len(outcome.losses) // 10)
    losses = [sum(some) / part for some in (outcome.losses[:part], outcome.losses[-part:])]
    moved = (
        f"{losses[0]:.4f} at first, {losses[1]:.4f} at last" if outcome.losses else "no step left"
    )
    page = (
        f"# {config.folder.name}\n\n{headline(outcome)}\n\n"
        f"- mean loss in this run: {moved}\n"
        f"- pictures encoded: {outcome.cache.pictures_encoded:,}, "
        f"found in the cache: {outcome.cache.pictures_reused:,}\n\n"
        f"## Draw with it\n\n    counterfactory run --images sdxl {draw_flags(config, outcome)}\n"
    )
    try:
        create_markdown_artifact(page, key=artifact_key(config, "summary"))
    except httpx.HTTPError as error:
        logger.warning("the summary is not shown, the server is away: %s", error)
    return headline(outcome)
