"""What the driver and the actors of a run all know: news, money, and the wish to stop.

It is kept by an actor without work of its own. Nothing else moves between machines; what is
made, the actors write to the disk that all of them see.
"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pipeline.adapters.llm.budget import Spend, Usage
from pipeline.core.errors import PermanentError
from pipeline.core.progress import Step

MOST_TRIES = 4
"""Times that a step of a shard is begun. One that ends its process each time would do so for
ever, as Ray starts actors anew."""

News = tuple[str, tuple[Any, ...]]
"""Name of a method of an observer, and its arguments."""

KEEP = "keep"
"""Name of the news that something was spent or set aside: it is for the driver's ledger."""


class Coordinator:
    """What all know of a run; its methods are called one after the other.

    A step of a shard that is begun again, because its actor has died, is counted once: what
    the first try told is taken back. Its reservations stay booked as spent, as a provider
    bills what it has begun to answer.
    """

    def __init__(
        self, pools: Sequence[tuple[str, int | None]], earlier: Usage | None = None
    ) -> None:
        """Begin with nothing done.

        Args:
            pools: Their names, in order, and how far each may be ahead of the next.
            earlier: What the run had spent before.
        """
        self._pools = dict(pools)
        self._next = {name: after for (name, _), (after, _) in zip(pools, pools[1:], strict=False)}
        self._begun: dict[str, set[int]] = {name: set() for name, _ in pools}
        self._holders: dict[tuple[str, int], str] = {}
        self._tries: Counter[tuple[str, int]] = Counter()
        self._told: dict[tuple[str, int], Counter[Step]] = {}
        self._news: list[News] = []
        self._error: bytes | None = None
        self._stopping = False
        self._spend = Spend()
        self._spend.continue_from(
            earlier or Usage(), lambda usd, tokens: self._news.append((KEEP, (usd, tokens)))
        )
        self._reserved: dict[str, tuple[float, int]] = {}

    def begin(self, worker: str, step: str, shard_id: int) -> str:
        """Whether this step of a shard may be done now: "go", "wait", or "skip" for never."""
        if self._stopping or self._error is not None:
            return "skip"
        key, begun = (step, shard_id), self._begun[step]
        most, after = self._pools[step], self._next.get(step)
        is_ahead = (
            most is not None and after is not None and len(begun - self._begun[after]) >= most
        )
        if is_ahead and shard_id not in begun:
            return "wait"
        before = self._holders.get(key)
        self._tries[key] += 1
        if self._tries[key] > MOST_TRIES:
            self._error = pickle.dumps(
                PermanentError(
                    f"{step} of shard {shard_id}: its process died {MOST_TRIES} times, perhaps for "
                    "want of memory; see Ray's logs, then run again to go on"
                )
            )
            return "skip"
        if before not in {None, worker}:
            self._forfeit(str(before))
        for counted, amount in self._told.pop(key, Counter()).items():
            self._news.append(("advance", (counted, -amount)))
        begun.add(shard_id)
        self._holders[key] = worker
        return "go"

    def tell(self, key: tuple[str, int] | None, news: Sequence[News]) -> bool:
        """Take news of a step of a shard; returns whether to stop."""
        self._news += news
        if key is not None:
            told = self._told.setdefault(key, Counter())
            for name, arguments in news:
                if name == "advance":
                    told[arguments[0]] += arguments[1]
        return self._stopping

    def fail(self, error: bytes) -> None:
        """Keep the first error, pickled; nothing new is begun after it."""
        self._error = self._error or error

    def take(self) -> tuple[list[News], bytes | None]:
        """The news since the last call, and the first error."""
        news, self._news = self._news, []
        return news, self._error

    def stop(self) -> None:
        """Ask every step that is under way to stop soon, and begin no further one."""
        self._stopping = True

    def book(self, key: tuple[str, str], usage: Usage) -> None:
        """Book what requests cost."""
        self._spend.book(key, usage)

    def usage(self) -> dict[tuple[str, str], Usage]:
        """What was used so far."""
        return self._spend.by_prompt()

    def earlier(self) -> Usage:
        """What the run had spent before."""
        return self._spend.earlier

    def reserved_tokens(self) -> int:
        """What is set aside at present."""
        return self._spend.reserved_tokens

    def reserve(
        self, worker: str, usd: float, tokens: int, max_usd: float | None, max_tokens: int | None
    ) -> bool:
        """Set this much aside for an actor; False if it does not fit."""
        if not self._spend.reserve(usd, tokens, max_usd=max_usd, max_tokens=max_tokens):
            return False
        self._hold(worker, usd, tokens)
        return True

    def release(self, worker: str, usd: float, tokens: int) -> None:
        """Give a reservation back."""
        self._spend.release(usd, tokens)
        self._hold(worker, -usd, -tokens)

    def _hold(self, worker: str, usd: float, tokens: int) -> None:
        held_usd, held_tokens = self._reserved.get(worker, (0.0, 0))
        self._reserved[worker] = held_usd + usd, held_tokens + tokens

    def _forfeit(self, worker: str) -> None:
        usd, tokens = self._reserved.pop(worker, (0.0, 0))
        if tokens:
            self._spend.release(usd, tokens)
            self._spend.book(("lost", "with a process that died"), Usage(tokens_in=tokens, usd=usd))
