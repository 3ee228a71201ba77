"""What an actor does its work with: it asks the coordinator, and tells it what came of a shard."""

from __future__ import annotations

import os
import pickle
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from pipeline.adapters.llm.budget import Spend, Usage
from pipeline.adapters.ray_data.coordinator import News
from pipeline.core.errors import PermanentError
from pipeline.core.progress import Step

HEARTBEAT_S = 0.5
"""How often an actor asks the coordinator whether to stop, in seconds."""


class Worker:
    """An actor's link to the coordinator, in the actor's process; an observer of its stages.

    Its thread tells the news twice a second and asks whether to stop. Where the coordinator is
    gone, the driver is, and the process ends: it must not write without the driver's lock.

    Attributes:
        stopping: Whether the driver asked to stop.
    """

    def __init__(self, coordinator: Any, step: str) -> None:
        self.stopping = False
        self._coordinator = coordinator
        self._step = step
        self._name = uuid.uuid4().hex
        self._key: tuple[str, int] | None = None
        self._news: list[News] = []
        self._guard = threading.Lock()
        self._sending = threading.Lock()
        threading.Thread(target=self._heartbeat, name="coordinator", daemon=True).start()

    def do(self, shard_id: int, work: Callable[[int], object]) -> None:
        """Do the step of a shard, unless something has ended the run; errors go to the driver."""
        while (answer := self.ask("begin", self._name, self._step, shard_id)) == "wait":
            time.sleep(HEARTBEAT_S)
        if answer == "skip":
            return
        self._key = (self._step, shard_id)
        try:
            work(shard_id)
        except Exception as error:
            self.ask("fail", pickled(error))
        finally:
            self._send()
            self._key = None

    def ask(self, method: str, *arguments: Any) -> Any:
        """Call a method of the coordinator."""
        import ray

        return ray.get(getattr(self._coordinator, method).remote(*arguments))

    def advance(self, step: Step, amount: int, /) -> None:
        """Add `amount` to what is done of `step`."""
        self._add("advance", step, amount)

    def total(self, step: Step, amount: int | None, /) -> None:
        """Nothing: the driver knows how much there is."""

    def measured(
        self, shard_id: int, stage: str, seconds: float, counts: dict[str, int], /
    ) -> None:
        """Say how long a step of a shard took."""
        self._add("measured", shard_id, stage, seconds, counts)

    def spend(self) -> SharedSpend:
        """The ledger of all."""
        return SharedSpend(self, self._name)

    def _add(self, name: str, *arguments: Any) -> None:
        with self._guard:
            self._news.append((name, arguments))

    def _send(self) -> None:
        # One after the other: a shard is not done before all its news are told.
        with self._sending:
            with self._guard:
                news, self._news = self._news, []
            self.stopping = self.ask("tell", self._key, news)

    def _heartbeat(self) -> None:
        import ray

        while True:
            time.sleep(HEARTBEAT_S)
            try:
                self._send()
            except ray.exceptions.RayError:
                os._exit(1)


class SharedSpend(Spend):
    """The coordinator's ledger: one for all actors, and so one limit for all."""

    is_shared = True

    def __init__(self, worker: Worker, name: str) -> None:
        super().__init__()
        self._worker = worker
        self._name = name
        self.earlier = worker.ask("earlier")

    def book(self, key: tuple[str, str], usage: Usage) -> None:
        """Book what requests cost."""
        self._worker.ask("book", key, usage)

    def by_prompt(self) -> dict[tuple[str, str], Usage]:
        """What all have used so far."""
        found: dict[tuple[str, str], Usage] = self._worker.ask("usage")
        return found

    @property
    def reserved_tokens(self) -> int:
        """What is set aside for all of them at present."""
        return int(self._worker.ask("reserved_tokens"))

    def reserve(
        self, usd: float, tokens: int, *, max_usd: float | None, max_tokens: int | None
    ) -> bool:
        """Set this much aside; False if it does not fit beside what the others have."""
        return bool(self._worker.ask("reserve", self._name, usd, tokens, max_usd, max_tokens))

    def release(self, usd: float, tokens: int) -> None:
        """Give a reservation back."""
        self._worker.ask("release", self._name, usd, tokens)


def pickled(error: Exception) -> bytes:
    """The error, or what it says where it does not pickle."""
    try:
        found = pickle.dumps(error)
        pickle.loads(found)  # noqa: S301  (our own bytes)
    except Exception:
        return pickle.dumps(PermanentError(f"{type(error).__name__}: {error}"))
    return found
