"""What a language model costs, and a limit on it that is never exceeded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.config.prices import Price
from pipeline.core.protocols import ChatRequest

PICTURE_TOKENS = 1200
"""What a picture of 1,024 px costs to read at most, as the common models count."""

BYTES_PER_TOKEN = 3
"""Low for English (about 4), so that an estimate made from it is rather too high."""

MESSAGE_TOKENS = 64
"""What a chat template and a schema's name add to the text of a request."""


def estimate_tokens(request: ChatRequest, schema_bytes: int) -> int:
    """Tokens that a request reads, from its length; rather too many than too few."""
    size_bytes = len(request.system.encode()) + len(request.user.encode()) + schema_bytes
    picture_tokens = PICTURE_TOKENS if request.picture else 0
    return size_bytes // BYTES_PER_TOKEN + MESSAGE_TOKENS + picture_tokens


@dataclass(frozen=True, slots=True)
class Usage:
    """A sum over requests.

    Attributes:
        requests: Requests that were answered by the model, failures included.
        cached: Requests that were answered from the cache.
        failures: Answers of the model that cannot be used.
        tokens_in: Tokens read.
        tokens_out: Tokens written.
        usd: Cost.
    """

    requests: int = 0
    cached: int = 0
    failures: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float = 0.0

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.tokens_in + self.tokens_out

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.requests + other.requests,
            self.cached + other.cached,
            self.failures + other.failures,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.usd + other.usd,
        )


Record = Callable[[float, int], None]
"""Keeps a change of what is spent or set aside, in USD and tokens, beyond this process's life."""


class Spend:
    """The ledger: tokens and cost for each (stage, prompt version). Safe with threads.

    It also holds what is set aside for requests that are under way, so that all who write to
    one ledger keep one limit together.

    Attributes:
        is_shared: Whether other processes write to it too.
        earlier: What earlier and other processes of the same run spent: it counts against the
            limits and is no part of what this process says of itself.
    """

    is_shared = False

    def __init__(self) -> None:
        self.earlier = Usage()
        self._record: Record | None = None
        self._usage: dict[tuple[str, str], Usage] = {}
        self._reserved_usd = 0.0
        self._reserved_tokens = 0
        self._lock = threading.RLock()

    def continue_from(self, earlier: Usage, record: Record) -> None:
        """Go on from what a run has spent, and keep every change of it."""
        self.earlier = earlier
        self._record = record

    def add(self, request: ChatRequest, usage: Usage) -> None:
        """Book what a request cost."""
        self.book((request.stage, request.prompt_version), usage)

    def book(self, key: tuple[str, str], usage: Usage) -> None:
        """Book what requests of a (stage, prompt version) cost."""
        self.book_kept(key, usage)
        self.keep(usage.usd, usage.tokens)

    def book_kept(self, key: tuple[str, str], usage: Usage) -> None:
        """Book what was kept already, as another process had told."""
        with self._lock:
            self._usage[key] = self._usage.get(key, Usage()) + usage

    def keep(self, usd: float, tokens: int) -> None:
        """Keep a change beyond this process's life, where the run does so."""
        if self._record is not None and (usd or tokens):
            self._record(usd, tokens)

    def by_prompt(self) -> dict[tuple[str, str], Usage]:
        """(stage, prompt version) → what was used so far, sorted."""
        with self._lock:
            return dict(sorted(self._usage.items()))

    @property
    def total(self) -> Usage:
        """Everything that was used so far."""
        return sum(self.by_prompt().values(), Usage())

    @property
    def reserved_tokens(self) -> int:
        """What is set aside at present."""
        with self._lock:
            return self._reserved_tokens

    def reserve(
        self, usd: float, tokens: int, *, max_usd: float | None, max_tokens: int | None
    ) -> bool:
        """Set this much aside; False if it does not fit under the limits."""
        with self._lock:
            total = self.total
            if max_usd is not None and total.usd + self._reserved_usd + usd > max_usd:
                return False
            if max_tokens is not None:
                after_tokens = total.tokens + self._reserved_tokens + tokens
                if after_tokens > max_tokens:
                    return False
            self._reserved_usd += usd
            self._reserved_tokens += tokens
        # What is under way when a process is killed may have been paid.
        self.keep(usd, tokens)
        return True

    def release(self, usd: float, tokens: int) -> None:
        """Give a reservation back."""
        with self._lock:
            self._reserved_usd -= usd
            self._reserved_tokens -= tokens
        self.keep(-usd, -tokens)


class Budget:
    """Lets a request start only if even its dearest outcome stays within the limits.

    What is under way is reserved at its worst case and settled at its true cost, so the
    limits hold at any concurrency, and for all budgets of one ledger together; near the limit
    requests run one after the other. A request that is tried again after a failure is counted
    once, as providers bill it.
    """

    def __init__(
        self,
        price: Price,
        spend: Spend,
        *,
        max_usd: float | None,
        max_tokens: int | None,
        share: int = 1,
    ) -> None:
        """Start at what `spend` already holds.

        Args:
            price: Of a token.
            spend: The ledger.
            max_usd: Limit of the run.
            max_tokens: Limit of the run.
            share: Processes that share what the run has left of the limits, in equal parts.
        """
        self.price = price
        self.spend = spend
        self.max_usd = max_usd
        self.max_tokens = max_tokens
        self._share = share

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return self.max_usd is not None or self.max_tokens is not None

    @property
    def idle(self) -> bool:
        """Whether nothing is reserved."""
        return self.spend.reserved_tokens == 0

    def reserve(self, tokens_in: int, tokens_out: int) -> bool:
        """Set the worst case of one request aside; False if it does not fit."""
        if not self.limited:
            return True
        earlier = self.spend.earlier
        return self.spend.reserve(
            self.price.cost_usd(tokens_in, tokens_out),
            tokens_in + tokens_out,
            max_usd=None if self.max_usd is None else (self.max_usd - earlier.usd) / self._share,
            max_tokens=(
                None
                if self.max_tokens is None
                else (self.max_tokens - earlier.tokens) // self._share
            ),
        )

    def release(self, tokens_in: int, tokens_out: int) -> None:
        """Give a reservation back, after the true cost was booked or nothing was sent."""
        if self.limited:
            usd = self.price.cost_usd(tokens_in, tokens_out)
            self.spend.release(usd, tokens_in + tokens_out)

    def describe(self) -> str:
        """What was spent, of what."""
        own, earlier = self.spend.total, self.spend.earlier
        total = own + earlier
        limits = []
        if self.max_usd is not None:
            limits.append(f"{total.usd:.4f} of {self.max_usd:g} USD (llm.max_usd)")
        if self.max_tokens is not None:
            limits.append(f"{total.tokens} of {self.max_tokens} tokens (llm.max_tokens)")
        spent = " and ".join(limits) or f"{total.usd:.4f} USD and {total.tokens} tokens"
        said = f"spent {spent} in {own.requests} requests"
        if earlier.tokens:
            said = f"the run has spent {spent}, {earlier.tokens} tokens of it before this start"
        return said if self._share == 1 else f"{said}; {self._share} processes share what is left"
