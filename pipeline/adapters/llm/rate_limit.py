"""Requests and tokens per minute, spread evenly so that no window of the server is overrun."""

from __future__ import annotations

import asyncio

from aiolimiter import AsyncLimiter

BURST_S = 1.0
"""A bucket holds what this many seconds allow. A whole minute's burst, which most libraries
permit by default, would let almost twice the limit through within the first minute."""


class TokenBucket:
    """At most `per_minute` units in a minute, whatever the size of a single take."""

    def __init__(self, per_minute: int) -> None:
        self._bucket = max(1.0, per_minute / 60 * BURST_S)
        self._limiter = AsyncLimiter(self._bucket, self._bucket * 60 / per_minute)
        # One take at a time, in order: a large one must not wait for ever behind small ones.
        self._turn = asyncio.Lock()

    async def take(self, units: int) -> None:
        """Wait until `units` may pass."""
        async with self._turn:
            left = float(units)
            while left > 0:
                part = min(left, self._bucket)
                await self._limiter.acquire(part)
                left -= part


class RateLimit:
    """Limits of requests and of tokens; None is no limit. Belongs to one event loop.

    Tokens are counted as providers count them for this purpose: an estimate of what is
    read plus the longest answer that is allowed.
    """

    def __init__(self, requests_per_minute: int | None, tokens_per_minute: int | None) -> None:
        self._requests = TokenBucket(requests_per_minute) if requests_per_minute else None
        self._tokens = TokenBucket(tokens_per_minute) if tokens_per_minute else None

    async def admit(self, tokens: int) -> None:
        """Wait until one request of `tokens` tokens may be sent."""
        if self._requests is not None:
            await self._requests.take(1)
        if self._tokens is not None:
            await self._tokens.take(tokens)
