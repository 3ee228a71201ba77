"""What a long job tells whoever watches it, and how it is asked to stop."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from pipeline.core.errors import PipelineError


class Step(StrEnum):
    """What is counted while a run goes on."""

    ROWS = "rows"
    """Source rows whose shards are laid out."""
    ANCHORS = "anchors"
    """Source rows whose captions are written, made or rejected."""
    EDITS = "edits"
    """Counterfactual captions accepted."""
    IMAGES = "images"
    """Pictures drawn."""
    SHARDS = "shards"
    """Shards finished."""
    ENCODED = "encoded"
    """Fine-tuning: pictures with captions that are in the cache."""
    TRAINED = "trained"
    """Fine-tuning: optimiser steps done."""


class Observer(Protocol):
    """Is told about progress; may be called from several threads."""

    def advance(self, step: Step, amount: int, /) -> None:
        """Add `amount` to what is done of `step`."""
        ...

    def total(self, step: Step, amount: int | None, /) -> None:
        """Say how much of `step` there will be, or None while that is unknown."""
        ...

    def measured(
        self, shard_id: int, stage: str, seconds: float, counts: dict[str, int], /
    ) -> None:
        """Say how long the stage "captions" or "images" of a shard took; never part of the data."""
        ...

    @property
    def stopping(self) -> bool:
        """Whether the user asked to stop; asked between batches."""
        ...


class Stopped(PipelineError):
    """The user asked to stop; every finished shard is kept and a rerun goes on from there."""


class StopSignal:
    """Whether the user asked to stop, for what waits a long time between two batches."""

    def __init__(self) -> None:
        """Nobody has asked."""
        self._observer: Observer | None = None

    def watch(self, observer: Observer) -> None:
        """Ask this observer from now on."""
        self._observer = observer

    @property
    def stopping(self) -> bool:
        """Whether the user asked to stop."""
        return self._observer is not None and self._observer.stopping


class Silent:
    """An observer that nobody watches."""

    stopping = False

    def advance(self, step: Step, amount: int, /) -> None:
        """Ignore it."""

    def total(self, step: Step, amount: int | None, /) -> None:
        """Ignore it."""

    def measured(
        self, shard_id: int, stage: str, seconds: float, counts: dict[str, int], /
    ) -> None:
        """Ignore it."""


def advance_or_stop(observer: Observer, step: Step, amount: int) -> None:
    """Count progress of work that writes nothing, and end it where the user asked to.

    Raises:
        Stopped: The user did.
    """
    observer.advance(step, amount)
    if observer.stopping:
        raise Stopped("stopped on request; nothing was changed")
